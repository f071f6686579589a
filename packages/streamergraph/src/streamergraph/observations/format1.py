"""Stores of format 1: one Parquet file a day with lists of chatters, and one list of snapshots.

They are read as they are, and `convert` makes them stores of today's format without loss.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl

from streamergraph.observations.days import UNDATED
from streamergraph.observations.frames import Frames
from streamergraph.observations.identity import number_of_name
from streamergraph.observations.schema import (
    CATEGORIES,
    CHANNELS,
    COVERAGE,
    KINDS,
    OBSERVATIONS,
    RUNS,
    SCHEMAS,
    TIME,
)
from streamergraph.observations.series import series_of_file
from streamergraph.observations.store import FORMAT_VERSION, Store

FORMAT = 1


def convert(store: Store) -> None:
    """Make a store of format 1 one of today's; interrupted, it is still one of format 1.

    The caller keeps other writers out.
    """
    shutil.rmtree(store.folder / "days", ignore_errors=True)
    for name, frames in days_of(store.folder):
        store.day(name).commit(frames)
    store.describe(replace(store.description(), format=FORMAT_VERSION))
    shutil.rmtree(store.folder / "observations")
    (store.folder / "snapshots.parquet").unlink(missing_ok=True)


def days_of(folder: Path) -> Iterator[tuple[str, Frames]]:
    """The tables of each day of a store of format 1, by the name of the day."""
    runs = _runs(folder)
    days = {path.parent.name.removeprefix("day="): path for path in _files(folder)}
    sources = runs.filter(pl.col("status") == "stored").select("time", "source").unique("time")
    for name in sorted(days.keys() | set(runs["day"])):
        frames = _frames(pl.read_parquet(days[name]), sources) if name in days else {}
        yield name, {**frames, RUNS: runs.filter(pl.col("day") == name).drop("day")}


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("observations/day=*/part.parquet"))


def _frames(rows: pl.DataFrame, sources: pl.DataFrame) -> Frames:
    ids = {key: _channel_id(key) for key in rows["streamer_key"].unique().to_list()}
    categories = rows["category"].drop_nulls().unique().to_list()
    rows = rows.join(sources, on="time", how="left").with_columns(
        channel_id=pl.col("streamer_key").replace_strict(ids, return_dtype=pl.Int64),
        category_id=pl.col("category").replace_strict(
            {name: number_of_name(name) for name in categories}, return_dtype=pl.Int64, default=None
        ),
        language=pl.lit(None, pl.String),
        source=pl.col("source").fill_null("*"),
        width_minutes=pl.lit(None, pl.Float64),
    )
    schema = SCHEMAS[OBSERVATIONS]
    frames = {OBSERVATIONS: rows.select(pl.col(name).cast(kind) for name, kind in schema.items())}
    for kind in KINDS:
        frames[kind] = (
            rows.filter(pl.col("coverage") == COVERAGE[kind])
            .select("time", "channel_id", pl.col("chatters").alias("viewer"))
            .explode("viewer")
            .drop_nulls("viewer")
            .with_columns(pl.col("viewer").reinterpret(signed=True))
            .sort("channel_id", "time", "viewer")
        )
    frames[CHANNELS] = _names(
        rows.select("channel_id", "name", "time", login=pl.lit(None, pl.String)), CHANNELS
    )
    frames[CATEGORIES] = _names(
        rows.filter(pl.col("category").is_not_null()).select(
            "category_id", "time", name="category", igdb_id=pl.lit(None, pl.Int64)
        ),
        CATEGORIES,
    )
    return frames


def _names(rows: pl.DataFrame, table: str) -> pl.DataFrame:
    names = [name for name in SCHEMAS[table] if name not in ("valid_from", "valid_until")]
    return (
        rows.group_by(names)
        .agg(pl.col("time").min().alias("valid_from"), pl.col("time").max().alias("valid_until"))
        .sort(names)
    )


def _channel_id(key: str) -> int:
    number = key.removeprefix("id:")
    if number != key and number.isascii() and number.isdigit():
        return int(number)
    return number_of_name(key)


def _runs(folder: Path) -> pl.DataFrame:
    path = folder / "snapshots.parquet"
    if path.is_file():
        listed = pl.read_parquet(path)
    else:
        listed = pl.DataFrame(
            schema={"time": TIME, "source": pl.String, "status": pl.String, "streams": pl.Int64,
                    "presences": pl.Int64, "problem": pl.String}
        )  # fmt: skip
    series = listed["source"].map_elements(series_of_file, return_dtype=pl.String)
    frame = listed.with_columns(
        file=pl.col("source"),
        source=series,
        day=pl.col("time").dt.strftime("%Y-%m-%d").fill_null(UNDATED),
        recorded=pl.lit(None, TIME),
    ).with_columns(run_id=pl.col("source") + "#" + pl.col("file"))
    empty = [
        pl.lit(None, kind).alias(name)
        for name, kind in SCHEMAS[RUNS].items()
        if name not in frame.columns
    ]
    return frame.with_columns(empty).select(*SCHEMAS[RUNS], "day")
