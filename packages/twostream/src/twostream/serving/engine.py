"""Tasks handed to a worker that may crash, hang or be killed, and is begun anew then.

A crash is charged to the task that was at work; where there were several, each is tried again alone, so
that one hostile file fails alone. What takes too long is asked to stop, and its worker is ended where it
does not. Considered: `concurrent.futures`, whose pool is broken for good by one crash and can stop nothing.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from twostream.errors import TwostreamError
from twostream.events import emit, say, warn
from twostream.execution.starting import without_interrupts, without_main_module
from twostream.prediction.options import PredictOptions
from twostream.serving.options import LimitOptions
from twostream.serving.tasks import Done, Loaded, Refused, Task

GRACE_SECONDS = 5.0
AGAIN_SECONDS = 2.0
Progress = Callable[[float, float], None]


class BusyError(Exception):
    """So many tasks wait that no more are taken."""


class BrokenError(Exception):
    """A defect of this program: the traceback of the worker."""


@dataclass(eq=False)
class _Order:
    task: Task
    answered: asyncio.Future[Done | Refused]
    on_progress: Progress
    alone: bool = False
    timed_out: bool = False
    timers: list[asyncio.TimerHandle] = field(default_factory=list)


@dataclass(eq=False)
class Engine:
    """One worker and the tasks for it: in the order of their coming, those people wait for first."""

    run: str
    predict: PredictOptions
    limits: LimitOptions
    loaded: Loaded | None = None
    restarts: int = 0
    _waiting: list[tuple[int, int, _Order]] = field(default_factory=list)
    _working: dict[int, _Order] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _process: BaseProcess | None = None
    _pipe: Connection | None = None
    _beginning: asyncio.Future[Loaded] | None = None
    _again: asyncio.Future[None] | None = None
    _ended: bool = False

    @property
    def waiting(self) -> int:
        """Tasks that are not begun."""
        return len(self._waiting)

    @property
    def working(self) -> int:
        """Tasks at work."""
        return len(self._working)

    @property
    def is_ready(self) -> bool:
        """Whether the worker has its networks."""
        return self._pipe is not None and self._beginning is None

    @property
    def worker_id(self) -> int | None:
        """The process of the worker."""
        return self._process.pid if self._process is not None else None

    async def start(self) -> Loaded:
        """Begin a worker; raises TwostreamError where the run cannot be loaded."""
        from twostream.serving.worker import work

        loop = asyncio.get_running_loop()
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(
            target=work, args=(theirs, self.run, self.predict, self.limits), daemon=True
        )
        with without_interrupts(), without_main_module(work):
            self._process.start()
        theirs.close()
        self._pipe = ours
        self._beginning = loop.create_future()
        loop.add_reader(ours.fileno(), self._hear)
        try:
            self.loaded = await self._beginning
        finally:
            self._beginning = None
        self._hand_out()
        return self.loaded

    async def do(
        self, task: Task, *, later: bool = False, on_progress: Progress = lambda _, __: None
    ) -> Done | Refused:
        """What comes of a task; raises BusyError where too many wait. Cancelled, the task is stopped.

        `later` comes after all that is not.
        """
        if len(self._waiting) >= self.limits.queue:
            raise BusyError
        answered: asyncio.Future[Done | Refused] = asyncio.get_running_loop().create_future()
        order = _Order(task, answered, on_progress)
        heapq.heappush(self._waiting, (int(later), next(self._numbers), order))
        self._hand_out()
        try:
            return await answered
        except asyncio.CancelledError:
            self._forget(order)
            raise

    def stop(self) -> None:
        """End the worker; what waits is cancelled."""
        self._ended = True
        if self._again is not None:
            self._again.cancel()
        self._let_go()
        for order in (*self._working.values(), *(one for _, _, one in self._waiting)):
            self._clear(order)
            order.answered.cancel()
        self._waiting.clear()
        self._working.clear()

    def _hand_out(self) -> None:
        """Send what may be at work now; what was at work in a crash is so alone."""
        while self._waiting and self.is_ready and self.loaded is not None and self._pipe:
            room = self.loaded.side_by_side - len(self._working)
            next_alone = self._waiting[0][2].alone
            busy_alone = any(one.alone for one in self._working.values())
            if room <= 0 or busy_alone or (next_alone and self._working):
                return
            _, number, order = heapq.heappop(self._waiting)
            if order.answered.done():
                continue
            self._working[number] = order
            loop, most = asyncio.get_running_loop(), self.limits.work_seconds
            order.timers = [
                loop.call_later(most, self._time_out, number),
                loop.call_later(most + GRACE_SECONDS, self._kill),
            ]
            try:
                self._pipe.send(("do", number, order.task))
            except OSError:  # it died just now: its pipe's end tells
                return
            order.on_progress(0.0, 0.0)  # it is begun, however long it takes to say more

    def _time_out(self, number: int) -> None:
        if order := self._working.get(number):
            order.timed_out = True
            self._tell_stop(number)

    def _tell_stop(self, number: int) -> None:
        try:
            if self._pipe is not None:
                self._pipe.send(("stop", number))
        except OSError:
            return  # there is nobody left to stop

    def _forget(self, order: _Order) -> None:
        """Nobody wants the answer any more."""
        for number, one in self._working.items():
            if one is order:
                self._tell_stop(number)
                return
        self._waiting = [item for item in self._waiting if item[2] is not order]
        heapq.heapify(self._waiting)

    def _hear(self) -> None:
        assert self._pipe is not None
        try:
            message = self._pipe.recv()
        except (EOFError, OSError):
            self._lost()
            return
        match message:
            case ("said", text):
                say(text)
            case ("loading", event):
                emit(event)
            case ("loaded", loaded) if self._beginning is not None:
                self._beginning.set_result(loaded)
            case ("failed", error) if self._beginning is not None:
                self._ended = True
                self._beginning.set_exception(error)
            case ("progress", number, done, total) if number in self._working:
                self._working[number].on_progress(done, total)
            case ("done", number, outcome) if number in self._working:
                self._answer(number, outcome)
            case ("bug", number, trace) if number in self._working:
                order = self._working.pop(number)
                self._clear(order)
                if not order.answered.done():
                    order.answered.set_exception(BrokenError(trace))
                self._hand_out()

    def _answer(self, number: int, outcome: Done | Refused) -> None:
        order = self._working.pop(number)
        self._clear(order)
        if order.timed_out:
            outcome = self._too_long(order)
        if not order.answered.done():
            order.answered.set_result(outcome)
        self._hand_out()

    def _too_long(self, order: _Order) -> Refused:
        return Refused(
            status=504,
            reason=f"{order.task.name}: expected at most {self.limits.work_seconds:g} s of work, found "
            "more; cut the video, or ask whoever runs the server for more (--work-seconds)",
        )

    def _clear(self, order: _Order) -> None:
        for timer in order.timers:
            timer.cancel()
        order.timers = []

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()  # the end of its pipe tells the rest

    def _let_go(self) -> None:
        if self._pipe is not None:
            asyncio.get_running_loop().remove_reader(self._pipe.fileno())
            self._pipe.close()
            self._pipe = None
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
            self._process = None

    def _lost(self) -> None:
        """The worker is gone: charge it, and begin another one."""
        self._let_go()
        if self._beginning is not None and not self._beginning.done():
            self._beginning.set_exception(
                TwostreamError(
                    self.run,
                    expected="a worker that loads the networks",
                    found="one that ended while it did",
                    remedy="see what it wrote; there may be too little memory",
                )
            )
            return  # whoever began it decides what comes next
        orders, self._working = dict(self._working), {}
        timed_out = any(one.timed_out for one in orders.values())
        for number, order in orders.items():
            self._clear(order)
            if order.answered.done():
                continue
            if order.timed_out:
                order.answered.set_result(self._too_long(order))
            elif timed_out or len(orders) > 1:
                order.alone = order.alone or not timed_out
                heapq.heappush(self._waiting, (-1, number, order))
            else:
                order.answered.set_result(_crashed(order))
        if not self._ended:
            warn("the worker ended and is begun anew")
            self._again = asyncio.ensure_future(self._begin_again())

    async def _begin_again(self) -> None:
        while not self._ended:
            self.restarts += 1
            try:
                await self.start()
                return
            except TwostreamError as error:
                self._ended = False
                warn(f"the worker cannot begin: {error}")
                await asyncio.sleep(AGAIN_SECONDS)


def _crashed(order: _Order) -> Refused:
    return Refused(
        status=422,
        reason=f"{order.task.name}: expected a video that can be decoded, found one that ended the "
        "process that tried; re-encode it",
    )
