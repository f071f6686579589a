"""Tables to a folder: Parquet with our names, CSV with the original's."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from streamergraph.atomic import atomic_path
from streamergraph.tables.facts import write_facts
from streamergraph.tables.schema import CATEGORY_NAMES_FILE, SCHEMAS, TableSchema
from streamergraph.tables.tables import Tables
from streamergraph.tables.weights import rounded_for_display


def write_tables(folder: Path, tables: Tables) -> None:
    """Write four Parquet files, the published form's five CSV files, and tables.json, each atomically.

    CSV columns that nothing is known for (`socialLinks`, the Steam facts) are there and empty.
    Percentages that `process` computed are rounded in the CSV and only there; those that came
    without counts stay as they came, since nothing could compute them again.
    """
    for schema in SCHEMAS:
        frame: pl.DataFrame = getattr(tables, schema.name)
        with atomic_path(folder / f"{schema.name}.parquet") as temporary:
            frame.write_parquet(temporary)
        with atomic_path(folder / schema.published_file) as temporary:
            published_form(frame, schema).write_csv(temporary, line_terminator="\n")
    names = tables.categories.select(
        pl.col("category_id").alias("ID_game"), pl.col("name").alias("game_name")
    )
    with atomic_path(folder / CATEGORY_NAMES_FILE) as temporary:
        names.write_csv(temporary, line_terminator="\n")
    write_facts(folder, tables.facts)


def published_form(frame: pl.DataFrame, schema: TableSchema) -> pl.DataFrame:
    """`frame` with the columns of the published CSV, in its order."""
    if {"overlap_percent", "common_viewers"} <= set(frame.columns):
        frame = frame.with_columns(rounded_for_display("overlap_percent"))
    return frame.select(pl.col(column.name).alias(column.published) for column in schema.columns)
