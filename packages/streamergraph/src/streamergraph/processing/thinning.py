"""Presences by the minute to minutes a day: what a store keeps of days that are long past."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import duckdb

from streamergraph.observations.days import Day
from streamergraph.observations.schema import COVERAGE, KINDS, MINUTES, REACH
from streamergraph.observations.store import Store
from streamergraph.processing.database import database
from streamergraph.processing.observed import observe
from streamergraph.processing.slices import Slice

LOST = (
    "at which minute somebody was there: no --raid-minutes, no --as-published, no --language, and whole "
    "days only in --from and --until; thresholds and rules for bots can still be chosen"
)


def thin(store: Store, *, before: datetime.date, spill: Path | None = None) -> dict[str, int]:
    """Thin every day before `before` that has presences; returns days and presences thinned.

    Of each viewer of a channel the minutes of the day stay, and of each viewer in how many chats at one
    moment at most, which is what bots are known by. Tables made of whole days stay the same, row for
    row. Interrupted, whole days are thinned or are not.
    """
    counts = {"days": 0, "presences": 0}
    for day in store.days():
        parts = [part for part in day.parts() if part.table in KINDS]
        if day.date is None or day.date >= before or not parts:
            continue
        # Looks that came after a day was thinned join what is there.
        earlier = [
            part for part in day.parts() if part.table in (*MINUTES.values(), *REACH.values())
        ]
        begin = datetime.datetime.combine(day.date, datetime.time(), datetime.UTC)
        slice_ = Slice(first=begin, last=begin + datetime.timedelta(days=1))
        with database(spill=spill) as connection:
            observe(connection, store, slice_, renames={}, as_published=False)
            files = [file for kind in KINDS for file in _write(connection, day, kind)]
        day.commit({}, files=files, instead_of=[*parts, *earlier])
        day.sweep(older_than_hours=0)
        counts["days"] += 1
        counts["presences"] += sum(part.rows for part in parts)
    return counts


def _write(connection: duckdb.DuckDBPyConnection, day: Day, kind: str) -> list[tuple[str, Path]]:
    present = (
        f"stored_{kind} p JOIN observed o ON o.time = p.time AND o.stored_id = p.channel_id "
        f"AND o.coverage = '{COVERAGE[kind]}' WHERE o.width_minutes > 0 AND p.day = '{day.name}'"
    )
    queries = {
        MINUTES[kind]: (
            "SELECT channel_id, viewer, sum(minutes) AS minutes FROM ("
            "SELECT o.stored_id AS channel_id, p.viewer, sum(o.width_minutes) AS minutes "
            f"FROM {present} GROUP BY ALL UNION ALL SELECT channel_id, viewer, minutes "
            f"FROM stored_{_sql(MINUTES[kind])} WHERE day = '{day.name}') GROUP BY ALL ORDER BY ALL"
        ),
        REACH[kind]: (
            "SELECT viewer, max(channels)::INTEGER AS channels FROM (SELECT p.viewer, "
            f"count(DISTINCT o.channel_id) AS channels FROM {present} GROUP BY p.viewer, p.time "
            f"UNION ALL SELECT viewer, channels FROM stored_{_sql(REACH[kind])} "
            f"WHERE day = '{day.name}') GROUP BY viewer HAVING max(channels) > 1 ORDER BY viewer"
        ),
    }
    files = []
    for table, query in queries.items():
        path = day.folder / f"{table}-{os.urandom(6).hex()}.parquet"
        target = str(path).replace("'", "''")
        connection.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
        files.append((table, path))
    return files


def _sql(table: str) -> str:
    return table.replace("-", "_")
