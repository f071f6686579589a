"""All pairs of audiences at once: one pass over viewers instead of one over pairs of sets.

The original intersects Python sets for each of the n(n-1)/2 pairs. Here audiences are a sparse
matrix in CSR form, a row a viewer; a row with d streamers adds to d(d-1)/2 cells. For counts this
is the product M·Mᵀ; the same pass sums the minutes that pairs share.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from streamergraph.processing.viewer_rows import viewer_rows

Ints = NDArray[np.int64]
LARGEST_BLOCK_CELLS = 40_000_000  # of 8 bytes: 320 MB
TIME_BITS = 36  # of a cell's 64; the rest count persons


@dataclass(frozen=True, kw_only=True)
class Audiences:
    """Who watched whom how long, as a sparse matrix with a row for each viewer.

    `start` (viewers + 1), `streamer` and `samples` (entries): viewer v watched
    ``streamer[start[v]:start[v+1]]``, in any order, in so many samples each.
    """

    n_streamers: int
    start: Ints
    streamer: NDArray[np.int32]
    samples: NDArray[np.int32]

    @property
    def n_viewers(self) -> int:
        """Distinct viewers."""
        return len(self.start) - 1

    def sizes(self) -> Ints:
        """Distinct viewers of each streamer."""
        return np.bincount(self.streamer, minlength=self.n_streamers).astype(np.int64)

    def total_samples(self) -> Ints:
        """Samples summed over the viewers of each streamer."""
        total = np.bincount(self.streamer, weights=self.samples, minlength=self.n_streamers)
        return total.astype(np.int64)


def audiences(
    streamer: NDArray[np.integer],
    viewer: NDArray[np.unsignedinteger],
    samples: NDArray[np.integer],
    *,
    n_streamers: int,
) -> Audiences:
    """Build the sparse matrix from entries in any order; each (streamer, viewer) stands once.

    >>> made = audiences(np.array([1, 0, 1]), np.array([9, 9, 4], np.uint64), np.array([2, 3, 1]),
    ...                  n_streamers=2)
    >>> made.sizes().tolist(), made.start.tolist()
    ([1, 2], [0, 1, 3])
    """
    start, grouped, times = viewer_rows(viewer.astype(np.uint64, copy=False), streamer, samples)
    return Audiences(n_streamers=n_streamers, start=start, streamer=grouped, samples=times)


@dataclass(frozen=True, kw_only=True)
class SharedAudience:
    """Pairs a < b with at least one common viewer: persons, and samples both were watched.

    In no order of the ids.
    """

    a: Ints
    b: Ints
    common: Ints
    common_samples: Ints


def shared_audience(matrix: Audiences) -> SharedAudience:
    """Common viewers of every pair, and the sum over them of the smaller of the two times.

    Memory: at most 320 MB beside the result, whatever the number of streamers. Time: the sum over
    viewers of the square of how many streamers they watched, for each block of pairs. Raises
    OverflowError for a streamer with 2^28 viewers or 2^36 samples watched.
    """
    n = matrix.n_streamers
    sizes, times = matrix.sizes(), matrix.total_samples()
    if sizes.max(initial=0) >= 2 ** (64 - TIME_BITS) or times.max(initial=0) >= 2**TIME_BITS:
        raise OverflowError("an audience is too large for the cells of pairs")
    # Ranks by size. A pair of ranks a < b has the cell b(b-1)/2 + a: those of large audiences, which
    # are written most, lie together at the beginning and stay in the caches.
    order = np.argsort(-sizes, kind="stable")
    rank = np.empty(n, np.int64)
    rank[order] = np.arange(n)
    parts = []
    first = 1
    while first < n:
        last = first + 1
        while last < n and _cell(last + 1) - _cell(first) <= LARGEST_BLOCK_CELLS:
            last += 1
        cells = np.zeros(_cell(last) - _cell(first), np.uint64)
        _accumulate(matrix.start, matrix.streamer, matrix.samples, rank, first, last, cells)
        columns = np.empty((4, np.count_nonzero(cells)), np.int64)
        _gather(cells, order, first, last, columns)
        parts.append(columns)
        first = last
    a, b, common, together = np.concatenate(parts, axis=1) if parts else np.empty((4, 0), np.int64)
    return SharedAudience(a=a, b=b, common=common, common_samples=together)


def _cell(row: int) -> int:
    return row * (row - 1) // 2


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _accumulate(
    start: Ints,
    streamer: NDArray[np.int32],
    samples: NDArray[np.int32],
    rank: Ints,
    first: int,
    last: int,
    cells: NDArray[np.uint64],
) -> None:
    begin = first * (first - 1) // 2
    one_person = np.uint64(1) << np.uint64(TIME_BITS)
    most = 1
    for viewer in range(len(start) - 1):
        most = max(most, start[viewer + 1] - start[viewer])
    ranks, times = np.empty(most, np.int64), np.empty(most, np.int64)
    for viewer in range(len(start) - 1):
        count = start[viewer + 1] - start[viewer]
        # Ordered by rank (rows are short), so that the cells of one streamer follow one another.
        for entry in range(count):
            rank_here = rank[streamer[start[viewer] + entry]]
            place = entry
            while place > 0 and ranks[place - 1] > rank_here:
                ranks[place] = ranks[place - 1]
                times[place] = times[place - 1]
                place -= 1
            ranks[place] = rank_here
            times[place] = samples[start[viewer] + entry]
        for entry in range(1, count):
            b, time = ranks[entry], times[entry]
            if first <= b < last:
                row = b * (b - 1) // 2 - begin
                for earlier in range(entry):
                    # Persons above, time below: one way to memory for both.
                    shared = one_person + np.uint64(min(time, times[earlier]))
                    cells[row + ranks[earlier]] += shared


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
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
