"""A server from its beginning to its end: the folder, the worker, the socket, the signals."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType

from twostream.datasets.walk import walk
from twostream.errors import TwostreamError
from twostream.events import say
from twostream.serving.options import ServeOptions

PREFIX = "twostream-serve-"
NEW_TOKEN = "new"
MOST_EXAMPLES = 12
MOST_CONNECTIONS = 1000


def serve_run(run: Path, options: ServeOptions) -> None:
    """Serve a run until SIGINT or SIGTERM; raises TwostreamError where it cannot be loaded or reached."""
    if options.token == NEW_TOKEN:
        options = replace(options, token=secrets.token_urlsafe(24))
        say(f"token: {options.token}")
    examples = examples_in(options.examples)
    with closing(listening_socket(options)) as listening, _own_folder() as folder, _ending():
        asyncio.run(_serve(run, options, folder, examples, listening))
    say("stopped")


async def _serve(
    run: Path,
    options: ServeOptions,
    folder: Path,
    examples: tuple[Path, ...],
    listening: socket.socket,
) -> None:
    import uvicorn

    from twostream.serving.app import build_app
    from twostream.serving.engine import Engine
    from twostream.serving.service import Service

    engine = Engine(str(run), options.predict, options.limits)
    try:
        say(f"loading the networks of {engine.run} …")
        loaded = await engine.start()
        service = Service(str(run), options, folder, engine, examples)
        server = uvicorn.Server(
            uvicorn.Config(
                build_app(service),
                log_level="warning",
                access_log=False,
                server_header=False,
                ws="none",
                limit_concurrency=MOST_CONNECTIONS,
                timeout_graceful_shutdown=round(options.stop_seconds),
            )
        )
        service.is_stopping = lambda: bool(server.should_exit)
        port = listening.getsockname()[1]
        shown = f"[{options.host}]" if ":" in options.host else options.host
        say(f"{run}: {loaded.description}")
        say(f"http://{shown}:{port}/ (Ctrl-C stops)")
        await server.serve(sockets=[listening])
    finally:
        engine.stop()


def examples_in(folder: Path | None) -> tuple[Path, ...]:
    """Some videos of a folder, from all over it; raises TwostreamError where there is none."""
    if folder is None:
        return ()
    found = sorted(walk(folder, seen=frozenset()).videos)
    if not found:
        raise TwostreamError(
            folder,
            expected="a folder with videos to try (--examples)",
            found="none",
            remedy="name another folder, or leave it out",
        )
    step = max(len(found) / MOST_EXAMPLES, 1.0)
    return tuple(found[int(k * step)] for k in range(min(len(found), MOST_EXAMPLES)))


def listening_socket(options: ServeOptions) -> socket.socket:
    """The socket of a server, open; raises TwostreamError where its port is taken."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    # Said to be TCP, for asyncio sends small pieces at once only over sockets that say so: a client that
    # keeps its connection would wait 40 ms for each answer.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((options.host, options.port))
        made.listen(1024)
    except OSError as error:
        made.close()
        raise TwostreamError(
            f"--port {options.port}",
            expected=f"a free port of {options.host}",
            found=(error.strerror or str(error)).lower(),
            remedy="choose another; 0 takes a free one",
        ) from error
    return made


@contextmanager
def _own_folder() -> Iterator[Path]:
    """A folder for uploads that nobody else may read; what servers that were killed left is removed."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        number = left.name.removeprefix(PREFIX).partition("-")[0]
        if number.isdecimal() and _is_ours(left) and not _is_alive(int(number)):
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    try:
        return folder.lstat().st_uid == os.getuid() and not folder.is_symlink()
    except (OSError, AttributeError):  # gone meanwhile; a system without such numbers
        return False


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


class _EndError(BaseException):
    """The signal that ended the server, raised once more when all is in order."""


@contextmanager
def _ending() -> Iterator[None]:
    """End quietly on SIGINT and SIGTERM, which the server hears first and hands on when it has stopped."""

    def end(_: int, __: FrameType | None) -> None:
        raise _EndError

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with suppress(_EndError):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
