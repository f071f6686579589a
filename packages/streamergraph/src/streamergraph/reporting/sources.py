"""What became of every file that was imported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from streamergraph.observations.store import Store

HOLE_INTERVALS = 4


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
    return {**counts, "median interval in minutes": interval, "holes": holes}
