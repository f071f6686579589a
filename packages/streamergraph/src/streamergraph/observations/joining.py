"""Several parts of a table as one: the same rows, without those that later ones have replaced."""

from __future__ import annotations

import polars as pl

from streamergraph.observations.days import Day, Part
from streamergraph.observations.schema import (
    CATEGORIES,
    CHANNELS,
    LOSSES,
    OBSERVATIONS,
    RUNS,
    SCHEMAS,
    STORED,
)

# Tables that are read for the whole store, whatever is asked. A collector that adds a part each at every
# tick would have those who open the store after some months read tens of thousands of files.
READ_AS_A_WHOLE = (RUNS, LOSSES, CHANNELS, CATEGORIES)
MOST_PARTS = 16


def joined(rows: pl.DataFrame, table: str) -> pl.DataFrame:
    """The rows of several parts of a table as those of one."""
    if table in (CHANNELS, CATEGORIES):
        names = [name for name in SCHEMAS[table] if name not in ("valid_from", "valid_until")]
        first, last = pl.col("valid_from").min(), pl.col("valid_until").max()
        return rows.group_by(names).agg(first, last).sort(names)
    if table == RUNS:
        return last_words(rows).sort("time", "run_id", nulls_last=True)
    if table == LOSSES:
        last = pl.col("recorded") == pl.col("recorded").max().over("run_id")
        return rows.filter(last.fill_null(True)).sort("run_id", "reason")
    if table == OBSERVATIONS:
        return rows.sort("time", "channel_id", "coverage")
    return rows.sort([name for name in ("channel_id", "time", "viewer") if name in rows.columns])


def last_words(runs: pl.DataFrame) -> pl.DataFrame:
    """Of several words on one look the latest; but what is stored stays so, if its file breaks later."""
    told = runs.sort(pl.col("status") == STORED, "recorded", maintain_order=True)
    return told.unique("run_id", keep="last")


def join_small_tables(day: Day, *, most_parts: int = MOST_PARTS) -> None:
    """Join the parts of what is read as a whole where there are more than `most_parts` of a table.

    So each row is written a few times at most, and a day has few parts of these tables. What was joined
    stays in the folder until `compact` deletes it, for somebody may be reading it.
    """
    parts = day.parts()
    gone: list[Part] = []
    frames: dict[str, pl.DataFrame] = {}
    for table in READ_AS_A_WHOLE:
        of_table = [part for part in parts if part.table == table]
        if len(of_table) > most_parts:
            frames[table] = joined(day.read(table, SCHEMAS[table]), table)
            gone += of_table
    if gone:
        day.commit(frames, instead_of=gone)
