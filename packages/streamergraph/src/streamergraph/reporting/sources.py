"""What became of every file that was imported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from streamergraph.observations.store import Store
from streamergraph.reporting.health import HOLE_INTERVALS


def source_facts(folder: Path) -> dict[str, Any]:
    """Counts by status, the median interval, and holes of at least four intervals (UTC)."""
    snapshots = Store.open(folder).snapshots()
    counts = {
        f"{status} snapshots": count
        for status, count in snapshots["status"].value_counts().sort("status").iter_rows()
    }
    times = snapshots.filter(pl.col("status") == "stored")["time"].drop_nulls().unique().sort()
    minutes = times.diff().dt.total_seconds() / 60
    interval = float(minutes.median() or 0)  # type: ignore[arg-type]
    holes = [
        {"after": before.isoformat(timespec="minutes"), "minutes": gap}
        for before, gap in zip(times.to_list()[:-1], minutes.to_list()[1:], strict=True)
        if interval and gap >= HOLE_INTERVALS * interval
    ]
    return {
        **counts,
        "median interval in minutes": interval,
        "streamers seen under several names": renamed(folder),
        "holes": holes,
    }


def renamed(folder: Path) -> int:
    """Streamers that a platform's id shows under several names, whatever their case.

    Without such ids a streamer is known by the name alone, and a change of name is not seen.
    """
    names = (
        pl.scan_parquet(Store.open(folder).observations_pattern)
        .group_by("streamer_key")
        .agg(pl.col("name").str.to_lowercase().n_unique())
        .filter(pl.col("name") > 1)
        .select(pl.len())
        .collect()
    )
    return int(names.item())
