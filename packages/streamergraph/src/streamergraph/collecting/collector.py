"""Tick after tick: look, listen, store, for as long as it was said, whatever goes wrong meanwhile.

Ticks are moments of a fixed grid in UTC (every 15 minutes: at full quarters of an hour), so that a
collector that starts again goes on with the same ones, and summer time changes nothing. Each tick is
stored altogether or not at all, and once: its name is its planned moment.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from streamergraph.collecting.audience import AudienceSource, Heard, with_audience
from streamergraph.collecting.clock import SLICE_SECONDS, Clock
from streamergraph.collecting.looking import blank_look
from streamergraph.collecting.streams import ids_of
from streamergraph.collecting.window_journal import NEWS_SECONDS, WindowJournal
from streamergraph.errors import StreamergraphError
from streamergraph.events import note
from streamergraph.observations.looks import Look, digest_of
from streamergraph.observations.opt_out import OptOut
from streamergraph.observations.schema import BROKEN, MET, STORED

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
OVERRUN = "skipped: the tick before was still running"
LOST = "lost, for it could not be stored"
AUDIENCE_SHARE = 0.5  # of the time between two ticks, for sources that ask once a tick


class Sink(Protocol):
    """Where looks are kept."""

    def known(self) -> Mapping[str, str]:
        """The status of every look that is kept, by its run id."""

    def add(self, looks: Sequence[Look]) -> list[Look]:
        """Keep looks, altogether or not at all; returns them with what became of each.

        A look that is known by its run id is replaced. Raises StreamergraphError or OSError where that
        cannot be done now; what was kept before stays.
        """

    def forget(self, people: OptOut) -> dict[str, int]:
        """Delete all of these people and put them on the list; returns how many rows, by what they were."""


class Observe(Protocol):
    """Looks at who is live (`looking.look_at` for a client of Helix)."""

    def __call__(
        self,
        language: str | None,
        planned: datetime.datetime,
        *,
        before: Collection[int],
        until: float,
    ) -> Look:
        """The look; what fails is in its status."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Which languages (None: all), how often, and until when (None: until somebody ends it)."""

    languages: tuple[str | None, ...]
    every: datetime.timedelta
    ends: datetime.datetime | None = None


def tick_at_or_after(moment: datetime.datetime, every: datetime.timedelta) -> datetime.datetime:
    """The first tick of the grid that is not before `moment`.

    >>> quarter = datetime.timedelta(minutes=15)
    >>> tick_at_or_after(datetime.datetime(2026, 10, 25, 0, 59, 30, tzinfo=datetime.UTC), quarter).time()
    datetime.time(1, 0)
    """
    return EPOCH + -((EPOCH - moment) // every) * every


def no_report(looks: Sequence[Look]) -> None:
    """Tell nobody."""


@dataclass(kw_only=True)
class Collector:
    """Runs a plan. `report` is told of looks as they were kept, `warn` of what a user should know."""

    plan: Plan
    clock: Clock
    observe: Observe
    sink: Sink
    audiences: Sequence[AudienceSource] = ()
    report: Callable[[Sequence[Look]], None] = no_report
    warn: Callable[[str], None] = note
    journal: WindowJournal | None = None
    counts: Counter[str] = field(default_factory=Counter)
    _before: dict[str | None, set[int]] = field(default_factory=dict)
    _done: set[str] = field(default_factory=set)  # runs that are stored
    _taken: set[datetime.datetime] = field(default_factory=set)  # ticks of this process
    _pending: list[Look] = field(default_factory=list)
    _window_open: bool = False
    _heard: list[Heard] = field(default_factory=list)  # of sources that do not listen
    _window_began: float = 0.0
    _journaled: float = 0.0
    _journal_fails: bool = False
    _lost: list[Look] = field(default_factory=list)
    _kept_any: bool = False

    def run(self) -> Counter[str]:
        """All ticks of the plan; returns how many looks became what.

        Interrupted, it keeps what was seen and heard so far and raises again.
        """
        self._begin()
        try:
            while (planned := self._next()) is not None:
                if self._wait_for(planned):
                    self._finish()
                    self._tick(planned)
            self._end_last_window()
        finally:
            self._finish(last=True)
            for source in self.audiences:
                source.close()
        return self.counts

    def once(self, planned: datetime.datetime, *, listen_seconds: float) -> Counter[str]:
        """One tick, now, with what is heard in the so many seconds after it."""
        self._begin()
        try:
            if not self._is_done(planned):
                self._tick(planned, window_seconds=listen_seconds)
                if any(source.listens for source in self.audiences):
                    self._listen(listen_seconds)
            else:
                self.counts["already stored"] += 1
        finally:
            self._finish(last=True)
            for source in self.audiences:
                source.close()
        return self.counts

    def _begin(self) -> None:
        self._done = {run for run, status in self.sink.known().items() if status == STORED}
        left = self.journal.left() if self.journal is not None else None
        if left is None:
            return
        lost = [look for look in left.looks if look.run_id not in self._done]
        if lost:
            self._pending = [_completed(look, left.heard) for look in lost]
            self._pending[0].losses[f"{MET}windows of chats that were cut off"] += 1
            self.warn(
                f"the collector before was killed; its tick of {lost[0].file} is stored with what was "
                f"heard in {left.seconds:.0f} s"
            )
            self._keep()
        else:
            self._journal(WindowJournal.end)

    def _is_done(self, planned: datetime.datetime) -> bool:
        return planned in self._taken or all(
            blank_look(language, planned).run_id in self._done for language in self.plan.languages
        )

    def _next(self) -> datetime.datetime | None:
        """The next tick; None at the end of the plan."""
        planned = tick_at_or_after(self.clock.now(), self.plan.every)
        if self._is_done(planned):
            while self._is_done(planned):
                planned += self.plan.every
            if planned - self.clock.now() > self.plan.every:
                self.warn(
                    f"ticks before {planned.isoformat()} are stored already: the clock was set back"
                )
        return None if self.plan.ends is not None and planned >= self.plan.ends else planned

    def _wait_for(self, planned: datetime.datetime) -> bool:
        """Wait for a tick; False where the clock was set meanwhile so that another one is the next."""
        longest = (planned - self.clock.now()).total_seconds() + SLICE_SECONDS
        while (left := (planned - self.clock.now()).total_seconds()) > 0:
            if left > longest:
                self.warn("the machine's clock was set back; going on by what it shows now")
                return False
            longest = left + SLICE_SECONDS
            self.clock.sleep(min(left, SLICE_SECONDS))
            self._note_news()
        if -left >= self.plan.every.total_seconds():
            self.warn(
                f"the machine slept, or its clock was set forward, over {planned.isoformat()}; going on"
            )
            return False
        return True

    def _listen(self, seconds: float) -> None:
        end = self.clock.monotonic() + seconds
        while (left := end - self.clock.monotonic()) > 0:
            self.clock.sleep(min(left, SLICE_SECONDS))
            self._note_news()

    def _note_news(self) -> None:
        """Write down who was heard, now and then."""
        now = self.clock.monotonic()
        if self.journal is None or not self._window_open or now - self._journaled < NEWS_SECONDS:
            return
        self._journaled = now
        news = [one for source in self.audiences for one in source.news()]
        self._journal(lambda journal: journal.add(news, now - self._window_began))

    def _journal(self, do: Callable[[WindowJournal], None]) -> None:
        """A journal that cannot be written is no reason to end."""
        if self.journal is None:
            return
        try:
            do(self.journal)
        except OSError as error:
            if not self._journal_fails:
                self.warn(f"{self.journal.path}: {error.strerror}; a kill would cost the tick")
            self._journal_fails = True
        else:
            self._journal_fails = False

    def _end_last_window(self) -> None:
        """The last tick's window is as long as any other's."""
        if self._window_open and self.plan.ends is not None:
            self._wait_for(min(self.plan.ends, self.clock.now() + self.plan.every))

    def _tick(self, planned: datetime.datetime, *, window_seconds: float | None = None) -> None:
        self._taken.add(planned)
        began = self.clock.monotonic()
        every = self.plan.every.total_seconds()
        late = max(0.0, (self.clock.now() - planned).total_seconds())
        looks = []
        for language in self.plan.languages:
            before = self._before.get(language, set())
            look = self.observe(language, planned, before=before, until=began + every)
            if look.run_id in self._done:
                continue  # of another language it was not stored
            if look.status == STORED:
                self._before[language] = ids_of(look.streams)
            looks.append(look)
        self._pending = looks
        live = {one.user_id: one for look in looks for one in look.streams}
        for source in self.audiences:
            source.begin(list(live.values()), until=began + AUDIENCE_SHARE * every)
        self._window_open = bool(self.audiences)
        self._window_began = self._journaled = self.clock.monotonic()
        self._heard = [
            one for source in self.audiences if not source.listens for one in source.end()
        ]
        if any(source.listens for source in self.audiences):
            length = every if window_seconds is None else window_seconds
            self._journal(lambda journal: journal.begin(self._pending, self._heard, length))
        else:
            self._finish()
        busy = late + self.clock.monotonic() - began
        missed = planned + self.plan.every
        while missed < planned + datetime.timedelta(seconds=busy):
            for language in self.plan.languages:
                self._lost.append(replace(blank_look(language, missed), problem=OVERRUN))
            missed += self.plan.every

    def _finish(self, *, last: bool = False) -> None:
        """Keep the looks of the tick whose window is open, with what was heard in it."""
        if self._window_open:
            heard = self._heard + [
                one for source in self.audiences if source.listens for one in source.end()
            ]
            problems: Counter[str] = Counter()
            for source in self.audiences:
                problems.update({f"{MET}{what}": n for what, n in source.problems().items()})
            self._window_open = False
            self._pending = [_completed(look, heard) for look in self._pending]
            if self._pending:
                self._pending[0].losses.update(problems)
        if self._pending or (last and self._lost):
            self._keep()

    def _keep(self) -> None:
        looks = [*self._lost, *self._pending]
        try:
            became = self.sink.add(looks)
        except (StreamergraphError, OSError) as error:
            if not self._kept_any and not isinstance(error, OSError) and not _is_full(error):
                raise  # wrong from the start
            self.warn(f"the tick of {looks[-1].file} is lost: {error}")
            self.counts["lost"] += len(self._pending)
            self._lost += [
                replace(
                    look, streams=(), digest=None, status=BROKEN,
                    problem=f"{LOST}: {_reason(error)}", losses=Counter(),
                )
                for look in self._pending
            ]  # fmt: skip
            self._pending = []
            self._journal(WindowJournal.end)
            self.report([])
            return
        self._kept_any = True
        self._journal(WindowJournal.end)
        self._pending, self._lost = [], []
        for look in became:
            self.counts[look.status] += 1
            if look.status != BROKEN:
                self._done.add(look.run_id)
        self.report(became)


def _completed(look: Look, heard: Sequence[Heard]) -> Look:
    streams = with_audience(look.streams, heard)
    return replace(look, streams=streams, digest=digest_of(streams))


def _is_full(error: Exception) -> bool:
    return "room on the disk" in str(error)


def _reason(error: Exception) -> str:
    if isinstance(error, StreamergraphError):
        return str(error.__cause__ or error)
    return getattr(error, "strerror", None) or type(error).__name__
