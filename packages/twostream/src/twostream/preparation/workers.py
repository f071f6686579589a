"""Tasks over worker processes that may be killed, hang or crash without taking the rest along.

Designs considered: a thread pool (a crash in a decoder ends everything), `ProcessPoolExecutor`
(one killed worker breaks the whole pool and loses its queue), and what stands here: each worker has
its own pipe, so that a death is noticed, costs one task one more try, and the rest goes on.
"""

from __future__ import annotations

import multiprocessing
import signal
import time
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

from twostream.errors import TwostreamError

Task = TypeVar("Task")
Result = TypeVar("Result")
MAX_TRIES = 2


@dataclass(frozen=True)
class Outcome(Generic[Task, Result]):
    """What became of one task: a result, or the reason why there is none."""

    task: Task
    result: Result | None
    problem: str | None


@dataclass
class _Worker(Generic[Task]):
    process: BaseProcess
    pipe: Connection
    task: Task | None = None
    deadline: float = float("inf")


@dataclass
class _Pool(Generic[Task, Result]):
    function: Callable[[Task], Result]
    size: int
    timeout_seconds: float
    queue: deque[Task]
    tries: dict[int, int] = field(default_factory=dict)
    workers: list[_Worker[Task]] = field(default_factory=list)

    def start_worker(self) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, self.function), daemon=True)
        process.start()
        theirs.close()
        self.workers.append(_Worker(process, ours))

    def hand_out(self) -> None:
        """Give every idle worker a task; keep as many workers as there is work for."""
        idle = sum(worker.task is None for worker in self.workers)
        for _ in range(min(self.size - len(self.workers), len(self.queue) - idle)):
            self.start_worker()
        for worker in self.workers:
            if worker.task is None and self.queue:
                worker.task = self.queue.popleft()
                worker.deadline = time.monotonic() + self.timeout_seconds
                # Where it died just now, `collect` finds its pipe at its end and tries again.
                with suppress(OSError):
                    worker.pipe.send(worker.task)

    def collect(self) -> Iterator[Outcome[Task, Result]]:
        """Wait for at least one worker and yield what is finished."""
        busy = [worker for worker in self.workers if worker.task is not None]
        patience = max(0.0, min(worker.deadline for worker in busy) - time.monotonic())
        ready = wait([worker.pipe for worker in busy], timeout=min(patience, 3600.0))
        for worker in busy:
            task = worker.task
            assert task is not None
            if worker.pipe in ready:
                try:
                    result, problem = worker.pipe.recv()
                except (EOFError, OSError):
                    worker.process.join(timeout=5)
                    yield from self._lost(worker, task, _death(worker.process))
                else:
                    worker.task = None
                    yield Outcome(task, result, problem)
            elif time.monotonic() >= worker.deadline:
                yield from self._lost(
                    worker, task, f"took over {self.timeout_seconds:g} s and was stopped", last=True
                )

    def _lost(
        self, worker: _Worker[Task], task: Task, reason: str, *, last: bool = False
    ) -> Iterator[Outcome[Task, Result]]:
        self.stop(worker)
        self.workers.remove(worker)
        self.tries[id(task)] = self.tries.get(id(task), 0) + 1
        if last or self.tries[id(task)] >= MAX_TRIES:
            yield Outcome(task, None, reason)
        else:
            self.queue.append(task)

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
) -> Generator[Outcome[Task, Result], None, None]:
    """Yield the outcome of ``function(task)`` for every task, in the order in which they finish.

    `function` and the tasks must be picklable. A worker that dies costs its task one more try; a
    task that outlasts `timeout_seconds` or kills two workers becomes a problem, and so does one
    whose `function` raises: one odd clip never ends a long job. An exception that is neither a
    TwostreamError nor an OSError is a bug; its problem says so, with the place, and the traceback
    goes to standard error. When the generator is closed (Ctrl-C), the workers are stopped.
    """
    pool: _Pool[Task, Result] = _Pool(function, max(1, workers), timeout_seconds, deque(tasks))
    try:
        while pool.queue or any(worker.task is not None for worker in pool.workers):
            pool.hand_out()
            yield from pool.collect()
    finally:
        for worker in pool.workers:
            pool.stop(worker)


def _work(pipe: Connection, function: Callable[[Any], Any]) -> None:
    # Ctrl-C reaches the whole process group; the parent alone decides what happens then.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import cv2

    cv2.setNumThreads(1)
    while True:
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer: tuple[Any, str | None] = function(task), None
        except TwostreamError as error:
            answer = None, f"expected {error.expected}, found {error.found}; {error.remedy}"
        except OSError as error:
            answer = None, f"{type(error).__name__}: {error}"
        except Exception as error:
            traceback.print_exc()
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{place.name}, line {place.lineno}"
            answer = (
                None,
                f"internal error, please report: {type(error).__name__}: {error} ({where})",
            )
        pipe.send(answer)


def _death(process: BaseProcess) -> str:
    code = process.exitcode
    if code is not None and code < 0:
        return f"its worker was killed by {signal.Signals(-code).name} ({MAX_TRIES} tries)"
    return f"its worker ended with status {code} ({MAX_TRIES} tries)"
