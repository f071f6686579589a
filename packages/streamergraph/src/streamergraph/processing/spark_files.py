"""The files of a store as data frames of Spark, in the types that queries expect.

Spark 4 ends a whole job at one value that cannot be cast, and reads unsigned numbers of 64 bits as
decimal(20,0). So files are read in groups of equal types; what is of another type is cast by `try_cast`,
and rows of which a value then is missing are counted, told and left out.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import duckdb
import polars as pl

from streamergraph.events import note
from streamergraph.observations.schema import SCHEMAS
from streamergraph.observations.store import Store
from streamergraph.processing.spark_session import Cluster

SPARK_TYPES = {
    pl.Int64(): "bigint",
    pl.Int32(): "int",
    pl.Float64(): "double",
    pl.Datetime("us", "UTC"): "timestamp",
}
ARROW_TYPES = {
    "int64": "bigint", "int32": "int", "double": "double", "string": "string",
    "binary": "binary",
}  # fmt: skip
UNSIGNED = "decimal(20,0)"
SIGN, ALL = 2**63, 2**64


def stored(
    cluster: Cluster, connection: duckdb.DuckDBPyConnection, store: Store, table: str
) -> Any:
    """The rows of one table that count, with the column `day`; without those on the opt-out list."""
    paths = [path.resolve() for day in store.days() for path in day.files(table)]
    groups = [_typed(cluster, table, group) for group in _by_types(connection, paths)]
    frame = groups[0] if groups else _empty(cluster, table)
    for other in groups[1:]:
        frame = frame.unionAll(other)
    for column in SCHEMAS[table]:
        if _has(connection, f"opted_out_{column}"):
            rows = connection.sql(f"SELECT n AS {column} FROM opted_out_{column}").to_arrow_table()
            frame = frame.join(sent(cluster, rows), column, "left_anti")
    return frame


def sent(cluster: Cluster, rows: Any) -> Any:
    """An Arrow table as a data frame of the cluster."""
    if rows.num_rows:
        return cluster.session.createDataFrame(rows)
    # Spark Connect asks for the types of no rows, though Arrow has them.
    types = (
        f"{field.name} {ARROW_TYPES.get(str(field.type), 'timestamp')}" for field in rows.schema
    )
    return cluster.session.createDataFrame([], ", ".join(types))


def written(frame: Any, folder: Path) -> list[Path]:
    """Let the cluster write rows as Parquet files into a new folder; returns their paths."""
    frame.write.parquet(folder.as_uri())
    # Not by looking into the folder: a network's file system may not show here yet what was made there.
    files = frame.sparkSession.read.parquet(folder.as_uri()).inputFiles()
    return sorted(Path(url2pathname(urlsplit(file).path)) for file in files)


def _by_types(connection: duckdb.DuckDBPyConnection, paths: list[Path]) -> list[list[str]]:
    """Paths of files whose columns have the same types."""
    if not paths:
        return []
    found: dict[str, list[Any]] = defaultdict(list)
    for file, *column in connection.execute(
        "SELECT file_name, name, type, converted_type, logical_type FROM parquet_schema(?)",
        [[str(path) for path in paths]],
    ).fetchall():
        found[file].append(tuple(column))
    groups: dict[Any, list[str]] = defaultdict(list)
    for path in map(str, paths):
        groups[tuple(sorted(found[path], key=str))].append(path)
    return list(groups.values())


def _typed(cluster: Cluster, table: str, paths: list[str]) -> Any:
    """The rows of files of equal types, in our types; says what becomes of others."""
    frame = cluster.session.read.parquet(*paths)
    types = dict(frame.dtypes)
    wanted = {name: SPARK_TYPES[kind] for name, kind in SCHEMAS[table].items()}
    strange = [name for name, kind in wanted.items() if types[name] != kind]
    columns = [
        f"{_cast(name, types[name], kind)} AS {name}" if name in strange else name
        for name, kind in wanted.items()
    ]
    day = "element_at(split(_metadata.file_path, '/'), -2) AS day"
    made = frame.selectExpr(*columns, day)
    if not strange:
        return made
    for name in strange:
        note(
            f"{table}: {name} of {len(paths)} files is {types[name]}, and is read as {wanted[name]}"
        )
    lost = _lost(frame, strange, types, wanted)
    for name, count in lost.items():
        if count:
            note(f"{table}: {count:,} rows are left out, whose {name} is no {wanted[name]}")
    return made.dropna(subset=strange)


def _lost(
    frame: Any, strange: list[str], types: dict[str, str], wanted: dict[str, str]
) -> dict[str, int]:
    counts = [
        f"count_if({_cast(name, types[name], wanted[name])} IS NULL) AS {name}" for name in strange
    ]
    (row,) = frame.selectExpr(*counts).toArrow().to_pylist()
    return dict(row)


def _cast(name: str, found: str, wanted: str) -> str:
    """SQL that never fails: NULL for what is no number of that kind."""
    if found == UNSIGNED and wanted == "bigint":
        # The same 64 bits, read as signed: so pseudonyms are kept.
        return f"try_cast(CASE WHEN {name} >= {SIGN} THEN {name} - {ALL} ELSE {name} END AS bigint)"
    return f"try_cast({name} AS {wanted})"


def _empty(cluster: Cluster, table: str) -> Any:
    columns = [f"{name} {SPARK_TYPES[kind]}" for name, kind in SCHEMAS[table].items()]
    return cluster.session.createDataFrame([], ", ".join([*columns, "day string"]))


def _has(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    found = "SELECT count(*) FROM duckdb_tables() WHERE table_name = ?"
    row = connection.execute(found, [table]).fetchone()
    return bool(row and row[0])
