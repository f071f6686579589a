"""What runs in the Python processes of a Spark cluster; it knows nothing of the session.

Each function has the form that `mapInArrow` asks for: an iterator of Arrow record batches to another one.
"""

from __future__ import annotations

import pickle
import platform
import socket
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamergraph import __version__
from streamergraph.processing.audiences import AudienceTotals
from streamergraph.processing.relations import RelationRules, judge
from streamergraph.processing.shared_audience import Cells, Limits, pairs_of, shared_cells
from streamergraph.processing.viewer_rows import ODD, Ints, ViewerRows, viewer_rows

# Rows that are packed at a time: so many that what is sent are few long rows.
ROWS_OF_A_PARCEL = 2**20
VERSIONS = "streamergraph string, python string, host string"
PARCELS = "place int, part int, streamer binary, viewer binary, minutes binary"
PIECES = "first bigint, last bigint, viewers bigint, places binary, cells binary"
VERDICTS = "verdict binary"
PARCEL_TYPES: dict[str, Any] = {"streamer": np.int32, "viewer": np.int64, "minutes": np.int32}

Batches = Iterator[Any]  # of pyarrow.RecordBatch, whose classes are not typed


def versions(batches: Batches) -> Batches:
    """One row a task: which streamergraph and which Python work where."""
    import pyarrow as pa

    for _ in batches:
        pass
    row = {
        "streamergraph": __version__,
        "python": ".".join(platform.python_version_tuple()[:2]),
        "host": socket.gethostname(),
    }
    yield pa.RecordBatch.from_pylist([row])


def pack(batches: Batches, *, places: list[int]) -> Batches:
    """Rows (streamer, viewer, minutes) as parcels: a row a part of viewers, with what is in it as bytes.

    Shuffling few long rows costs a fraction of what many short ones do. Part k goes to ``places[k]``, a
    number by which Spark finds the task.
    """
    for columns in _gathered(batches):
        yield _parcels(columns, np.asarray(places, np.int32))


def _gathered(batches: Batches) -> Iterator[dict[str, NDArray[Any]]]:
    """The columns of many batches at a time."""
    held: list[dict[str, NDArray[Any]]] = []
    count = 0
    for batch in batches:
        held.append(
            {
                name: batch.column(name).to_numpy(zero_copy_only=False).astype(kind, copy=False)
                for name, kind in PARCEL_TYPES.items()
            }
        )
        count += batch.num_rows
        if count >= ROWS_OF_A_PARCEL:
            yield _joined(held)
            held, count = [], 0
    if count:
        yield _joined(held)


def _joined(held: list[dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    return {name: np.concatenate([columns[name] for columns in held]) for name in PARCEL_TYPES}


def _parcels(columns: dict[str, NDArray[Any]], places: NDArray[np.int32]) -> Any:
    import pyarrow as pa

    # By the upper bits of a hash: pseudonyms may be any numbers.
    hashed = (columns["viewer"].view(np.uint64) * ODD) >> np.uint64(40)
    part = (hashed % np.uint64(len(places))).astype(np.uint16)
    order = np.argsort(part, kind="stable")
    ends = np.cumsum(np.bincount(part, minlength=len(places)))
    begins = np.concatenate([[0], ends[:-1]])
    chosen = np.flatnonzero(ends > begins)
    mixed = {name: values[order] for name, values in columns.items()}
    return pa.RecordBatch.from_pydict(
        {
            "place": pa.array(places[chosen]),
            "part": pa.array(chosen.astype(np.int32)),
            **{
                name: pa.array([values[begins[k] : ends[k]].tobytes() for k in chosen], pa.binary())
                for name, values in mixed.items()
            },
        }
    )


def count(batches: Batches, *, rank: NDArray[np.int32], limits: Limits) -> Batches:
    """Parcels in order of their part to cells of all pairs, in pieces."""
    import pyarrow as pa

    def fetch() -> Iterator[ViewerRows]:
        for _, parcels in groupby(_parcels_of(batches), key=lambda parcel: parcel[0]):
            found = [columns for _, columns in parcels]
            streamer, viewer, minutes = (
                np.concatenate(column) for column in zip(*found, strict=True)
            )
            yield viewer_rows(viewer, streamer, minutes, rank=rank)

    numbers = [(name, pa.int64()) for name in ("first", "last", "viewers")]
    types = pa.schema([*numbers, ("places", pa.binary()), ("cells", pa.binary())])
    for cells in shared_cells(fetch, n_streamers=len(rank), limits=limits):
        if cells.n_viewers:
            yield pa.RecordBatch.from_pylist([piece_of(cells)], types)


def _parcels_of(batches: Batches) -> Iterator[tuple[int, list[NDArray[Any]]]]:
    for batch in batches:
        parts = batch.column("part").to_pylist()
        columns = {name: batch.column(name) for name in PARCEL_TYPES}
        for row, part in enumerate(parts):
            yield (
                part,
                [
                    np.frombuffer(columns[name][row].as_buffer(), kind)
                    for name, kind in PARCEL_TYPES.items()
                ],
            )


def piece_of(cells: Cells) -> dict[str, Any]:
    """Cells as a row; only those that are not nought, with their places, where these are few."""
    full = np.flatnonzero(cells.values)
    few = len(full) * 12 < len(cells.values) * 8
    return {
        "first": cells.first,
        "last": cells.last,
        "viewers": cells.n_viewers,
        "places": full.astype(np.uint32).tobytes() if few else None,
        "cells": (cells.values[full] if few else cells.values).tobytes(),
    }


def add(batches: Batches, *, rules: RelationRules, audiences: AudienceTotals) -> Batches:
    """Pieces in order to what the rules say of the pairs, once all of a piece are summed."""
    import pyarrow as pa

    order = audiences.by_size()
    rows = (row for batch in batches for row in batch.to_pylist())
    for _, pieces in groupby(rows, key=lambda row: row["first"]):
        verdict = judge(pairs_of(sum_of(pieces), order), rules, audiences)
        yield pa.RecordBatch.from_pylist([{"verdict": pickle.dumps(verdict)}])


def sum_of(pieces: Iterable[dict[str, Any]]) -> Cells:
    """Pieces of the same pairs, by different viewers, in one."""
    values: NDArray[np.uint64] | None = None
    viewers = 0
    for piece in pieces:
        first, last = piece["first"], piece["last"]
        if values is None:
            values = np.zeros(last * (last - 1) // 2 - first * (first - 1) // 2, np.uint64)
        cells = np.frombuffer(piece["cells"], np.uint64)
        if piece["places"] is None:
            values += cells
        else:
            values[np.frombuffer(piece["places"], np.uint32)] += cells
        viewers += piece["viewers"]
    assert values is not None
    return Cells(first=first, last=last, values=values, n_viewers=viewers)


def ranks(order: Ints) -> NDArray[np.int32]:
    """The place of every streamer in `order`."""
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return rank
