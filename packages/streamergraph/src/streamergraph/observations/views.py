"""A store's tables as views of DuckDB."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from streamergraph.observations.schema import SCHEMAS
from streamergraph.observations.store import Store

SQL_TYPES = {
    pl.Int64(): "BIGINT",
    pl.Int32(): "INTEGER",
    pl.Float64(): "DOUBLE",
    pl.String(): "VARCHAR",
    pl.Datetime("us", "UTC"): "TIMESTAMPTZ",
}


def create_views(connection: duckdb.DuckDBPyConnection, store: Store) -> None:
    """Make a view ``stored_TABLE`` for every table of the store, by the parts that count now.

    Table ``stored_days`` has a row for each day: `day`, and whether its presences were thinned to
    minutes. Views of tables by day have a column `day`.
    """
    files: dict[str, list[Path]] = {table: [] for table in SCHEMAS}
    for day in store.days():
        for part in day.parts():
            if part.table in files:
                files[part.table].append(day.folder / part.file)
    for table, paths in files.items():
        create_view(connection, table, paths)


def create_view(connection: duckdb.DuckDBPyConnection, table: str, paths: list[Path]) -> None:
    """Make the view of one table from its files; an empty one where there is none."""
    name = f"stored_{table.replace('-', '_')}"
    if not paths:
        columns = ", ".join(
            f"NULL::{SQL_TYPES[kind]} AS {column}" for column, kind in SCHEMAS[table].items()
        )
        connection.execute(
            f"CREATE VIEW {name} AS SELECT {columns}, NULL::VARCHAR AS day WHERE false"
        )
        return
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    columns = ", ".join(SCHEMAS[table])
    connection.execute(
        f"CREATE VIEW {name} AS SELECT {columns}, "
        "parse_path(filename)[-2] AS day "
        f"FROM read_parquet([{listed}], hive_partitioning = false, filename = true)"
    )
