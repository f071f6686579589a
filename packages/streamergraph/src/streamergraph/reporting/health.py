"""How a collector did, by its log: runs that never started, failed or were stored; holes."""

from __future__ import annotations

import csv
import datetime
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from streamergraph.errors import StreamergraphError

MINUTES_OF_A_DAY = 1440
STARTED, STREAMS, PRESENCES, SAVED = 1, 2, 3, 4
HOLE_INTERVALS = 4  # planned intervals without a stored run that make a hole
RAW_LINE = re.compile(
    r"(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}),(\d{1,3}),([A-Z]+)(?:,(\d+))?,(.*)", re.DOTALL
)


@dataclass(frozen=True, kw_only=True)
class LogEvent:
    """One line: when (local time of the log), level, code (None for errors), text."""

    time: datetime.datetime
    level: str
    code: int | None
    message: str


@dataclass(kw_only=True)
class Run:
    """One run of the collector: start, end (None where nothing was stored), what it counted."""

    start: datetime.datetime
    end: datetime.datetime | None = None
    streams: int | None = None
    presences: int | None = None
    hours: dict[str, int] = field(default_factory=dict)  # hour in which each of the two was counted
    errors: list[str] = field(default_factory=list)

    @property
    def stored(self) -> bool:
        """Whether the snapshot was saved."""
        return self.end is not None

    @property
    def duration_seconds(self) -> float | None:
        """Seconds from the start to the saved file."""
        return None if self.end is None else (self.end - self.start).total_seconds()


@dataclass(frozen=True, kw_only=True)
class Hole:
    """A time without a stored run: the last start before and the first start after."""

    after: datetime.datetime
    before: datetime.datetime

    @property
    def minutes(self) -> float:
        """Length in minutes."""
        return (self.before - self.after).total_seconds() / 60


@dataclass(frozen=True, kw_only=True)
class Health:
    """What the log says in all."""

    runs: list[Run]
    expected: int
    interval_minutes: int
    ignored_lines: int
    error_lines: int
    complete: bool  # whether the log holds failed runs too; a cleaned log does not

    @property
    def stored(self) -> list[Run]:
        """The runs that saved a snapshot."""
        return [run for run in self.runs if run.stored]

    @property
    def never_started(self) -> int | None:
        """Planned runs that the log does not have; None where it holds only stored runs."""
        return max(0, self.expected - len(self.runs)) if self.complete else None

    @property
    def hole_minutes(self) -> int:
        """From how many minutes on a time without a stored run is a hole."""
        return HOLE_INTERVALS * self.interval_minutes

    def failures(self) -> Counter[str]:
        """Why started runs stored nothing, as far as the log tells."""
        return Counter(_cause(run) for run in self.runs if not run.stored)

    def holes(self) -> list[Hole]:
        """Times of at least `hole_minutes` between two stored runs, the longest first."""
        starts = sorted(run.start for run in self.stored)
        found = [
            Hole(after=a, before=b)
            for a, b in pairwise(starts)
            if (b - a).total_seconds() / 60 >= self.hole_minutes
        ]
        return sorted(found, key=lambda hole: (-hole.minutes, hole.after))

    def mean_duration_seconds(self, *, whole_seconds: bool = False) -> float:
        """Mean time of a stored run; `whole_seconds` drops milliseconds first, as the original did."""
        durations = []
        for run in self.stored:
            start, end = run.start, run.end or run.start
            if whole_seconds:
                start, end = start.replace(microsecond=0), end.replace(microsecond=0)
            durations.append((end - start).total_seconds())
        return sum(durations) / len(durations) if durations else 0.0

    def hourly(self, what: str) -> dict[int, float]:
        """Mean `streams` or `presences` of stored runs by hour of the day."""
        by_hour: dict[int, list[int]] = {}
        for run in self.stored:
            value = getattr(run, what)
            if value is not None:
                by_hour.setdefault(run.hours[what], []).append(value)
        return {hour: sum(values) / len(values) for hour, values in sorted(by_hour.items())}

    def hourly_duration_seconds(self) -> dict[int, float]:
        """Mean time of stored runs by the hour of the day in which they began."""
        by_hour: dict[int, list[float]] = {}
        for run in self.stored:
            if run.duration_seconds is not None:
                by_hour.setdefault(run.start.hour, []).append(run.duration_seconds)
        return {hour: sum(values) / len(values) for hour, values in sorted(by_hour.items())}


def read_log(path: Path, *, interval_minutes: int = 5) -> Health:
    """Read the original's log, raw or cleaned (CSV with columns Time, num, Type, Cod, Message).

    Lines of tracebacks are counted and passed over; nothing of them is kept. Expected are the
    intervals from the first start to the last; a time that misses whole days by less than three
    intervals is taken for whole days, since that is how collections are planned. Raises StreamergraphError
    for a file without one run and for an interval below 1.
    """
    if interval_minutes < 1:
        raise StreamergraphError(
            "--interval-minutes", expected="1 or more", found=str(interval_minutes), remedy="try 5"
        )
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        raise StreamergraphError(
            path, expected="a collector's log", found="no file", remedy="check the path"
        ) from None
    lines = text.splitlines()
    cleaned = bool(lines) and lines[0].startswith(",Time,num,Type,Cod,Message")
    events = list(_cleaned_events(lines) if cleaned else _raw_events(lines))
    runs, errors = _runs(events)
    if not runs:
        raise StreamergraphError(
            path,
            expected="lines such as 2022-05-05 15:09:10,508,INFO,1,…",
            found="none",
            remedy="name a log of the collector",
        )
    span = (runs[-1].start - runs[0].start).total_seconds() / 60
    days = round(span / MINUTES_OF_A_DAY)
    if days and abs(span - days * MINUTES_OF_A_DAY) < 3 * interval_minutes:
        expected = days * MINUTES_OF_A_DAY // interval_minutes
    else:
        expected = round(span / interval_minutes) + 1
    return Health(
        runs=runs,
        expected=expected,
        interval_minutes=interval_minutes,
        ignored_lines=len(lines) - len(events) - int(cleaned),
        error_lines=errors,
        complete=not cleaned,
    )


def _cleaned_events(lines: Iterable[str]) -> Iterator[LogEvent]:
    for row in csv.DictReader(lines):
        event = _event(row["Time"], row["num"], row["Type"], row["Cod"], row["Message"] or "")
        if event is not None:
            yield event


def _raw_events(lines: Iterable[str]) -> Iterator[LogEvent]:
    for line in lines:
        found = RAW_LINE.fullmatch(line)
        event = _event(*found.groups()) if found else None
        if event is not None:
            yield event


def _event(
    time: str, milliseconds: str, level: str, code: str | None, message: str
) -> LogEvent | None:
    try:
        moment = datetime.datetime.fromisoformat(time)
        moment += datetime.timedelta(milliseconds=int(milliseconds))
        return LogEvent(time=moment, level=level, code=int(code) if code else None, message=message)
    except (TypeError, ValueError):
        return None


def _runs(events: Iterable[LogEvent]) -> tuple[list[Run], int]:
    runs: list[Run] = []
    errors = 0
    for event in events:
        if event.level == "ERROR":
            errors += 1
        if event.code == STARTED:
            runs.append(Run(start=event.time))
        elif not runs:
            continue
        elif event.code == STREAMS:
            runs[-1].streams = _number(event.message)
            runs[-1].hours["streams"] = event.time.hour
        elif event.code == PRESENCES:
            runs[-1].presences = _number(event.message)
            runs[-1].hours["presences"] = event.time.hour
        elif event.code == SAVED:
            runs[-1].end = event.time
        elif event.level == "ERROR":
            runs[-1].errors.append(event.message)
    return runs, errors


def _number(message: str) -> int | None:
    found = re.search(r"(\d+)\s*$", message)
    return int(found[1]) if found else None


def _cause(run: Run) -> str:
    text = " ".join(run.errors).lower()
    if "timeout" in text or "time-out" in text:
        return "time-out"
    if "ssl" in text or "tls" in text:
        return "TLS"
    if "json" in text or "decode" in text:
        return "undecodable answer"
    if run.streams is None:
        return "died before the stream count"
    return "unexplained"
