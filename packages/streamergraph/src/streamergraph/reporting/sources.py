"""What became of every look at the platform that is in a store."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import polars as pl

from streamergraph.observations.identity import folded
from streamergraph.observations.reading import readable
from streamergraph.observations.store import Store, counts_of
from streamergraph.reporting.health import HOLE_INTERVALS


def source_facts(folder: Path) -> dict[str, Any]:
    """Counts by status, median interval, holes of at least four intervals (UTC), losses by reason."""
    with readable(Store.open(folder)) as store:
        runs, losses, channels = store.runs(), store.losses(), store.channels()
    times = runs.filter(pl.col("status") == "stored")["time"].drop_nulls().unique().sort()
    minutes = [value / 60 for value in times.diff().drop_nulls().dt.total_seconds().to_list()]
    interval = sorted(minutes)[len(minutes) // 2] if minutes else 0.0
    holes = [
        {"after": before.isoformat(timespec="minutes"), "minutes": gap}
        for before, gap in zip(times.to_list()[:-1], minutes, strict=True)
        if interval and gap >= HOLE_INTERVALS * interval
    ]
    reasons = losses.group_by("reason").agg(pl.col("count").sum()).sort("reason")
    return {
        **{f"{status} snapshots": count for status, count in counts_of(runs).items()},
        "median interval in minutes": interval,
        "streamers seen under several names": renamed(channels),
        "not understood": dict(reasons.iter_rows()),
        "holes": holes,
    }


def renamed(channels: pl.DataFrame) -> int:
    """Streamers that the platform's id shows under several names, whatever their case.

    Without such ids a streamer is known by the name alone, and a change of name is not seen.
    """
    names: dict[int, set[str]] = defaultdict(set)
    for number, login, name in channels.select("channel_id", "login", "name").iter_rows():
        if number >= 0 and (name or login):
            names[number].add(folded(name or login))
    return sum(len(several) > 1 for several in names.values())
