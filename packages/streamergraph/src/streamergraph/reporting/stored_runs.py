"""The runs of a store: what it keeps of every look at the platform, as the value of all reports.

How many looks should be there nobody wrote down: they are expected at the usual interval of their
series, from its first look to its last. A window of a chat log in which nobody wrote is no look, so
that of a chat log none is missing.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from itertools import pairwise
from typing import Any

import duckdb
import numpy as np
import polars as pl

from streamergraph.errors import StreamergraphError
from streamergraph.importing.times import zone_named
from streamergraph.observations.adding import is_thinned
from streamergraph.observations.schema import (
    AUTHORS,
    BROKEN,
    CLOCK,
    DUPLICATE,
    FULL,
    PARTIAL,
    STORED,
)
from streamergraph.observations.store import Store
from streamergraph.observations.views import create_views
from streamergraph.observations.widths import (
    LONE_MINUTES,
    LONGEST_MINUTES,
    NEIGHBOURS,
    widths_of_looks,
)
from streamergraph.processing.database import database
from streamergraph.reporting.health import Health, Run, Series

BEST_FIRST = (STORED, DUPLICATE, BROKEN)  # of several looks at one moment one is the run
ALREADY_THERE = "known from another file"
Coverages = dict[str, dict[str, set[int]]]  # of a series: the channels of each coverage
Authors = Mapping[tuple[str, datetime.datetime], int]  # by series and moment


def health_of_store(
    store: Store, *, timezone: str | None = None, authors: Authors | None = None
) -> Health:
    """The runs of a store of today's format, in the time of `timezone` (default: its own, else UTC).

    `authors`: how many people wrote at each look, where the store does not hold them. Raises
    StreamergraphError for an unknown zone.
    """
    zone = zone_named(timezone or store.description().timezone or "UTC")
    with database(memory_gib=1.0) as connection:
        create_views(connection, store)
        channels = _channels(connection)
        both = [name for name, of in channels.items() if FULL in of and AUTHORS in of]
        if authors is None:
            authors = _authors_of(connection, both) if both else {}
    thinned = {day.date for day in store.days() if is_thinned(day)}
    ground = _grounds({name: set().union(*of.values()) for name, of in channels.items()})
    frame = store.runs()
    runs: list[Run] = []
    series: list[Series] = []
    for (name,), looks in frame.group_by("source", maintain_order=True):
        assert isinstance(name, str)
        coverages = channels.get(name, {})
        listens = set(coverages) == {AUTHORS} and looks["planned"].null_count() == looks.height
        found = _runs(name, looks, coverages.keys(), authors, thinned, listens=listens, zone=zone)
        if not looks.filter(~pl.col("status").is_in([DUPLICATE, CLOCK])).height:
            found = []  # imported a second time under another name: nothing of its own is lost
        languages = looks["language"].drop_nulls().unique().sort().to_list()
        series.append(
            _series(
                name,
                found,
                language=", ".join(languages) or None,
                without_time=_without_time(looks),
                listens=listens,
                ground=ground.get(name, -1),
            )
        )
        runs += found
    runs.sort(key=lambda run: run.start)
    return Health(runs=runs, series=tuple(series), clock=zone.key)


def timezone_only_for_a_store(timezone: str | None) -> None:
    """Raise StreamergraphError where a zone is asked for of a log, whose times have none."""
    if timezone is not None:
        raise StreamergraphError(
            "--timezone",
            expected="a store with it, whose moments are known",
            found="none",
            remedy="leave it out: a log's times are those of its own clock",
        )


def _series(
    name: str,
    runs: list[Run],
    *,
    language: str | None,
    without_time: int,
    listens: bool,
    ground: int,
) -> Series:
    steps = [
        (b.start - a.start).total_seconds() / 60 / a.interval_minutes for a, b in pairwise(runs)
    ]
    missing = 0 if listens else sum(max(0, round(step) - 1) for step in steps)
    if not runs:
        missing = without_time
    # What has no time was most likely one of those that are missing.
    explained = min(missing, without_time)
    return Series(
        name=name,
        language=language,
        expected=len(runs) + missing,
        interval_minutes=float(np.median([run.interval_minutes for run in runs] or [0.0])),
        never_started=missing - explained,
        without_time=explained,
        listens=listens,
        ground=ground,
    )


def _runs(
    name: str,
    looks: pl.DataFrame,
    coverages: Collection[str],
    authors: Authors,
    thinned: Collection[datetime.date | None],
    *,
    listens: bool,
    zone: datetime.tzinfo,
) -> list[Run]:
    """The looks of one series by time, one for each moment."""
    order = pl.col("status").replace_strict(
        {status: k for k, status in enumerate(BEST_FIRST)}, default=None, return_dtype=pl.Int64
    )
    # A collector's plan is exact, what its looks stand for is when they began.
    moment = pl.coalesce("planned", "time") if not looks["planned"].null_count() else _moment()
    timed = (
        looks.with_columns(at=moment, order=order)
        .drop_nulls(["at", "order"])
        .sort("at", "order")
        .unique("at", keep="first", maintain_order=True)
    )
    runs = []
    for row, interval in zip(timed.iter_rows(named=True), _intervals(timed["at"]), strict=True):
        # Of two series that saw nobody live at one moment, the store takes one for a duplicate.
        stored = row["status"] == STORED or (row["status"] == DUPLICATE and not row["streams"])
        wrote = (
            None
            if row["at"].date() in thinned
            else authors.get((name, row["time"] or row["at"]), 0)
        )
        members, wrote = _kinds(row, coverages, wrote)
        runs.append(
            Run(
                start=_shown_in(zone, row["at"]),
                interval_minutes=interval,
                series=name,
                stored=stored,
                began=row["started"],
                ended=row["ended"],
                streams=None if listens else row["streams"],
                channels=row["streams"] if listens else None,
                presences=members,
                authors=wrote,
                problem="" if stored else _problem(row["status"], row["problem"]),
                partial=stored and (row["problem"] or "").startswith(PARTIAL),
            )
        )
    return runs


def _kinds(
    row: Mapping[str, Any], coverages: Collection[str], authors: int | None
) -> tuple[int | None, int | None]:
    """Presences of members and of authors. A look counts the entries of all its lists together.

    `authors` are those of a look with both kinds; None for days of which only minutes are kept.
    """
    if AUTHORS not in coverages:
        return (row["presences"] if FULL in coverages else None), None
    if FULL not in coverages:
        return None, row["presences"]
    return (None, None) if authors is None else (row["presences"] - authors, authors)


def _intervals(times: pl.Series) -> list[float]:
    """How long after each look the next one is expected, in minutes."""
    minutes = times.dt.epoch("us").to_numpy() / 60e6
    if not len(minutes):
        return []
    # A look stands for an hour at most, though a collector may well come every second one.
    middle = float(np.median(np.diff(minutes))) if len(minutes) > 1 else LONE_MINUTES
    if len(minutes) <= 2 or middle > LONGEST_MINUTES:
        return [middle] * len(minutes)
    widths = pl.Series(widths_of_looks(minutes))
    # A look that was followed by an early one would say that the next ones are due as early.
    usual = widths.rolling_median(2 * NEIGHBOURS + 1, center=True, min_samples=1)
    frame = pl.DataFrame({"a": widths, "b": usual})
    return frame.select(pl.max_horizontal("a", "b")).to_series().to_list()


def _shown_in(zone: datetime.tzinfo, moment: datetime.datetime) -> datetime.datetime:
    """What clocks of a zone show then, with the offset from UTC alone.

    Of two times of one zone Python subtracts and compares what the clocks show, also in the night in
    which they are changed.
    """
    local = moment.astimezone(zone)
    return local.replace(
        tzinfo=datetime.timezone(local.utcoffset() or datetime.timedelta()), fold=0
    )


def _moment() -> pl.Expr:
    return pl.coalesce("time", "planned", "started")


def _without_time(looks: pl.DataFrame) -> int:
    lost = looks.filter((pl.col("status") == CLOCK) | _moment().is_null())
    return lost.filter(pl.col("status") != DUPLICATE).height


def _problem(status: str, problem: str | None) -> str:
    if status == DUPLICATE:
        return ALREADY_THERE
    return general(problem or "unexplained")


def general(problem: str) -> str:
    """A problem without the place in its file, so that the same ones are counted together.

    >>> general("Unterminated string starting at at character 217"), general("no snapshot of streams")
    ('broken JSON (unterminated string)', 'no snapshot of streams')
    """
    said, place, _ = problem.partition(" at character ")
    if not place:
        return problem
    return f"broken JSON ({said.removesuffix(' starting at').lower()})"


def _channels(connection: duckdb.DuckDBPyConnection) -> Coverages:
    rows = connection.execute(
        "SELECT source, coverage, list(DISTINCT channel_id) FROM stored_observations GROUP BY ALL"
    ).fetchall()
    found: Coverages = defaultdict(dict)
    for source, coverage, ids in rows:
        found[source][coverage] = set(ids)
    return found


def _authors_of(
    connection: duckdb.DuckDBPyConnection, sources: list[str]
) -> dict[tuple[str, datetime.datetime], int]:
    """How many people wrote at each look of these series."""
    rows = connection.execute(
        """
        SELECT o.source, epoch_us(o.time), count(*)
        FROM stored_authors p JOIN stored_observations o USING (time, channel_id)
        WHERE o.coverage = ? AND o.source IN (SELECT unnest(?::VARCHAR[])) GROUP BY ALL
        """,
        [AUTHORS, sources],
    ).fetchall()
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    return {
        (source, epoch + datetime.timedelta(microseconds=micros)): count
        for source, micros, count in rows
    }


def _grounds(channels: Mapping[str, set[int]]) -> dict[str, int]:
    """A number for each series; the same where half of the channels of the smaller are the others'."""
    grounds: list[set[int]] = []
    found = {}
    for name, watched in sorted(channels.items(), key=lambda item: (-len(item[1]), item[0])):
        alike = (k for k, ground in enumerate(grounds) if 2 * len(watched & ground) >= len(watched))
        number = next(alike, len(grounds))
        if number == len(grounds):
            grounds.append(set())
        grounds[number] |= watched
        found[name] = number
    return found


def fates(runs: pl.DataFrame) -> dict[str, Counter[str]]:
    """How many looks of each series became what."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for source, status in runs.select("source", "status").iter_rows():
        found[source][status] += 1
    return dict(found)
