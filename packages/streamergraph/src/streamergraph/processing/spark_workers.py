"""What runs in the Python processes of a Spark cluster; it knows nothing of the session.

Each function has the form that `mapInArrow` asks for: an iterator of Arrow record batches to another one.
"""

from __future__ import annotations

import pickle
import platform
import socket
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from streamergraph import __version__
from streamergraph.processing import small_pages
from streamergraph.processing.audiences import AudienceTotals, count_entries, rows_of
from streamergraph.processing.blobs import Blobs, Keep
from streamergraph.processing.parcels import (
    BYTES_OF_AN_ENTRY,
    ENTRIES_AT_A_TIME,
    Ints,
    joined,
    parcels_in,
    parcels_of,
    put_down,
)
from streamergraph.processing.relations import Judged, RelationRules, judge
from streamergraph.processing.shared_audience import Cells, Limits, pairs_of, shared_cells
from streamergraph.processing.viewer_rows import ViewerRows

Columns = dict[str, NDArray[Any]]
ENTRY_TYPES: dict[str, Any] = {"viewer": np.int64, "streamer": np.int32, "minutes": np.int32}
BYTES_OF_A_PLACED_CELL = 8 + 4
VERSIONS = "streamergraph string, python string, host string, mark string"
PARCELS = "place int, part int, entries binary"
SUMS = -1  # among parts
LONGEST = 2**31 - 1  # minutes that an entry can have
PIECES = "first bigint, last bigint, viewers bigint, cells binary"
VERDICTS = "verdict binary"

Batches = Iterator[Any]  # of pyarrow.RecordBatch, whose classes are not typed
Piece = tuple[str, int]  # the path of a Parquet file, and which of its row groups


@dataclass(frozen=True)
class Query:
    """SQL of DuckDB's that makes entries of rows called `of`, one by one, and of small tables `beside`."""

    sql: str
    of: str
    beside: dict[str, Any] = field(default_factory=dict)  # pyarrow.Table by name


@dataclass(frozen=True)
class Sharing:
    """How viewers are shared out: 2^bits parts, of which share k goes to ``places[k]``.

    A place is a number by which Spark finds the task.
    """

    bits: int
    places: tuple[int, ...]
    n_streamers: int


def versions(batches: Batches, *, folder: str) -> Batches:
    """One row a task: which streamergraph and which Python work where.

    `mark` is the name of a file that the task leaves in `folder`, if it can: who finds it there sees the
    same folder.
    """
    import pyarrow as pa

    for _ in batches:
        pass
    mark = f"mark-{uuid4().hex}"
    with suppress(OSError):
        Path(folder, mark).touch()
    row = {
        "streamergraph": __version__,
        "python": ".".join(platform.python_version_tuple()[:2]),
        "host": socket.gethostname(),
        "mark": mark,
    }
    yield pa.RecordBatch.from_pylist([row])


def pack_rows(batches: Batches, *, sharing: Sharing, blobs: Blobs) -> Batches:
    """Rows (streamer, viewer, minutes) as parcels: a row a share of viewers, with what is in it as bytes.

    Shuffling few long rows costs a fraction of what many short ones do.
    """
    with blobs.keeping() as keep:
        for columns in _gathered(batches, list(ENTRY_TYPES)):
            yield _parcels(columns, sharing, keep)


def pack_files(
    pieces: Iterable[Piece],
    *,
    query: Query | None,
    sharing: Sharing,
    blobs: Blobs,
) -> Batches:
    """The same of rows that lie in pieces of files.

    Behind the parcels follows, with `SUMS` as its part, what the entries sum up to (see `sums_in`).
    """
    import pyarrow as pa

    viewers, minutes = np.zeros((2, sharing.n_streamers), np.int64)
    longest = 0
    small_pages.use_again()
    rows = _read(pieces, columns=None if query else list(ENTRY_TYPES))
    if query is not None:
        rows = _asked(rows, query)
    with blobs.keeping() as keep:
        for columns in _gathered(rows, list(ENTRY_TYPES)):
            count_entries(columns["streamer"], columns["minutes"], viewers, minutes)
            longest = max(longest, int(columns["minutes"].max(initial=0)))
            yield _parcels(columns, sharing, keep)
        seen = np.flatnonzero(viewers)
        sums = np.concatenate([seen, viewers[seen], minutes[seen], [longest]])
        yield pa.RecordBatch.from_pylist(
            [{"place": SUMS, "part": SUMS, "entries": keep(sums)}], _schema_of_parcels()
        )


def sums_in(found: NDArray[np.uint8]) -> tuple[Ints, int]:
    """Streamers, their viewers and minutes as rows (3, k), and the most minutes of any entry.

    >>> sums_in(np.array([0, 4, 1, 2, 15, 30, 30]).view(np.uint8))
    (array([[ 0,  4],
           [ 1,  2],
           [15, 30]]), 30)
    """
    numbers = found.view(np.int64)
    return numbers[:-1].reshape(3, -1), int(numbers[-1])


def _read(pieces: Iterable[Piece], columns: list[str] | None) -> Batches:
    """Rows of pieces of files; all columns where none are named."""
    import pyarrow.parquet as pq

    for path, group in pieces:
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(
                ENTRIES_AT_A_TIME, row_groups=[group], columns=columns, use_threads=False
            )


def _asked(batches: Batches, query: Query) -> Batches:
    """What the query gives of some rows after the other."""
    import duckdb
    import pyarrow as pa

    with duckdb.connect(config={"threads": 1}) as connection:
        for name, table in query.beside.items():
            connection.register(name, table)
        for batch in batches:
            connection.register(query.of, pa.Table.from_batches([batch]))
            yield from connection.sql(query.sql).to_arrow_table().to_batches()


def _gathered(batches: Batches, names: list[str]) -> Iterator[Columns]:
    """The columns of many batches at a time."""
    held: list[Columns] = []
    count = 0
    for batch in batches:
        held.append(
            {
                name: batch.column(name)
                .to_numpy(zero_copy_only=False)
                .astype(ENTRY_TYPES[name], copy=False)
                for name in names
            }
        )
        count += batch.num_rows
        if count >= ENTRIES_AT_A_TIME:
            yield _joined(held)
            held, count = [], 0
    if count:
        yield _joined(held)


def _joined(held: list[Columns]) -> Columns:
    return {name: np.concatenate([columns[name] for columns in held]) for name in held[0]}


def _parcels(columns: Columns, sharing: Sharing, keep: Keep) -> Any:
    import pyarrow as pa

    piece = parcels_of(
        *(columns[name] for name in ENTRY_TYPES), n_streamers=sharing.n_streamers, bits=sharing.bits
    )
    share, kept = zip(*put_down(piece, len(sharing.places), keep), strict=True)
    places = np.asarray(sharing.places, np.int32)
    rows = [places[list(share)], np.array(share, np.int32), list(kept)]
    schema = _schema_of_parcels()
    columns_of = zip(rows, schema.types, strict=True)
    return pa.RecordBatch.from_arrays([pa.array(*one) for one in columns_of], schema=schema)


def _schema_of_parcels() -> Any:
    """`PARCELS`, as Arrow has it."""
    import pyarrow as pa

    return pa.schema([("place", pa.int32()), ("part", pa.int32()), ("entries", pa.binary())])


def count(
    batches: Batches, *, sharing: Sharing, rank: NDArray[np.int32], limits: Limits, blobs: Blobs
) -> Batches:
    """Parcels in order of their share to cells of all pairs, in pieces."""
    import pyarrow as pa

    rows = [
        (share, kept.as_buffer())
        for batch in batches
        for share, kept in zip(
            batch.column("part").to_pylist(), batch.column("entries"), strict=True
        )
    ]

    def fetch() -> Iterator[ViewerRows]:
        shares = len(sharing.places)
        for share, group in groupby(rows, key=lambda row: row[0]):
            found = [kept for _, kept in group]
            pieces = (
                parcels_in(blobs.read(kept), share, shares, bits=sharing.bits) for kept in found
            )
            most = sum(map(blobs.size, found)) // BYTES_OF_AN_ENTRY
            yield from rows_of(joined(pieces, most=most), rank)

    small_pages.use_again()
    numbers = [(name, pa.int64()) for name in ("first", "last", "viewers")]
    types = pa.schema([*numbers, ("cells", pa.binary())])
    with blobs.keeping() as keep:
        for cells in shared_cells(fetch, n_streamers=len(rank), limits=limits):
            if cells.n_viewers:
                yield pa.RecordBatch.from_pylist([piece_of(cells, keep)], types)


def piece_of(cells: Cells, keep: Keep) -> dict[str, Any]:
    """Cells as a row; only those that are not nought, with their places, where these are few."""
    full = np.flatnonzero(cells.values)
    few = len(full) * BYTES_OF_A_PLACED_CELL < cells.values.nbytes
    return {
        "first": cells.first,
        "last": cells.last,
        "viewers": cells.n_viewers,
        "cells": keep(cells.values[full], full.astype(np.uint32)) if few else keep(cells.values),
    }


def add(
    batches: Batches, *, rules: RelationRules, audiences: AudienceTotals, blobs: Blobs
) -> Batches:
    """Pieces in order to what the rules say of the pairs, once all of a piece are summed."""
    import pyarrow as pa

    rows = (row for batch in batches for row in batch.to_pylist())
    with blobs.keeping() as keep:
        for verdict in judged(rows, rules=rules, audiences=audiences, blobs=blobs):
            kept = keep(np.frombuffer(pickle.dumps(verdict), np.uint8))
            yield pa.RecordBatch.from_pylist([{"verdict": kept}])


def judged(
    rows: Iterable[dict[str, Any]],
    *,
    rules: RelationRules,
    audiences: AudienceTotals,
    blobs: Blobs,
) -> Iterator[Judged]:
    """The same, of the rows of pieces."""
    order = audiences.by_size()
    for _, pieces in groupby(rows, key=lambda row: row["first"]):
        yield judge(pairs_of(sum_of(pieces, blobs), order), rules, audiences)


def sum_of(pieces: Iterable[dict[str, Any]], blobs: Blobs) -> Cells:
    """Pieces of the same pairs, by different viewers, in one."""
    values: NDArray[np.uint64] | None = None
    viewers = 0
    for piece in pieces:
        first, last = piece["first"], piece["last"]
        if values is None:
            values = np.zeros(last * (last - 1) // 2 - first * (first - 1) // 2, np.uint64)
        found = blobs.read(piece["cells"])
        if len(found) == values.nbytes:
            values += found.view(np.uint64)
        else:
            full = len(found) // BYTES_OF_A_PLACED_CELL
            values[found[8 * full :].view(np.uint32)] += found[: 8 * full].view(np.uint64)
        viewers += piece["viewers"]
    assert values is not None
    return Cells(first=first, last=last, values=values, n_viewers=viewers)
