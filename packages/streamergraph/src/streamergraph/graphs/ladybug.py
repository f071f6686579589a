"""Ladybug, the embedded graph database: one file, no server."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import Any

import polars as pl

from streamergraph.atomic import replace_durably, room_on_disk
from streamergraph.errors import StreamergraphError
from streamergraph.graphs.literals import cypher_literal
from streamergraph.graphs.records import PropertyGraph

SMALLEST = 2**28  # bytes
TIMES_ROWS, TIMES_WRITTEN = 16, 64
POOLS = 4  # memory that may be used, in sizes of the database
KINDS = {pl.Int64: "INT64", pl.Float64: "DOUBLE", pl.String: "STRING", pl.Date: "DATE"}


def write_ladybug(path: Path, graph: PropertyGraph) -> None:
    """Write `graph` as a Ladybug database; an existing one at `path` is replaced as a whole.

    Raises StreamergraphError where something else is at `path`.
    """
    if path.exists() and not is_ladybug(path):
        raise StreamergraphError(
            path,
            expected="a Ladybug database or nothing",
            found="something else",
            remedy="choose another path",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    tables = [table.rows for table in graph.nodes] + [table.rows for table in graph.relations]
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=path.parent) as name:
        folder = Path(name)
        with room_on_disk(path):
            _write(
                folder, graph, _bound(TIMES_ROWS * sum(rows.estimated_size() for rows in tables))
            )
        for stale in (path.with_name(path.name + ".wal"),):
            stale.unlink(missing_ok=True)
        replace_durably(folder / "graph", path)


def _write(folder: Path, graph: PropertyGraph, size: int) -> None:
    import ladybug

    database = _open(folder / "graph", size, read_only=False)
    try:
        connection = ladybug.Connection(database)
        try:
            for nodes in graph.nodes:
                columns = ", ".join(f"`{c}` {KINDS[type(k)]}" for c, k in nodes.rows.schema.items())
                connection.execute(
                    f"CREATE NODE TABLE {nodes.label}({columns}, PRIMARY KEY(`{nodes.key}`))"
                )
                _copy(connection, nodes.label, nodes.rows, folder)
            for relations in graph.relations:
                kinds = relations.properties.items()
                columns = ", ".join(f"`{c}` {KINDS[type(k)]}" for c, k in kinds)
                connection.execute(
                    f"CREATE REL TABLE {relations.kind}(FROM {relations.start_label} TO "
                    f"{relations.end_label}, {columns})"
                )
                _copy(connection, relations.kind, relations.rows, folder)
            if graph.nodes:
                label = graph.nodes[0].label
                connection.execute(f"COMMENT ON TABLE {label} IS {cypher_literal(graph.made)}")
            connection.execute("CHECKPOINT")
        finally:
            connection.close()
    finally:
        database.close()


def _open(path: Path, size: int, *, read_only: bool) -> Any:
    import ladybug

    try:
        return ladybug.Database(
            str(path), read_only=read_only, max_db_size=size, buffer_pool_size=POOLS * size
        )
    except RuntimeError as error:
        if "Mmap" not in str(error):
            raise
        raise StreamergraphError(
            path,
            expected=f"{(1 + POOLS) * size / 2**30:g} GiB of address space for the database",
            found=str(error).splitlines()[0],
            remedy="raise the limit (ulimit -v)",
        ) from error


def _bound(size: float) -> int:
    """The most bytes that a database may have which will hold about `size`: a power of two.

    Ladybug reserves so much of the address space, by default 8 TiB and most of the memory, which a limit
    (`ulimit -v`, some batch systems) refuses. It cannot go on where the bound is reached (0.22 ends
    the process), so there is plenty.

    >>> _bound(0) == SMALLEST, _bound(2**30 + 1) == 2**31
    (True, True)
    """
    return max(SMALLEST, 1 << math.ceil(math.log2(max(size, 1))))


def query_ladybug(
    path: Path, cypher: str, parameters: dict[str, Any], *, write: bool = False
) -> tuple[list[str], list[Any]]:
    """Run one query, read-only unless `write`; returns column names and rows.

    Raises StreamergraphError for a path that is no database and for a query that cannot run.
    """
    import ladybug

    if not is_ladybug(path):
        raise StreamergraphError(
            path, expected="a Ladybug database", found="none", remedy="make one with `model`"
        )
    # What is read fits; what is written may be some times as much.
    size = _bound(path.stat().st_size * (TIMES_WRITTEN if write else 2))
    database = _open(path, size, read_only=not write)
    try:
        connection = ladybug.Connection(database)
        try:
            result = connection.execute(cypher, parameters)
            answers = result if isinstance(result, list) else [result]
            names = list(answers[-1].get_column_names())
            rows = list(answers[-1].get_all())
        except RuntimeError as error:
            said = str(error).splitlines()[0]
            reads_only = not write and "read-only" in said.casefold()
            raise StreamergraphError(
                "--cypher",
                expected="a query that reads"
                if reads_only
                else "a query that this database can run",
                found=said,
                remedy="say --write if it is meant to write"
                if reads_only
                else "see the page on graph databases",
            ) from None
        finally:
            connection.close()
    finally:
        database.close()
    return names, rows


def made_of(path: Path) -> str:
    """How the graph in a database came about, with its hash; empty for one of earlier versions."""
    _, rows = query_ladybug(path, "CALL show_tables() RETURN comment", {})
    return next((str(row[0]) for row in rows if row[0]), "")


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
