"""The process that holds the networks and decodes uploads: a hostile file breaks this, and no more."""

from __future__ import annotations

import gc
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from twostream.allocator import ONE_HEAP, tune
from twostream.environment import available_cores
from twostream.errors import TwostreamError
from twostream.events import Event, Said, Warned, listening
from twostream.events import Work as Progress
from twostream.execution.starting import end_with_parent
from twostream.prediction.options import PredictOptions
from twostream.serving.options import MEBI, LimitOptions
from twostream.serving.tasks import Done, Loaded, Refused, Task

TELL_EVERY_SECONDS = 0.2


class StoppedError(Exception):
    """The server wants no more of a task."""


class Answers:
    """The pipe to the server, into which several threads speak."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()

    def __call__(self, *message: Any) -> None:
        """Say one thing; nothing where nobody is there any more, which whoever listens is told."""
        with self._lock, suppress(OSError):
            self._pipe.send(message)


def work(pipe: Connection, run: str, predict: PredictOptions, limits: LimitOptions) -> None:
    """Load the networks of a run, and do tasks until the pipe ends: the body of the worker's process.

    It hears ``("do", number, task)`` and ``("stop", number)``. It says how loading goes, ``("said", text)``
    and ``("loading", event)``, then ``("loaded", Loaded)`` or ``("failed", error)``; then of each task
    ``("progress", number, done_s, of_s)`` and at last ``("done", number, Done or Refused)``, or
    ``("bug", number, traceback)`` where that fails.
    """
    # Ctrl-C reaches the whole process group; the server alone decides what happens then.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tune(ONE_HEAP)  # else memory would grow by some MiB whenever tasks first meet in another way
    threading.Thread(target=end_with_parent, daemon=True).start()
    answer = Answers(pipe)

    def loading(event: Event) -> None:
        if isinstance(event, Said | Warned):
            answer("said", event.message)
        elif isinstance(event, Progress):
            answer("loading", event)

    try:
        with listening(loading):
            do, loaded = _load(Path(run), predict, limits)
    except TwostreamError as error:
        answer("failed", error)
        return
    limit_memory(round(limits.worker_mib * MEBI))
    gc.collect()
    gc.freeze()  # else each look for garbage would be one through all that was loaded
    answer("loaded", loaded)
    stopped: dict[int, threading.Event] = {}

    def one(number: int, task: Task) -> None:
        try:
            answer("done", number, _outcome(do, task, number, stopped[number], answer))
        except StoppedError:
            answer("done", number, Refused(status=504, reason="stopped"))
        except Exception:
            answer("bug", number, traceback.format_exc())
        finally:
            del stopped[number]
            # PyAV's containers and decoders refer to one another, and are megabytes: uncollected ones would
            # be kept by the hundred.
            gc.collect()

    from twostream.video.opencv_threads import one_opencv_thread

    with one_opencv_thread():
        take_turns(pipe, stopped, one, threads=loaded.side_by_side + 1)


def take_turns(
    pipe: Connection,
    stopped: dict[int, threading.Event],
    do: Callable[[int, Task], None],
    *,
    threads: int,
) -> None:
    """Hear and do tasks in so many threads until the pipe ends: one more than tasks at a time.

    They listen in turns. Whoever hears a task does it at once, and another one listens meanwhile: handed to
    a thread that sleeps, a task would wait until that is woken, which on a busy machine takes as long as
    a small clip. In `stopped` is an event of each task at work, which is set where it is to stop.
    """
    turn = threading.Lock()

    def heard() -> tuple[int, Task] | None:
        while True:
            try:
                message = pipe.recv()
            except (EOFError, OSError):
                for event in list(stopped.values()):
                    event.set()
                return None  # nobody is there any more
            match message:
                case ("do", number, task):
                    stopped[number] = threading.Event()
                    return number, task
                case ("stop", number) if number in stopped:
                    stopped[number].set()

    def attend() -> None:
        while True:
            with turn:
                found = heard()
            if found is None:
                return
            do(*found)

    others = [threading.Thread(target=attend, name="tasks") for _ in range(threads - 1)]
    for one in others:
        one.start()
    attend()
    for one in others:
        one.join()


def _load(
    run: Path, options: PredictOptions, limits: LimitOptions
) -> tuple[Callable[..., Any], Loaded]:
    from twostream.models.inference import check_scoring
    from twostream.prediction.predictor import load_predictor
    from twostream.prediction.runs import read_run
    from twostream.prediction.side_by_side import Cores
    from twostream.serving.work import Work

    check_scoring(options.engine, options.device, options.precision)
    bundle = read_run(run, split=options.split)
    predictor = load_predictor(
        bundle,
        options.look,
        engine=options.engine,
        device=options.device,
        precision=options.precision,
    )
    if bundle.background is None and options.look.intervals.on_above is None:
        predictor.find_threshold()  # else the first long video would wait for it
    loaded = Loaded(
        classes=tuple(bundle.classes),
        streams=tuple(one.stream for one in bundle.streams),
        side_by_side=options.jobs or available_cores(),
        description=f"{len(bundle.classes)} classes, flow {bundle.flow.algorithm}",
    )
    return Work(predictor, limits.of_videos, Cores(available_cores())).do, loaded


def _outcome(
    do: Callable[..., Any], task: Task, number: int, stopped: threading.Event, answer: Answers
) -> Done | Refused:
    from twostream.video.limits import LimitError

    notes: list[str] = []

    def hear(event: Event) -> None:
        if isinstance(event, Warned):
            notes.append(_told(event.message, task))

    try:
        with listening(hear):
            result = do(task, _hearing(number, stopped, answer))
    except LimitError as error:
        return Refused(status=413, reason=_told(str(error), task))
    except TwostreamError as error:
        return Refused(status=422, reason=_told(str(error), task))
    except MemoryError:
        reason = f"{task.name}: needs more memory than a worker may take (--worker-mib)"
        return Refused(status=422, reason=reason)
    return Done(result=result, notes=tuple(dict.fromkeys(notes)))


def _told(text: str, task: Task) -> str:
    """The text with the name of the upload instead of the place where it lies."""
    return text.replace(str(task.video), task.name)


def _hearing(number: int, stopped: threading.Event, answer: Answers) -> Any:
    import time

    from twostream.prediction.predictor import Hearing

    length, told = 0.0, 0.0

    def check() -> None:
        if stopped.is_set():
            raise StoppedError

    def on_length(seconds: float) -> None:
        nonlocal length
        length = seconds

    def on_seconds(reached: float) -> None:
        nonlocal told
        check()
        now = time.monotonic()
        if now - told >= TELL_EVERY_SECONDS:
            told = now
            answer("progress", number, reached, length)

    return Hearing(check=check, on_length=on_length, on_seconds=on_seconds)


def limit_memory(more_bytes: int) -> None:
    """Let this process take so much memory beyond what it has; on Linux."""
    if sys.platform != "linux":
        return
    import resource

    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    for line in status.splitlines():
        if line.startswith("VmData:"):
            now = int(line.split()[1]) * 1024
            _, hard = resource.getrlimit(resource.RLIMIT_DATA)
            most = now + more_bytes
            resource.setrlimit(resource.RLIMIT_DATA, (most if hard < 0 else min(most, hard), hard))
