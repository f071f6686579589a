"""A store's tables as views of DuckDB."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl

from streamergraph.observations.schema import SCHEMAS
from streamergraph.observations.store import Store
from streamergraph.observations.upkeep import marked

SQL_TYPES = {
    pl.Int64(): "BIGINT",
    pl.Int32(): "INTEGER",
    pl.Float64(): "DOUBLE",
    pl.String(): "VARCHAR",
    pl.Datetime("us", "UTC"): "TIMESTAMPTZ",
}


def create_views(connection: duckdb.DuckDBPyConnection, store: Store) -> None:
    """Make a view ``stored_TABLE`` for every table of the store, by the parts that count now.

    Views have a column `day`. Who is on the store's opt-out list is in none of them, though a row of
    theirs may be there: channels as far as the store has its key.
    """
    hidden = _hidden(connection, store)
    files: dict[str, list[Path]] = {table: [] for table in SCHEMAS}
    for day in store.days():
        for part in day.parts():
            if part.table in files:
                files[part.table].append(day.folder / part.file)
    for table, paths in files.items():
        create_view(connection, table, paths, hidden=hidden)


def _hidden(connection: duckdb.DuckDBPyConnection, store: Store) -> list[str]:
    """Make a table ``opted_out_COLUMN`` for each column of which values are not to be seen."""
    listed = store.opt_out()
    values = {
        "viewer": listed.viewers,
        "channel_id": marked(store, listed.channels, store.pseudonyms)
        if listed.channels and store.pseudonyms is not None
        else set(),
    }
    for column, numbers in values.items():
        if numbers:
            connection.execute(f"CREATE TABLE opted_out_{column} AS SELECT unnest(?::BIGINT[]) AS n",
                               [sorted(numbers)])  # fmt: skip
    return [column for column, numbers in values.items() if numbers]


def create_view(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    paths: list[Path],
    *,
    hidden: Sequence[str] = (),
) -> None:
    """Make the view of one table from its files; an empty one where there is none.

    Rows with a value of ``opted_out_COLUMN`` are left out, for each column in `hidden`.
    """
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
    conditions = [
        f"{column} NOT IN (SELECT n FROM opted_out_{column})"
        for column in hidden
        if column in SCHEMAS[table]
    ]
    without = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    connection.execute(
        f"CREATE VIEW {name} AS SELECT {columns}, "
        "parse_path(filename)[-2] AS day "
        f"FROM read_parquet([{listed}], hive_partitioning = false, filename = true)" + without
    )
