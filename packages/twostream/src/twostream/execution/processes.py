"""Tasks over processes of this machine that may be killed, hang or crash without taking the rest along.

Designs considered:

- A thread pool: a crash in a decoder ends everything.
- `ProcessPoolExecutor`: one killed worker breaks the whole pool and loses its queue.
- Pebble 5.2: a death costs one task, and a cancelled task's worker is stopped, in about 110 lines here
  instead of 200. But a worker that dies while no task is acknowledged (as it starts, say) breaks the pool
  like the above; a time limit cannot begin anew, so that signs of life need memory of our own shared with
  the workers; and it looks at its workers ten times a second instead of being woken.
- What stands here: each worker has its own pipe, so that a death is noticed whenever it comes, costs one
  task one more try, and the rest goes on.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, Literal

from twostream.execution.cores import CoreShare
from twostream.execution.outcomes import FatalError, Outcome, Result, Task, outcome_of
from twostream.execution.services import Services, offering
from twostream.execution.starting import (
    end_with_parent,
    without_interrupts,
    without_main_module,
)

MAX_TRIES = 2
Answer = tuple[Literal["outcome", "fatal", "alive"], Any]
ALIVE_EVERY_SECONDS = 1.0
# What a worker may take before its first word, on top of its task's time.
START_SECONDS = 600.0


@dataclass
class _Job(Generic[Task]):
    task: Task
    tries: int = 0


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    job: _Job[Any] | None = None
    deadline: float = float("inf")
    # The function of whose modules it has said that they are imported.
    at_home_in: Callable[..., Any] | None = None


@dataclass
class _Pool:
    """The workers that are there, at most `size`, each at work on a job or idle."""

    size: int
    share: CoreShare
    workers: list[_Worker] = field(default_factory=list)

    def start_worker(
        self, function: Callable[..., Any], first: Callable[[], None] | None = None
    ) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, self.share, first), daemon=True)
        with without_interrupts(), without_main_module(function):
            process.start()
        theirs.close()
        self.workers.append(_Worker(process, ours))

    def stop(self, worker: _Worker) -> None:
        self.workers.remove(worker)
        worker.process.kill()
        worker.process.join()
        worker.pipe.close()

    def stop_all(self) -> None:
        for worker in list(self.workers):
            self.stop(worker)


@dataclass
class _Round(Generic[Task, Result]):
    """One function over its tasks."""

    pool: _Pool
    function: Callable[[Task], Result]
    timeout_seconds: float
    queue: deque[_Job[Task]]

    def run(self) -> Generator[Outcome[Task, Result], None, None]:
        """Yield outcomes as tasks finish; a worker that is not done at the end is stopped."""
        try:
            while self.queue or self._busy():
                self.hand_out()
                yield from self.collect()
        finally:
            for worker in self._busy():
                self.pool.stop(worker)

    def _busy(self) -> list[_Worker]:
        return [worker for worker in self.pool.workers if worker.job is not None]

    def hand_out(self) -> None:
        """Give every idle worker a task; keep as many workers as there is work for."""
        workers = self.pool.workers
        idle = len(workers) - len(self._busy())
        for _ in range(min(self.pool.size - len(workers), len(self.queue) - idle)):
            self.pool.start_worker(self.function)
        for worker in workers:
            if worker.job is None and self.queue:
                worker.job = self.queue.popleft()
                start = 0.0 if worker.at_home_in == self.function else START_SECONDS
                worker.deadline = time.monotonic() + self.timeout_seconds + start
                # Where it died just now, `collect` finds its pipe at its end and tries again.
                with suppress(OSError):
                    worker.pipe.send((self.function, worker.job.task))
        self.pool.share.set_busy(len(self._busy()))

    def collect(self) -> Iterator[Outcome[Task, Result]]:
        """Wait for at least one worker and yield what is finished."""
        busy = [(worker, worker.job) for worker in self.pool.workers if worker.job is not None]
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
                    worker.at_home_in = self.function
                    worker.deadline = time.monotonic() + self.timeout_seconds
                    continue
                worker.job = None
                if kind == "fatal":
                    raise answer
                yield Outcome(job.task, *answer)
            elif time.monotonic() >= worker.deadline:
                reason = f"no progress in {self.timeout_seconds:g} s: stopped"
                yield from self._lost(worker, job, reason, last=True)

    def _lost(
        self, worker: _Worker, job: _Job[Task], reason: str, *, last: bool = False
    ) -> Iterator[Outcome[Task, Result]]:
        self.pool.stop(worker)
        job.tries += 1
        if last or job.tries >= MAX_TRIES:
            yield Outcome(job.task, None, reason)
        else:
            self.queue.append(job)


@dataclass(frozen=True)
class LocalProcesses:
    """An `Executor` of that many `workers` on this machine, of which each takes one task after another.

    A worker that dies costs its task one more try; a task that outlasts `timeout_seconds` (counted anew
    whenever it calls `still_alive`) or kills two workers becomes a problem. When the generator is closed
    (Ctrl-C), the workers are stopped; when this process is killed, they stop by themselves. Tasks share as
    many cores: while there is one for each, each has one; the last ones have what the others have left.
    """

    workers: int
    timeout_seconds: float = float("inf")

    def map(
        self, function: Callable[[Task], Result], tasks: Sequence[Task]
    ) -> Generator[Outcome[Task, Result], None, None]:
        """Yield outcomes in the order in which tasks finish; raises FatalError."""
        with kept_processes(self.workers, timeout_seconds=self.timeout_seconds) as kept:
            yield from kept.map(function, tasks)


@dataclass(frozen=True)
class KeptProcesses:
    """An `Executor` as `LocalProcesses`, whose workers stay for the next call of `map`.

    A worker takes half a second to import what it needs, and as long to load machine code.
    """

    timeout_seconds: float
    _pool: _Pool

    def start(self, workers: int, first: Callable[[], None]) -> None:
        """Let so many workers, or as many as there may be, begin with `first` before there are tasks."""
        for _ in range(min(workers, self._pool.size) - len(self._pool.workers)):
            self._pool.start_worker(first, first)

    def limited(self, timeout_seconds: float) -> KeptProcesses:
        """The same workers with another time limit for a task."""
        return replace(self, timeout_seconds=timeout_seconds)

    def map(
        self, function: Callable[[Task], Result], tasks: Sequence[Task]
    ) -> Generator[Outcome[Task, Result], None, None]:
        """Yield outcomes in the order in which tasks finish; raises FatalError."""
        jobs = deque(_Job(task) for task in tasks)
        yield from _Round(self._pool, function, self.timeout_seconds, jobs).run()


@contextmanager
def kept_processes(
    workers: int, *, timeout_seconds: float = float("inf")
) -> Iterator[KeptProcesses]:
    """Up to so many worker processes until the context ends."""
    size = max(1, workers)
    pool = _Pool(size, CoreShare(size))
    try:
        yield KeptProcesses(timeout_seconds, pool)
    finally:
        pool.stop_all()


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


def _work(pipe: Connection, share: CoreShare, first: Callable[[], None] | None) -> None:
    # Ctrl-C reaches the whole process group; the parent alone decides what happens then.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()
    import cv2

    cv2.setNumThreads(1)
    if first is not None:
        first()
    with offering(Services(still_alive=_Pulse(pipe), cores=share)):
        while True:
            try:
                function, task = pipe.recv()
                pipe.send(("alive", None))  # starting this process took its time, not the task's
                pipe.send(_answer(function, task))
            except (EOFError, OSError):
                return  # nobody is there any more


def _answer(function: Callable[[Any], Any], task: Any) -> Answer:
    try:
        outcome = outcome_of(function, task)
    except FatalError as error:
        return "fatal", error
    return "outcome", (outcome.result, outcome.problem)


def _death(process: BaseProcess) -> str:
    code = process.exitcode
    if code is not None and code < 0:
        known = -code in {item.value for item in signal.Signals}
        name = signal.Signals(-code).name if known else f"signal {-code}"
        return f"its worker was killed by {name} ({MAX_TRIES} tries)"
    return f"its worker ended with status {code} ({MAX_TRIES} tries)"
