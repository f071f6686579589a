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
from contextlib import suppress
from dataclasses import dataclass, field
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
    share: CoreShare
    workers: list[_Worker[Task]] = field(default_factory=list)

    def start_worker(self) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_work, args=(theirs, self.function, self.share), daemon=True
        )
        with without_interrupts(), without_main_module(self.function):
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
                yield Outcome(job.task, *answer)
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
        size = max(1, self.workers)
        jobs = deque(_Job(task) for task in tasks)
        pool: _Pool[Task, Result] = _Pool(
            function, size, self.timeout_seconds, jobs, CoreShare(size)
        )
        try:
            while pool.queue or any(worker.job is not None for worker in pool.workers):
                pool.hand_out()
                yield from pool.collect()
        finally:
            for worker in pool.workers:
                pool.stop(worker)


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


def _work(pipe: Connection, function: Callable[[Any], Any], share: CoreShare) -> None:
    # Ctrl-C reaches the whole process group; the parent alone decides what happens then.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()
    import cv2

    cv2.setNumThreads(1)
    with offering(Services(still_alive=_Pulse(pipe), cores=share)):
        while True:
            try:
                task = pipe.recv()
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
