"""How the memory that a user grants to the whole process is shared out."""

from __future__ import annotations

import math

import numpy as np

from streamergraph.errors import StreamergraphError
from streamergraph.processing.audiences import AudienceTotals
from streamergraph.processing.parcels import ENTRIES_AT_A_TIME, watched_type
from streamergraph.processing.shared_audience import CELLS_OF_A_BATCH, Limits

LEAST_GIB = 0.5
LIBRARIES_GIB = 0.25  # Python, NumPy, Polars, Numba and DuckDB themselves
DATABASE_ALONE_SHARE = 0.85  # of the rest
DATABASE_SHARE, ARRAYS_SHARE = 0.2, 0.65  # what remains is for what neither foresees
BYTES_OF_A_BATCHED_CELL = 128  # its pair, and measures of it
BYTES_OF_A_READER = 64 * ENTRIES_AT_A_TIME  # entries as they come from DuckDB and are shared out
MOST_ENTRIES = 2**31  # which numbers of 32 bits count
MOST_ENTRIES_FROM_FILES = 2**23  # whose memory is used again for the next ones
MOST_OF_DATABASE_MIB = 48  # more would only keep what is read once


def database_alone_mib(memory_gib: float) -> int:
    """What DuckDB may hold before relations are found; it exceeds that a little.

    Raises StreamergraphError for less than half a GiB.
    """
    if not memory_gib >= LEAST_GIB:
        raise StreamergraphError(
            "--memory-gib",
            expected=f"at least {LEAST_GIB}",
            found=f"{memory_gib:g}",
            remedy="grant more",
        )
    return int(_beside_libraries(memory_gib) * DATABASE_ALONE_SHARE / 2**20)


def database_mib(memory_gib: float) -> int:
    """What DuckDB may hold while relations are found."""
    return min(MOST_OF_DATABASE_MIB, int(_beside_libraries(memory_gib) * DATABASE_SHARE / 2**20))


def limits_within(memory_gib: float, audiences: AudienceTotals, *, threads: int = 1) -> Limits:
    """How many entries and cells are held at a time so that arrays stay within their share.

    Entries are held while they are read, by at most so many threads, and then beside cells. Half of the
    share or more is for cells, if there are so many.
    """
    n = audiences.n_streamers
    room = _room_of_arrays(memory_gib)
    readers = max(1, min(threads, int(room / 4 / BYTES_OF_A_READER)))
    cells = min(n * (n - 1) // 2 * 8, max(room / 2, room - _bytes_of_entries(audiences)))
    part = room - max(cells, readers * BYTES_OF_A_READER)
    most = MOST_ENTRIES if _bytes_of_entries(audiences) <= part else MOST_ENTRIES_FROM_FILES
    return Limits(
        entries_of_a_part=min(most, max(2**16, int(part / _bytes_of_one(audiences)))),
        cells_of_a_block=max(2**18, int(cells / 8)),
        threads=readers,
    )


def groups_within(memory_gib: float, audiences: AudienceTotals, *, wanted: int) -> int:
    """How many groups of viewers, `wanted` or more, so that one process can hold the entries of a group."""
    n, room = audiences.n_streamers, _room_of_arrays(memory_gib)
    beside = room - max(BYTES_OF_A_READER, min(n * (n - 1) // 2 * 8, room / 2))
    return max(wanted, math.ceil(_bytes_of_entries(audiences) / beside))


def _room_of_arrays(memory_gib: float) -> float:
    batch = CELLS_OF_A_BATCH * BYTES_OF_A_BATCHED_CELL
    return _beside_libraries(memory_gib) * ARRAYS_SHARE - batch


def _bytes_of_entries(audiences: AudienceTotals) -> int:
    return audiences.n_entries * _bytes_of_one(audiences)


def _bytes_of_one(audiences: AudienceTotals) -> int:
    """What an entry takes as it is held."""
    watched = np.dtype(watched_type(audiences.n_streamers, audiences.longest))
    return 8 + watched.itemsize


def _beside_libraries(memory_gib: float) -> float:
    return (memory_gib - LIBRARIES_GIB) * 2**30
