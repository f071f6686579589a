"""How observing went: runs that were expected, stored or lost, holes, durations, and hours of the day.

The same value is made of a collector's log (`collector_log`) and of what a store keeps of every look
(`stored_runs`), so that both get the same reports.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

HOLE_INTERVALS = 4  # usual intervals without a stored run that make a hole
STREAMS = "streams"  # live, as the platform lists them
PRESENCES = "presences"  # people in the chat lists
CHANNELS = "channels"  # with a message
AUTHORS = "authors"  # of messages: people, once for every channel
COUNTED = (STREAMS, PRESENCES, CHANNELS, AUTHORS)
Hour = tuple[datetime.date, int]


@dataclass(kw_only=True)
class Run:
    """One run: one look at the platform, at the time `start`, in the clock that the report shows.

    `interval_minutes` is how long after it the next one is expected. `began` and `ended` are None where
    nobody noted them. `problem` says why nothing was stored; `partial`: what was stored is a list that
    broke off. Of `streams`, `presences`, `channels`
    and `authors` (see `COUNTED`) those are None that it did not count; `hours` has the hour of
    the day in which they were counted, where that may differ from the hour of `start`.
    """

    start: datetime.datetime
    interval_minutes: float
    series: str = ""
    stored: bool = False
    began: datetime.datetime | None = None
    ended: datetime.datetime | None = None
    streams: int | None = None
    presences: int | None = None
    channels: int | None = None
    authors: int | None = None
    hours: dict[str, int] = field(default_factory=dict)
    problem: str = ""
    partial: bool = False

    def duration_seconds(self, *, whole_seconds: bool = False) -> float | None:
        """Seconds from beginning to end, None if unknown; `whole_seconds` drops fractions of both first."""
        if self.began is None or self.ended is None:
            return None
        began, ended = self.began, self.ended
        if whole_seconds:
            began, ended = began.replace(microsecond=0), ended.replace(microsecond=0)
        return (ended - began).total_seconds()


@dataclass(frozen=True, kw_only=True)
class Series:
    """Runs of one collector in one language: how many were `expected`, and how far they are apart.

    `never_started` is None where nothing tells a run that never started from one that failed.
    `without_time`: looks that were left out since their moment cannot be known. `listens`: what was
    heard is kept by windows of time; where nobody said anything there is no window, so that none is
    missing. Series of one `ground` watch mostly the same channels.
    """

    name: str = ""
    language: str | None = None
    expected: int
    interval_minutes: float
    never_started: int | None
    without_time: int = 0
    listens: bool = False
    ground: int = 0


@dataclass(frozen=True, kw_only=True)
class Hole:
    """A time without a stored run: the last one before it and the first one after it."""

    series: str
    after: datetime.datetime
    before: datetime.datetime

    @property
    def minutes(self) -> float:
        """Length in minutes."""
        return (self.before - self.after).total_seconds() / 60


@dataclass(frozen=True, kw_only=True)
class Health:
    """All runs in the order of time, of one or several series; `clock` says whose time is shown."""

    runs: list[Run]
    series: tuple[Series, ...]
    clock: str
    ignored_lines: int = 0
    error_lines: int = 0

    @property
    def stored(self) -> list[Run]:
        """The runs that stored what they saw."""
        return [run for run in self.runs if run.stored]

    @property
    def partial(self) -> int:
        """How many of the stored runs are partial."""
        return sum(run.partial for run in self.stored)

    @property
    def expected(self) -> int:
        """Runs of all series that there should be."""
        return sum(series.expected for series in self.series)

    @property
    def stored_percent(self) -> float:
        """Stored runs in per cent of the expected ones, one decimal."""
        return round(100 * len(self.stored) / max(1, self.expected), 1)

    @property
    def complete(self) -> bool:
        """Whether failed runs are known; a cleaned log has only those that were stored."""
        return all(series.never_started is not None for series in self.series)

    @property
    def never_started(self) -> int | None:
        """Expected runs of which there is no trace; None where failed ones leave none either."""
        return sum(series.never_started or 0 for series in self.series) if self.complete else None

    @property
    def can_have_holes(self) -> bool:
        """Whether any series should have a run at known times; chat logs have none."""
        return any(not one.listens for one in self.series)

    @property
    def hole_length(self) -> str:
        """From which length on a time without a stored run is a hole.

        >>> one = Series(expected=9, interval_minutes=5.0, never_started=0)
        >>> Health(runs=[], series=(one,), clock="UTC").hole_length
        '20 minutes'
        """
        intervals = {one.interval_minutes for one in self.series if not one.listens}
        if len(intervals) == 1:
            return f"{round(HOLE_INTERVALS * intervals.pop(), 1):g} minutes"
        return f"{HOLE_INTERVALS} usual intervals"

    def failures(self) -> Counter[str]:
        """Why runs stored nothing, as far as is known."""
        causes = Counter(run.problem or "unexplained" for run in self.runs if not run.stored)
        without_time = sum(series.without_time for series in self.series)
        return causes + Counter({"no time that can be": without_time})

    def holes(self) -> list[Hole]:
        """Times of at least four usual intervals between two stored runs of a series, the longest first."""
        return self._gaps(listening=False)

    def silences(self) -> list[Hole]:
        """The same of series that listen: nobody said anything, or nobody listened."""
        return self._gaps(listening=True)

    def mean_duration_seconds(self, *, whole_seconds: bool = False) -> float | None:
        """Mean time of a stored run, of those that are known."""
        known = self.durations_seconds(whole_seconds=whole_seconds)
        return sum(known) / len(known) if known else None

    def durations_seconds(self, *, whole_seconds: bool = False) -> list[float]:
        """Times of stored runs, of those that are known."""
        every = (run.duration_seconds(whole_seconds=whole_seconds) for run in self.stored)
        return [seconds for seconds in every if seconds is not None]

    def hourly_duration_seconds(self) -> dict[int, float]:
        """Mean time of stored runs by the hour of the day in which they began."""
        by_hour: dict[int, list[float]] = defaultdict(list)
        for run in self.stored:
            if (seconds := run.duration_seconds()) is not None:
                by_hour[run.start.hour].append(seconds)
        return {hour: sum(values) / len(values) for hour, values in sorted(by_hour.items())}

    def hourly(self, what: str) -> dict[int, float]:
        """Mean of what stored runs counted (one of `COUNTED`), by hour of the day.

        Of series that watch other channels the counts add up, hour by hour; an hour in which one of
        them was not stored would show too few, and is left out.
        """
        counts: dict[Hour, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        series = {one.name: one for one in self.series}
        spans: dict[int, tuple[Hour, Hour]] = {}
        for run in self.stored:
            value: int | None = getattr(run, what)
            if value is None:
                continue
            one = series[run.series]
            hour = run.start.date(), run.hours.get(what, run.start.hour)
            counts[hour][one.ground].append(value)
            if not one.listens:
                first, last = spans.get(one.ground, (hour, hour))
                spans[one.ground] = (min(first, hour), max(last, hour))
        sums: dict[int, float] = defaultdict(float)
        weights: dict[int, int] = defaultdict(int)
        for hour, by_ground in counts.items():
            watched = {ground for ground, (first, last) in spans.items() if first <= hour <= last}
            if watched <= by_ground.keys():
                weight = max(len(values) for values in by_ground.values())
                means = (sum(values) / len(values) for values in by_ground.values())
                sums[hour[1]] += weight * sum(means)
                weights[hour[1]] += weight
        return {hour: sums[hour] / weights[hour] for hour in sorted(sums)}

    def _gaps(self, *, listening: bool) -> list[Hole]:
        asked = {one.name for one in self.series if one.listens is listening}
        starts: dict[str, list[Run]] = defaultdict(list)
        for run in sorted(self.stored, key=lambda run: run.start):
            if run.series in asked:
                starts[run.series].append(run)
        found = [
            Hole(series=name, after=a.start, before=b.start)
            for name, runs in starts.items()
            for a, b in pairwise(runs)
            if (b.start - a.start).total_seconds() / 60 >= HOLE_INTERVALS * a.interval_minutes
        ]
        return sorted(found, key=lambda hole: (-hole.minutes, hole.after))
