"""Tables to a folder: Parquet with our names, CSV with the original's."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import polars as pl

from streamergraph.atomic import atomic_path, room_on_disk
from streamergraph.tables.facts import write_facts
from streamergraph.tables.schema import CATEGORY_NAMES_FILE, SCHEMAS, TableSchema
from streamergraph.tables.tables import Tables
from streamergraph.tables.weights import rounded_for_display


def write_tables(folder: Path, tables: Tables) -> None:
    """Write four Parquet files, the published form's five CSV files, and tables.json.

    All of them are written before any takes the place of an old one: a full disk mixes no tables of two
    calls. CSV columns that nothing is known for (`socialLinks`, the Steam facts) are there and empty.
    Percentages that `process` computed are rounded in the CSV and only there; those that came
    without counts stay as they came, since nothing could compute them again. Raises StreamergraphError
    where there is no room.
    """
    names = tables.categories.select(
        pl.col("category_id").alias("ID_game"), pl.col("name").alias("game_name")
    )
    csv = {CATEGORY_NAMES_FILE: names}
    parquet = {}
    for schema in SCHEMAS:
        frame: pl.DataFrame = getattr(tables, schema.name)
        parquet[f"{schema.name}.parquet"] = frame
        csv[schema.published_file] = published_form(frame, schema)
    as_before = "make room; the tables that were there are as they were"
    with room_on_disk(folder, remedy=as_before), ExitStack() as written:
        for name, frame in parquet.items():
            frame.write_parquet(written.enter_context(atomic_path(folder / name)))
        for name, frame in csv.items():
            temporary = written.enter_context(atomic_path(folder / name))
            frame.write_csv(temporary, line_terminator="\n")
    write_facts(folder, tables.facts)


def published_form(frame: pl.DataFrame, schema: TableSchema) -> pl.DataFrame:
    """`frame` with the columns of the published CSV, in its order."""
    if {"overlap_percent", "common_viewers"} <= set(frame.columns):
        frame = frame.with_columns(rounded_for_display("overlap_percent"))
    return frame.select(pl.col(column.name).alias(column.published) for column in schema.columns)
