"""Tasks over worker processes that may be killed, hang or crash without taking the rest along.

Designs considered: a thread pool (a crash in a decoder ends everything), `ProcessPoolExecutor`
(one killed worker breaks the whole pool and loses its queue), and what stands here: each worker has
its own pipe, so that a death is noticed, costs one task one more try, and the rest goes on.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
import types
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, Literal, TypeVar

from twostream.errors import TwostreamError
from twostream.preparation.cores import CoreShare

Task = TypeVar("Task")
Result = TypeVar("Result")
MAX_TRIES = 2
Answer = tuple[Literal["result", "problem", "fatal", "alive"], Any]
ALIVE_EVERY_SECONDS = 1.0
# What a worker may take before its first word, on top of its task's time.
START_SECONDS = 600.0


class FatalError(TwostreamError):
    """A problem of the whole job, such as a full disk: raised by one task, it ends them all."""


@dataclass(frozen=True)
class Outcome(Generic[Task, Result]):
    """What became of one task: a result, or the reason why there is none."""

    task: Task
    result: Result | None
    problem: str | None


@dataclass
class _Job(Generic[Task]):
    task: Task
    tries: int = 0


@dataclass
class _Worker(Generic[Task]):
    process: BaseProcess
    pipe: Connection
    job: _Job[Task] | None = None
    deadline: float = float("inf")
    has_spoken: bool = False


@dataclass
class _Pool(Generic[Task, Result]):
    function: Callable[[Task], Result]
    size: int
    timeout_seconds: float
    queue: deque[_Job[Task]]
    share: CoreShare | None = None
    workers: list[_Worker[Task]] = field(default_factory=list)

    def start_worker(self) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, self.function), daemon=True)
        with _without_interrupts(), _without_main_module(self.function):
            process.start()
        theirs.close()
        self.workers.append(_Worker(process, ours))

    def hand_out(self) -> None:
        """Give every idle worker a task; keep as many workers as there is work for."""
        idle = sum(worker.job is None for worker in self.workers)
        for _ in range(min(self.size - len(self.workers), len(self.queue) - idle)):
            self.start_worker()
        for worker in self.workers:
            if worker.job is None and self.queue:
                worker.job = self.queue.popleft()
                start = 0.0 if worker.has_spoken else START_SECONDS
                worker.deadline = time.monotonic() + self.timeout_seconds + start
                # Where it died just now, `collect` finds its pipe at its end and tries again.
                with suppress(OSError):
                    worker.pipe.send(worker.job.task)
        if self.share is not None:
            self.share.set_busy(sum(worker.job is not None for worker in self.workers))

    def collect(self) -> Iterator[Outcome[Task, Result]]:
        """Wait for at least one worker and yield what is finished."""
        busy = [(worker, worker.job) for worker in self.workers if worker.job is not None]
        patience = max(0.0, min(worker.deadline for worker, _ in busy) - time.monotonic())
        ready = wait([worker.pipe for worker, _ in busy], timeout=min(patience, 3600.0))
        for worker, job in busy:
            if worker.pipe in ready:
                try:
                    kind, answer = worker.pipe.recv()
                except (EOFError, OSError):
                    worker.process.join(timeout=5)
                    yield from self._lost(worker, job, _death(worker.process))
                    continue
                if kind == "alive":
                    worker.has_spoken = True
                    worker.deadline = time.monotonic() + self.timeout_seconds
                    continue
                worker.job = None
                if kind == "fatal":
                    raise answer
                result, problem = (answer, None) if kind == "result" else (None, answer)
                yield Outcome(job.task, result, problem)
            elif time.monotonic() >= worker.deadline:
                reason = f"no progress in {self.timeout_seconds:g} s: stopped"
                yield from self._lost(worker, job, reason, last=True)

    def _lost(
        self, worker: _Worker[Task], job: _Job[Task], reason: str, *, last: bool = False
    ) -> Iterator[Outcome[Task, Result]]:
        self.stop(worker)
        self.workers.remove(worker)
        job.tries += 1
        if last or job.tries >= MAX_TRIES:
            yield Outcome(job.task, None, reason)
        else:
            self.queue.append(job)

    def stop(self, worker: _Worker[Task]) -> None:
        worker.process.kill()
        worker.process.join()
        worker.pipe.close()


def run_tasks(
    function: Callable[[Task], Result],
    tasks: Sequence[Task],
    *,
    workers: int,
    timeout_seconds: float = float("inf"),
    share: CoreShare | None = None,
) -> Generator[Outcome[Task, Result], None, None]:
    """Yield the outcome of ``function(task)`` for every task, in the order in which they finish.

    `function` and the tasks must be picklable. A worker that dies costs its task one more try; a
    task that outlasts `timeout_seconds` (counted anew whenever `function` calls `still_alive`) or
    kills two workers becomes a problem, and so does one whose `function` raises: one odd clip never
    ends a long job, only a FatalError does. An exception that is neither a TwostreamError nor an
    OSError is a bug; its problem says so, with the place, and the traceback goes to standard error.
    When the generator is closed (Ctrl-C), the workers are stopped; when this process is killed, they
    stop by themselves. `share`, which `function` may hold too, is told how many workers are busy.
    """
    jobs = deque(_Job(task) for task in tasks)
    pool: _Pool[Task, Result] = _Pool(function, max(1, workers), timeout_seconds, jobs, share)
    try:
        while pool.queue or any(worker.job is not None for worker in pool.workers):
            pool.hand_out()
            yield from pool.collect()
    finally:
        for worker in pool.workers:
            pool.stop(worker)


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Hold Ctrl-C back until a worker has started, so that neither side is caught halfway.

    The worker inherits the mask and so never shows a traceback while it starts. The mask alone is
    not enough here, since any other thread of this process may take the signal.
    """
    usual = signal.getsignal(signal.SIGINT)
    in_charge = threading.current_thread() is threading.main_thread() and callable(usual)
    if not in_charge or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # which lets interrupts through again where it starts
    held: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: held.append(number))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        signal.signal(signal.SIGINT, usual)
        if held:
            signal.raise_signal(signal.SIGINT)


@contextmanager
def _without_main_module(function: Callable[..., Any]) -> Iterator[None]:
    """Keep a worker from running the user's script again, which may call us without any guard."""
    if function.__module__ == "__main__":
        yield
        return
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


class _Pulse:
    """Tells the parent that a task goes on, at most once in `ALIVE_EVERY_SECONDS`."""

    def __init__(self, pipe: Connection) -> None:
        self.pipe = pipe
        self.told = time.monotonic()

    def __call__(self) -> None:
        now = time.monotonic()
        if now - self.told >= ALIVE_EVERY_SECONDS:
            self.told = now
            self.pipe.send(("alive", None))


_pulse: ContextVar[Callable[[], None]] = ContextVar("_pulse", default=lambda: None)


def still_alive() -> None:
    """Called by a long task now and then: its time limit begins anew. Cheap; no effect elsewhere."""
    _pulse.get()()


def _work(pipe: Connection, function: Callable[[Any], Any]) -> None:
    # Ctrl-C reaches the whole process group; the parent alone decides what happens then.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import cv2

    cv2.setNumThreads(1)
    _pulse.set(_Pulse(pipe))
    while True:
        try:
            task = pipe.recv()
            pipe.send(("alive", None))  # starting this process took its time, not the task's
            pipe.send(_answer(function, task))
        except (EOFError, OSError):
            return  # nobody is there any more


def _answer(function: Callable[[Any], Any], task: Any) -> Answer:
    try:
        return "result", function(task)
    except FatalError as error:
        return "fatal", error
    except TwostreamError as error:
        return "problem", f"expected {error.expected}, found {error.found}; {error.remedy}"
    except OSError as error:
        return "problem", f"{type(error).__name__}: {error}"
    except MemoryError:
        return "problem", "not enough memory for it"
    except Exception as error:
        traceback.print_exc()
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{place.name}, line {place.lineno}"
        what = f"{type(error).__name__}: {error} ({where})"
        return "problem", f"internal error, please report: {what}"


def _end_with_parent() -> None:
    """End this worker when its parent was killed: nobody would take its answer."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _death(process: BaseProcess) -> str:
    code = process.exitcode
    if code is not None and code < 0:
        known = -code in {item.value for item in signal.Signals}
        name = signal.Signals(-code).name if known else f"signal {-code}"
        return f"its worker was killed by {name} ({MAX_TRIES} tries)"
    return f"its worker ended with status {code} ({MAX_TRIES} tries)"
