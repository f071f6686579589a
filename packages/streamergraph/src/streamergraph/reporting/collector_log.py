"""The log of the collector that made the published data set, raw or cleaned."""

from __future__ import annotations

import csv
import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from streamergraph.errors import StreamergraphError
from streamergraph.reporting.health import PRESENCES, STREAMS, Health, Run, Series

MINUTES_OF_A_DAY = 1440
STARTED, COUNTED_STREAMS, COUNTED_PRESENCES, SAVED = 1, 2, 3, 4
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


def read_log(path: Path, *, interval_minutes: int = 5) -> Health:
    """Read such a log (cleaned: CSV with columns Time, num, Type, Cod, Message).

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
    runs, errors = _runs(events, interval_minutes)
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
    series = Series(
        expected=expected,
        interval_minutes=interval_minutes,
        never_started=None if cleaned else max(0, expected - len(runs)),
    )
    return Health(
        runs=runs,
        series=(series,),
        clock="the log's clock",
        ignored_lines=len(lines) - len(events) - int(cleaned),
        error_lines=errors,
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


def _runs(events: Iterable[LogEvent], interval_minutes: float) -> tuple[list[Run], int]:
    runs: list[Run] = []
    said: list[list[str]] = []
    errors = 0
    for event in events:
        if event.level == "ERROR":
            errors += 1
        if event.code == STARTED:
            runs.append(Run(start=event.time, began=event.time, interval_minutes=interval_minutes))
            said.append([])
        elif not runs:
            continue
        elif event.code == COUNTED_STREAMS:
            runs[-1].streams = _number(event.message)
            runs[-1].hours[STREAMS] = event.time.hour
        elif event.code == COUNTED_PRESENCES:
            runs[-1].presences = _number(event.message)
            runs[-1].hours[PRESENCES] = event.time.hour
        elif event.code == SAVED:
            runs[-1].ended, runs[-1].stored = event.time, True
        elif event.level == "ERROR":
            said[-1].append(event.message)
    for run, messages in zip(runs, said, strict=True):
        run.problem = "" if run.stored else _cause(run, messages)
    return runs, errors


def _number(message: str) -> int | None:
    found = re.search(r"(\d+)\s*$", message)
    return int(found[1]) if found else None


def _cause(run: Run, messages: Iterable[str]) -> str:
    text = " ".join(messages).lower()
    if "timeout" in text or "time-out" in text:
        return "time-out"
    if "ssl" in text or "tls" in text:
        return "TLS"
    if "json" in text or "decode" in text:
        return "undecodable answer"
    if run.streams is None:
        return "died before the stream count"
    return "unexplained"
