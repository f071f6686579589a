"""How the memory that a user grants to the whole process is shared out."""

from __future__ import annotations

import math

import numpy as np

from streamergraph.errors import StreamergraphError
from streamergraph.processing.audiences import AudienceTotals
from streamergraph.processing.shared_audience import CELLS_OF_A_BATCH, Limits
from streamergraph.processing.viewer_rows import narrow_type

LEAST_GIB = 0.5
LIBRARIES_GIB = 0.25  # Python, NumPy, Polars, Numba and DuckDB themselves
DATABASE_ALONE_SHARE = 0.85  # of the rest
DATABASE_SHARE, ARRAYS_SHARE = 0.2, 0.65  # what remains is for what neither foresees
BYTES_OF_A_FETCHED_ENTRY = 48  # as it is fetched, sorted and made into rows
BYTES_OF_A_BATCHED_CELL = 128  # its pair, and measures of it
MOST_ENTRIES_OF_A_PART = 2**22  # more are sorted more slowly


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
    return int(_beside_libraries(memory_gib) * DATABASE_SHARE / 2**20)


def limits_within(memory_gib: float, audiences: AudienceTotals) -> Limits:
    """How many entries and cells are held at a time so that arrays stay within their share.

    The rows of all viewers are kept if a third of the share is left for cells, or room for all of
    them; else they are fetched anew for every block of cells.
    """
    n = audiences.n_streamers
    room, kept = _room_of_arrays(memory_gib), _bytes_of_rows(audiences)
    keep_rows = kept + min(n * (n - 1) // 2 * 8, room / 3) <= room
    # Rows that are kept are made before there are cells; otherwise both are there at the same time.
    cells = part = room - kept if keep_rows else room / 2
    return Limits(
        entries_of_a_part=min(
            MOST_ENTRIES_OF_A_PART, max(2**16, int(part / BYTES_OF_A_FETCHED_ENTRY))
        ),
        cells_of_a_block=max(2**18, int(cells / 8)),
        keep_rows=keep_rows,
    )


def groups_within(memory_gib: float, audiences: AudienceTotals, *, wanted: int) -> int:
    """How many groups of viewers, `wanted` or more, so that one process can keep the rows of a group."""
    return max(wanted, math.ceil(_bytes_of_rows(audiences) / (_room_of_arrays(memory_gib) / 3)))


def _room_of_arrays(memory_gib: float) -> float:
    batch = CELLS_OF_A_BATCH * BYTES_OF_A_BATCHED_CELL
    return _beside_libraries(memory_gib) * ARRAYS_SHARE - batch


def _bytes_of_rows(audiences: AudienceTotals) -> int:
    """What the rows of all viewers take once they are made."""
    numbers = (narrow_type(audiences.n_streamers), narrow_type(audiences.longest))
    # A row of two entries or more has one start, of 4 bytes.
    return audiences.n_entries * (2 + sum(np.dtype(number).itemsize for number in numbers))


def _beside_libraries(memory_gib: float) -> float:
    return (memory_gib - LIBRARIES_GIB) * 2**30
