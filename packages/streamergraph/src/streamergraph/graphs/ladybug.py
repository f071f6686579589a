"""Ladybug, the embedded graph database: one file, no server."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import polars as pl

from streamergraph.atomic import replace_durably, room_on_disk
from streamergraph.errors import StreamergraphError
from streamergraph.graphs.records import PropertyGraph

KINDS = {pl.Int64: "INT64", pl.Float64: "DOUBLE", pl.String: "STRING", pl.Date: "DATE"}


def write_ladybug(path: Path, graph: PropertyGraph) -> None:
    """Write `graph` as a Ladybug database; an existing one at `path` is replaced as a whole.

    Raises StreamergraphError where something else is at `path`.
    """
    import ladybug

    if path.exists() and not is_ladybug(path):
        raise StreamergraphError(
            path,
            expected="a Ladybug database or nothing",
            found="something else",
            remedy="choose another path",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=path.parent) as name:
        folder = Path(name)
        database = ladybug.Database(str(folder / "graph"))
        connection = ladybug.Connection(database)
        for nodes in graph.nodes:
            columns = ", ".join(f"`{c}` {KINDS[type(k)]}" for c, k in nodes.rows.schema.items())
            connection.execute(
                f"CREATE NODE TABLE {nodes.label}({columns}, PRIMARY KEY(`{nodes.key}`))"
            )
            _copy(connection, nodes.label, nodes.rows, folder)
        for relations in graph.relations:
            columns = ", ".join(f"`{c}` {KINDS[type(k)]}" for c, k in relations.properties.items())
            connection.execute(
                f"CREATE REL TABLE {relations.kind}(FROM {relations.start_label} TO "
                f"{relations.end_label}, {columns})"
            )
            _copy(connection, relations.kind, relations.rows, folder)
        connection.execute("CHECKPOINT")
        connection.close()
        database.close()
        for stale in (path.with_name(path.name + ".wal"),):
            stale.unlink(missing_ok=True)
        replace_durably(folder / "graph", path)


def query_ladybug(
    path: Path, cypher: str, parameters: dict[str, Any]
) -> tuple[list[str], list[Any]]:
    """Run one query, read-only; returns column names and rows.

    Raises StreamergraphError for a path that is no database and for a query that cannot run.
    """
    import ladybug

    if not is_ladybug(path):
        raise StreamergraphError(
            path, expected="a Ladybug database", found="none", remedy="make one with `model`"
        )
    database = ladybug.Database(str(path), read_only=True)
    try:
        connection = ladybug.Connection(database)
        try:
            result = connection.execute(cypher, parameters)
            answers = result if isinstance(result, list) else [result]
            names = list(answers[-1].get_column_names())
            rows = list(answers[-1].get_all())
        except RuntimeError as error:
            raise StreamergraphError(
                "--cypher",
                expected="a query that this database can run",
                found=str(error).splitlines()[0],
                remedy="see the page on graph databases",
            ) from None
        finally:
            connection.close()
    finally:
        database.close()
    return names, rows


def is_ladybug(path: Path) -> bool:
    """Whether `path` is a file that begins as Ladybug's (or its forerunner's) do."""
    try:
        with path.open("rb") as file:
            return file.read(4) in (b"LBUG", b"KUZU")
    except OSError:
        return False


def _copy(connection: Any, table: str, rows: pl.DataFrame, folder: Path) -> None:
    if not rows.height:
        return
    parquet = folder / "rows.parquet"
    with room_on_disk(parquet):
        rows.write_parquet(parquet)
    quoted = str(parquet).replace("\\", "\\\\").replace("'", "\\'")
    connection.execute(f"COPY {table} FROM '{quoted}'")
    parquet.unlink()
