"""How the memory that a user grants is shared out while relations are found."""

from __future__ import annotations

from streamergraph.processing.shared_audience import CELLS_OF_A_BATCH, Limits

LIBRARIES_GIB = 0.25  # Python, NumPy, Polars, Numba and DuckDB themselves
DATABASE_SHARE, ARRAYS_SHARE = 0.3, 0.6  # of the rest; what remains is for what neither foresees
BYTES_OF_A_KEPT_ENTRY = 10
BYTES_OF_A_FETCHED_ENTRY = 64  # as it is fetched, sorted and made into rows
BYTES_OF_A_BATCHED_CELL = 128  # its pair, and measures of it
MOST_ENTRIES_OF_A_PART = 2**21  # more are sorted more slowly


def database_mib(memory_gib: float) -> int:
    """What DuckDB may hold meanwhile."""
    return int(_beside_libraries(memory_gib) * DATABASE_SHARE / 2**20)


def limits_within(memory_gib: float, *, n_entries: int, n_streamers: int) -> Limits:
    """How many entries and cells are held at a time so that arrays stay within their share.

    The rows of all viewers are kept if a third of the share is left for cells, or room for all of
    them; else they are fetched anew for every block of cells.
    """
    batch = CELLS_OF_A_BATCH * BYTES_OF_A_BATCHED_CELL
    room = _beside_libraries(memory_gib) * ARRAYS_SHARE - batch
    every_cell = n_streamers * (n_streamers - 1) // 2 * 8
    kept = n_entries * BYTES_OF_A_KEPT_ENTRY
    keep_rows = kept + min(every_cell, room / 3) <= room
    cells = room - kept if keep_rows else room * 3 / 4
    part = room - kept if keep_rows else room / 4
    return Limits(
        entries_of_a_part=max(
            2**16, min(MOST_ENTRIES_OF_A_PART, int(part / BYTES_OF_A_FETCHED_ENTRY))
        ),
        cells_of_a_block=max(2**18, int(cells / 8)),
        keep_rows=keep_rows,
    )


def _beside_libraries(memory_gib: float) -> float:
    return max(memory_gib - LIBRARIES_GIB, LIBRARIES_GIB) * 2**30
