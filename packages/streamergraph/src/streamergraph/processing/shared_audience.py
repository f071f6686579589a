"""All pairs of audiences at once: one pass over viewers instead of one over pairs of sets.

The original intersects Python sets for each of the n(n-1)/2 pairs. Here a viewer of d streamers adds
to d(d-1)/2 cells, a cell being a pair of streamers. For counts this is the product M·Mᵀ of a sparse
matrix with a row for each streamer; the same pass sums the minutes that pairs share. Streamers stand
in order of audience size, and cells are made in blocks of rows, so that only one block is held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numba
import numpy as np
from numpy.typing import NDArray

from streamergraph.processing.audiences import Audiences, AudienceTotals
from streamergraph.processing.parcels import Ints, Shorts
from streamergraph.processing.threads import ahead
from streamergraph.processing.viewer_rows import Narrow, ViewerRows

TIME_BITS = 36  # of a cell's 64; the rest count persons
CELLS_OF_A_BATCH = 2**18


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What is held at a time: entries of viewers, and cells of pairs (8 bytes each).

    `threads`: how many cores may work at once.
    """

    entries_of_a_part: int
    cells_of_a_block: int
    cells_of_a_batch: int = CELLS_OF_A_BATCH
    threads: int = 1


@dataclass(frozen=True, kw_only=True)
class SharedAudience:
    """Some pairs a < b with at least one common viewer: persons, and minutes both were watched.

    In no order of the ids. `n_viewers` are all viewers of anybody.
    """

    a: Ints
    b: Ints
    common: Ints
    common_minutes: Ints
    n_viewers: int

    def __len__(self) -> int:
        return len(self.a)

    def where(self, chosen: NDArray[np.bool_] | Ints | slice) -> SharedAudience:
        """The chosen pairs, by a mask, by their places in a new order, or as they stand."""
        return SharedAudience(
            a=self.a[chosen],
            b=self.b[chosen],
            common=self.common[chosen],
            common_minutes=self.common_minutes[chosen],
            n_viewers=self.n_viewers,
        )


def join(batches: list[SharedAudience]) -> SharedAudience:
    """All pairs of the batches."""
    empty = np.empty(0, np.int64)
    return SharedAudience(
        a=np.concatenate([empty, *(batch.a for batch in batches)]),
        b=np.concatenate([empty, *(batch.b for batch in batches)]),
        common=np.concatenate([empty, *(batch.common for batch in batches)]),
        common_minutes=np.concatenate([empty, *(batch.common_minutes for batch in batches)]),
        n_viewers=batches[0].n_viewers if batches else 0,
    )


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Some pairs as they are counted: 64 bits each, persons above and minutes below, nought for no viewer.

    The pairs whose smaller audience has one of the ranks from `first` on and below `last`, each with every
    rank before. Those of other viewers add to these, number by number.
    """

    first: int
    last: int
    values: NDArray[np.uint64]
    n_viewers: int


def shared_audience(audiences: Audiences, limits: Limits) -> Iterator[SharedAudience]:
    """Common viewers of every pair, and the sum over them of the smaller of the two times.

    Every pair with a common viewer stands in one of the batches. Time: for each block of cells the
    entries, and over all blocks the squares of how many streamers each viewer watched. Raises
    OverflowError for a streamer with 2^28 viewers or 2^36 minutes watched.
    """
    require_room_in_cells(audiences)

    def fetch() -> Iterator[ViewerRows]:
        return audiences.rows(entries_of_a_part=limits.entries_of_a_part)

    counted = shared_cells(fetch, n_streamers=audiences.n_streamers, limits=limits)
    # Cells may have no name here: a block would be held while the next is made.
    yield from map(partial(pairs_of, order=audiences.by_size()), counted)


def require_room_in_cells(audiences: AudienceTotals) -> None:
    """Raise OverflowError for a streamer with 2^28 viewers or 2^36 minutes watched."""
    largest, longest = audiences.sizes.max(initial=0), audiences.minutes.max(initial=0)
    if largest >= 2 ** (64 - TIME_BITS) or longest >= 2**TIME_BITS:
        raise OverflowError("an audience is too large for the cells of pairs")


def shared_cells(
    fetch: Callable[[], Iterator[ViewerRows]], *, n_streamers: int, limits: Limits
) -> Iterator[Cells]:
    """All pairs of streamers by the viewers that `fetch` gives, in batches.

    Their bounds depend on the limits alone. `fetch` is called for every block.
    """
    for first, last in _row_ranges(1, n_streamers, limits.cells_of_a_block):
        cells, n_viewers = _block(fetch(), first, last, limits.threads)
        for top, bottom in _row_ranges(first, last, limits.cells_of_a_batch):
            values = cells[_cell(top) - _cell(first) : _cell(bottom) - _cell(first)]
            yield Cells(first=top, last=bottom, values=values, n_viewers=n_viewers)
        del cells, values


def pairs_of(cells: Cells, order: Ints) -> SharedAudience:
    """The pairs with a common viewer; `order` has the streamer of each rank."""
    columns = np.empty((4, np.count_nonzero(cells.values)), np.int64)
    _gather(cells.values, order, cells.first, cells.last, columns)
    a, b, common, together = columns
    return SharedAudience(
        a=a, b=b, common=common, common_minutes=together, n_viewers=cells.n_viewers
    )


def _block(
    parts: Iterator[ViewerRows], first: int, last: int, threads: int
) -> tuple[NDArray[np.uint64], int]:
    """The cells of some rows, and how many viewers there are."""
    # A pair of ranks a < b has the cell b(b-1)/2 + a: those of large audiences, which are written
    # most, lie together at the beginning and stay in the caches.
    cells = np.zeros(_cell(last) - _cell(first), np.uint64)
    n_viewers = 0
    for rows in ahead(parts, threads):
        _accumulate(rows.start, rows.rank, rows.minutes, first, last, cells)
        n_viewers += rows.n_viewers
    return cells, n_viewers


def _row_ranges(first: int, end: int, most_cells: int) -> Iterator[tuple[int, int]]:
    """Rows from `first` to `end` in ranges of at most so many cells, or of one row."""
    while first < end:
        last = first + 1
        while last < end and _cell(last + 1) - _cell(first) <= most_cells:
            last += 1
        yield first, last
        first = last


def _cell(row: int) -> int:
    return row * (row - 1) // 2


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _accumulate(
    start: Shorts, rank: Narrow, minutes: Narrow, first: int, last: int, cells: NDArray[np.uint64]
) -> None:
    begin = first * (first - 1) // 2
    one_person = np.uint64(1) << np.uint64(TIME_BITS)
    for viewer in range(len(start) - 1):
        here, entries = start[viewer], start[viewer + 1] - start[viewer]
        for later in range(1, entries):
            b = np.int64(rank[here + later])
            if b < first:
                continue
            if b >= last:
                break  # ranks ascend
            row = b * (b - 1) // 2 - begin
            # Persons above, time below: one way to memory for both.
            longest = one_person + np.uint64(minutes[here + later])
            for earlier in range(later):
                shared = one_person + np.uint64(minutes[here + earlier])
                cells[row + np.int64(rank[here + earlier])] += min(shared, longest)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _gather(cells: NDArray[np.uint64], order: Ints, first: int, last: int, columns: Ints) -> None:
    above = np.uint64(TIME_BITS)
    below = (np.uint64(1) << above) - np.uint64(1)
    cell, pair = 0, 0
    for b in range(first, last):
        for a in range(b):
            if cells[cell] != 0:
                columns[0, pair] = min(order[a], order[b])
                columns[1, pair] = max(order[a], order[b])
                columns[2, pair] = cells[cell] >> above
                columns[3, pair] = cells[cell] & below
                pair += 1
            cell += 1
