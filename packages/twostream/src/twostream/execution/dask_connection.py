"""Reaching a Dask cluster: its scheduler, workers that are there, and of the caller's versions."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from twostream.errors import TwostreamError
from twostream.events import warn
from twostream.execution.dask_answers import answered
from twostream.execution.dask_worker import refused, require_agreement, versions
from twostream.execution.starting import without_interrupts
from twostream.extras import how_to_install
from twostream.progress import clock

LOCAL = re.compile(r"local:(\d+)")
CONNECT_SECONDS = 10.0  # a scheduler that was started a moment ago
SLACK_SECONDS = 1.0  # so that what Dask says of it comes first
# How long a cluster may be without any worker, at first or later: some wait in a queue for their machine.
NO_WORKER_SECONDS = 600.0
UNTOLD_SECONDS = 2.0


def reach(address: str) -> None:
    """Raise TwostreamError where Dask is not installed, or the scheduler at `address` does not answer."""
    if LOCAL.fullmatch(address):
        _library()
    else:
        with connected(address):
            pass


def _library() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise TwostreamError(
            "--cluster",
            expected="Dask, with `distributed`",
            found="none",
            remedy=how_to_install("dask"),
        ) from error
    return distributed


def _require_scheduler(address: str) -> None:
    """Raise TwostreamError where no host has the name, or no scheduler answers there.

    A `Client` asks for a name again and again, waits without end for what is no scheduler (its page, a
    port beside it), and needs twenty seconds to give up a kind of address that is not set up.
    """
    named = urlsplit(address)
    try:
        socket.getaddrinfo(named.hostname, named.port)
    except (OSError, ValueError) as error:
        raise _unreachable(address, getattr(error, "strerror", None) or str(error)) from error
    try:
        found = asyncio.run(
            asyncio.wait_for(_kind_of_server(address), CONNECT_SECONDS + SLACK_SECONDS)
        )
    except TimeoutError as error:
        why = f"no word of a scheduler in {CONNECT_SECONDS:g} s"
        raise _unreachable(address, why) from error
    except OSError as error:
        raise _unreachable(address, f"{_first_words(error)}, for {CONNECT_SECONDS:g} s") from error
    except Exception as error:  # each kind of address has errors of its own
        raise _unreachable(address, f"{type(error).__name__}: {error}") from error
    if found != "Scheduler":
        raise _unreachable(address, f"a {found.lower()} of Dask")


def _first_words(error: BaseException) -> str:
    """What the earliest cause of an error says that says anything: time-outs are often silent."""
    said = ""
    cause: BaseException | None = error
    while cause is not None:
        said = getattr(cause, "strerror", None) or str(cause) or said
        cause = cause.__cause__
    return said


async def _kind_of_server(address: str) -> str:
    from distributed.comm import connect
    from distributed.core import send_recv
    from distributed.security import Security

    how = Security().get_connection_args("client")
    comm = await connect(address, timeout=CONNECT_SECONDS, **how)
    try:
        return str((await send_recv(comm, op="identity"))["type"])
    finally:
        comm.abort()


def _unreachable(address: str, why: str) -> TwostreamError:
    return TwostreamError(
        "--cluster",
        expected="the address of a Dask scheduler that answers, such as tcp://host:8786",
        found=f"{address}: {why}",
        remedy="start one with `dask scheduler`, or check address and network",
    )


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """A `distributed.Client` of the cluster, which for ``local:N`` is there as long as the body runs.

    Raises TwostreamError where Dask is not installed, or the scheduler does not answer.
    """
    dask = _library()
    with ExitStack() as held:
        held.enter_context(_quietly())
        if found := LOCAL.fullmatch(address):
            with without_interrupts():  # Ctrl-C is for this process alone to hear
                cluster = dask.LocalCluster(
                    n_workers=int(found[1]),
                    threads_per_worker=1,
                    host="127.0.0.1",
                    # Without its page, too, it takes a port: 8787 unless told, with a warning where
                    # that is taken.
                    scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
                    memory_limit=0,
                    silence_logs=50,
                )
                held.callback(cluster.close)
                client = held.enter_context(dask.Client(cluster, set_as_default=False))
        else:
            _require_scheduler(address)
            try:
                with _versions_told_by_us():
                    client = dask.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
            except (OSError, ValueError) as error:
                raise _unreachable(address, str(error)) from error
            held.enter_context(_closed_afterwards(client))
        yield client


@contextmanager
def _closed_afterwards(client: Any) -> Iterator[None]:
    """Let a client go. That it cannot say so to its scheduler in time takes nothing from what was done."""
    try:
        yield
    finally:
        with suppress(OSError, TimeoutError):
            client.close()


@contextmanager
def _quietly() -> Iterator[None]:
    """Without the tracebacks that a client prints of a scheduler that is gone: that is told by an error."""
    logger = logging.getLogger("distributed.client")
    usual = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(usual)


@contextmanager
def _versions_told_by_us() -> Iterator[None]:
    """Without Dask's table of versions that differ, which is of other packages and refuses nobody."""
    from distributed.versions import VersionMismatchWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VersionMismatchWarning)
        yield


def wait_for_a_worker(client: Any, address: str) -> None:
    """Tell where no worker is there, and wait; raises TwostreamError where none comes in time."""
    if _has_a_worker(client, address, within_seconds=UNTOLD_SECONDS):
        return
    how = f"start some with `dask worker {address} --nthreads 1 --nworkers 4`"
    warn(f"{address}: no worker is there; waiting up to {clock(NO_WORKER_SECONDS)} for one: {how}")
    if not _has_a_worker(client, address, within_seconds=NO_WORKER_SECONDS):
        raise TwostreamError(
            address,
            expected="a cluster with workers",
            found=f"none within {clock(NO_WORKER_SECONDS)}",
            remedy=how,
        )


def _has_a_worker(client: Any, address: str, *, within_seconds: float) -> bool:
    from distributed import TimeoutError as DaskTimeoutError

    try:
        answered(client, address, lambda: client.wait_for_workers(1, timeout=within_seconds))
    except (DaskTimeoutError, TimeoutError):
        return False
    return True


def require_alike(client: Any, address: str, workers: list[str], ours: dict[str, str]) -> None:
    """Raise FatalError unless the workers have our versions; say where libraries differ."""

    def ask() -> Any:
        return client.run(versions, workers=workers, on_error="return")

    for worker, theirs in answered(client, address, ask).items():
        if isinstance(theirs, OSError):
            continue  # it has gone
        if isinstance(theirs, BaseException):  # most likely there is none, or an earlier one
            is_absent = "No module named 'twostream'" in str(theirs)
            raise refused(
                worker, ours, "none" if is_absent else f"{type(theirs).__name__}: {theirs}"
            )
        require_agreement(theirs, ours, worker)
        for name in ours:
            if theirs.get(name) != ours[name]:
                warn(f"{worker}: {name} {theirs.get(name, 'is missing')}, here {ours[name]}")
