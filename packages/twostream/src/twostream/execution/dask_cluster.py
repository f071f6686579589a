"""Tasks over the workers of a Dask cluster.

Dask does what clusters need: it knows who is there, gives a task that lost its worker to another one (four
tries), and brings exceptions back as themselves. Left to us: which files a worker sees, how many tasks are
handed out at once (a scheduler keeps a record of each), threads of libraries, tasks that hang.
"""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from twostream.errors import TwostreamError
from twostream.events import say
from twostream.execution.dask_answers import answered, lost
from twostream.execution.dask_connection import connected, require_alike, wait_for_a_worker
from twostream.execution.dask_worker import (
    Answer,
    Caller,
    run_seen,
    run_sent,
    versions,
)
from twostream.execution.outcomes import Outcome, Result, Task
from twostream.execution.parcels import Parcel, packed, size_of
from twostream.execution.portable import Portable
from twostream.execution.sight import Sight, sight_of, stamped, token_in

Asked = TypeVar("Asked")

# Enough that no worker waits for its next task, few enough for any scheduler.
TASKS_A_THREAD, MORE_TASKS = 3, 8
COUNTED_EVERY_SECONDS = 5.0
SILENCE_SECONDS = 30.0
# How often Dask hands out a task that loses its worker (`allowed-failures` and once more), and from which
# time on one is handed out while no other such is: it may be the one that takes workers along.
TRIES, SUSPECT = 4, 3
# What is sent passes through the memory of the caller, and of each worker that needs it.
MOST_SENT_BYTES = 2 << 30


@dataclass(frozen=True)
class DaskCluster:
    """An `Executor` over a Dask cluster: ``tcp://host:8786``, or ``local:N`` for N processes here.

    A task that takes its worker along is tried four times; one that outlasts `timeout_seconds` without a
    sign of life becomes a problem. Workers that see the caller's files work on them in place; for others
    the inputs of a `Portable` function are sent, and what it makes comes back. Workers may come and go.
    """

    address: str
    timeout_seconds: float = float("inf")

    def map(
        self, function: Callable[[Task], Result], tasks: Sequence[Task]
    ) -> Generator[Outcome[Task, Result], None, None]:
        """Yield outcomes in the order in which tasks finish.

        Raises FatalError, and TwostreamError where the cluster cannot be reached or is lost, or where its
        workers have other versions.
        """
        if not tasks:
            return
        with connected(self.address) as client, ExitStack() as held:
            caller = Caller(versions(), self.timeout_seconds)
            wait_for_a_worker(client, self.address)
            portable = function if isinstance(function, Portable) else None
            token = held.enter_context(token_in(portable.folder if portable else None))
            job = _Job(client, self.address, function, portable, token, caller)
            try:
                yield from job.outcomes(tasks)
            finally:
                job.give_up()


@dataclass(frozen=True)
class _Running:
    """A task, its future, and how often its files were sent."""

    task: Any
    future: Any
    sent: int = 0


@dataclass
class _Job:
    client: Any  # a distributed.Client
    address: str
    function: Callable[[Any], Any]
    portable: Portable[Any, Any] | None
    token: Path | None
    caller: Caller
    running: dict[str, _Running] = field(default_factory=dict)  # by the future's key
    finished: queue.SimpleQueue[Any] = field(default_factory=queue.SimpleQueue)
    sent: dict[Path, tuple[str, Any]] = field(default_factory=dict)
    suspects: deque[_Running] = field(default_factory=deque)  # whose files were lost several times
    told_of_sending: bool = False
    room: int = 0
    counted_at: float = float("-inf")
    looked_at: set[str] = field(
        default_factory=set
    )  # addresses of workers whose versions are known

    def outcomes(self, tasks: Sequence[Any]) -> Iterator[Outcome[Any, Any]]:
        waiting = iter(tasks)
        while True:
            while len(self.running) < self._most():
                task = next(waiting, self)
                if task is self:
                    break
                self._submit(task, 0, run_seen, self.function, task, self._sight(task))
            if self.suspects and all(one.sent < SUSPECT for one in self.running.values()):
                yield from self._send(self.suspects.popleft())
            if not self.running and not self.suspects:
                return
            if self.running:
                yield from self._next()

    def give_up(self) -> None:
        futures = [one.future for one in self.running.values()]
        self.running.clear()
        with suppress(Exception):  # it may be the connection that is lost
            self.client.cancel([*futures, *(future for _, future in self.sent.values())])
        self.sent.clear()

    def _submit(self, task: Any, sent: int, *call: Any) -> None:
        future = self.client.submit(*call, self.caller, pure=False)
        self.running[future.key] = _Running(task, future, sent)
        future.add_done_callback(self.finished.put)

    def _sight(self, task: Any) -> Sight | None:
        return None if self.portable is None else sight_of(self.portable.inputs(task), self.token)

    def _next(self) -> Iterator[Outcome[Any, Any]]:
        try:
            future = self.finished.get(timeout=SILENCE_SECONDS)
        except queue.Empty:
            self._look_at_cluster()
            return
        if future.key not in self.running:
            return
        one = self.running.pop(future.key)
        task = one.task
        try:
            answer, problem = self._answer(future)
        except CancelledError:  # before it was done, or before what came of it was here
            yield from self._send_again(one)
            return
        if problem is not None:
            yield Outcome(task, None, problem)
        elif answer is not None and answer.outcome is None:
            yield from self._send(replace(one, sent=1))
        elif answer is not None and answer.outcome is not None:
            yield self._landed(task, answer)

    def _answer(self, future: Any) -> tuple[Answer | None, str | None]:
        """What came back; raises what ends the whole job, and CancelledError for what Dask forgot."""
        from distributed import KilledWorker

        if future.cancelled():
            raise CancelledError
        error = future.exception()
        match error:
            case None:
                return self._ask(future.result), None
            case TwostreamError():
                raise error
            case KilledWorker():
                return None, _its_worker_died(error.allowed_failures + 1)
        # Only what cannot be told as an outcome gets here: the task or its answer could not travel, to a
        # worker that came a moment ago without this package perhaps.
        self._require_alike(again=True)
        return None, f"internal error, please report: {type(error).__name__}: {error}"

    def _landed(self, task: Any, answer: Answer) -> Outcome[Any, Any]:
        outcome = answer.outcome
        assert outcome is not None
        if self.portable is None or outcome.problem is not None or answer.parcel is None:
            return Outcome(task, outcome.result, outcome.problem)
        return Outcome(task, self.portable.landed(task, outcome.result, answer.parcel), None)

    def _send_again(self, one: _Running) -> Iterator[Outcome[Any, Any]]:
        """Files that were sent go with the worker that had them, and Dask then forgets who needs them."""
        if not one.sent or self.client.status != "running":
            raise lost(self.address)
        if one.sent == TRIES:
            yield Outcome(one.task, None, _its_worker_died(TRIES))
            return
        assert self.portable is not None
        for path in self.portable.inputs(one.task):
            self.sent.pop(path, None)
        again = replace(one, sent=one.sent + 1)
        if again.sent < SUSPECT:
            yield from self._send(again)
        else:
            self.suspects.append(again)

    def _send(self, one: _Running) -> Iterator[Outcome[Any, Any]]:
        """Hand a task out once more, with its files."""
        assert self.portable is not None
        task = one.task
        if not self.told_of_sending:
            self.told_of_sending = True
            say(f"{self.address}: workers that do not see the files here get them sent")
        try:
            paths = list(self.portable.inputs(task))
            size = sum(map(size_of, paths))
            if size > MOST_SENT_BYTES:
                yield Outcome(task, None, _too_large(size))
                return
            inputs = {path: self._scattered(path) for path in paths}
        except OSError as error:
            yield Outcome(task, None, f"{type(error).__name__}: {error}")
            return
        self._submit(task, one.sent, run_sent, self.portable, task, inputs)

    def _scattered(self, path: Path) -> tuple[str, Any]:
        """A key and the future of the content of a file; that of the last ones stays in the cluster."""
        stamp = stamped(path)
        key = repr(stamp)
        if path not in self.sent or self.sent[path][0] != key:
            parcel = packed(path)
            self.sent[path] = key, self._in_the_cluster(parcel)
            while len(self.sent) > self._most() + 1:  # running tasks hold what they need
                self.sent.pop(next(iter(self.sent)))
        return self.sent[path]

    def _in_the_cluster(self, parcel: Parcel) -> Any:
        """The future of a parcel; raises OSError where workers die again and again while they get it."""
        for tries_left in range(TRIES - 1, -1, -1):
            # Else nobody could be sent anything.
            wait_for_a_worker(self.client, self.address)
            try:
                return self._ask(lambda: self.client.scatter(parcel, hash=False))
            except OSError:  # the worker that was to have it has died
                if not tries_left:
                    raise
        raise AssertionError

    def _most(self) -> int:
        """How many tasks may be handed out now."""
        now = time.monotonic()
        if now - self.counted_at > COUNTED_EVERY_SECONDS or not self.room:
            self.counted_at = now
            self._require_alike()
            threads = sum(self._ask(self.client.nthreads).values())
            self.room = TASKS_A_THREAD * threads + MORE_TASKS
        return self.room

    def _require_alike(self, *, again: bool = False) -> None:
        """Raise FatalError where a worker that was not asked yet has other versions than the caller."""
        there = set(self._ask(self.client.nthreads))
        new = sorted(there if again else there - self.looked_at)
        if new:
            require_alike(self.client, self.address, new, self.caller.versions)
        self.looked_at = there

    def _ask(self, ask: Callable[[], Asked]) -> Asked:
        return answered(self.client, self.address, ask)

    def _look_at_cluster(self) -> None:
        """Wait where nobody works; raises TwostreamError where the scheduler is gone or nobody comes."""
        if self.client.status != "running":
            raise lost(self.address)
        wait_for_a_worker(self.client, self.address)


def _its_worker_died(times: int) -> str:
    return f"its worker died, {times} times"


def _too_large(size: int) -> str:
    return (
        f"expected a worker that sees the file, or at most {MOST_SENT_BYTES / 1e9:.1f} GB to send, found "
        f"{size / 1e9:.1f} GB; let the workers see the folder under the same path"
    )
