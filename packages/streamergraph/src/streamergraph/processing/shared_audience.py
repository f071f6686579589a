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
LARGEST_BLOCK_CELLS = 40_000_000  # of two numbers of 4 or 8 bytes: 640 MB at most


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

    Memory: at most 640 MB beside the result, whatever the number of streamers. Time: the sum over
    viewers of the square of how many streamers they watched, for each block.
    """
    n = matrix.n_streamers
    # Streamers by size: the cells of large audiences, which are written most, stay in the caches.
    order = np.argsort(-matrix.sizes(), kind="stable")
    rank = np.empty(n, np.int32)
    rank[order] = np.arange(n, dtype=np.int32)
    most = int(matrix.total_samples().max(initial=0))
    kind = np.int32 if most < 2**31 else np.int64  # no sum of the smaller times is above that
    rows = max(1, min(n, LARGEST_BLOCK_CELLS // max(1, n)))
    parts = []
    for first in range(0, n, rows):
        cells = np.zeros((min(first + rows, n) - first, n, 2), kind)
        _accumulate(matrix.start, matrix.streamer, matrix.samples, rank, first, cells)
        columns = np.empty((4, _pairs(cells, first)), np.int64)
        _gather(cells, first, order, columns)
        parts.append(columns)
    a, b, common, together = np.concatenate(parts, axis=1) if parts else np.empty((4, 0), np.int64)
    return SharedAudience(a=a, b=b, common=common, common_samples=together)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _accumulate(
    start: Ints,
    streamer: NDArray[np.int32],
    samples: NDArray[np.int32],
    rank: NDArray[np.int32],
    first: int,
    cells: NDArray[np.integer],
) -> None:
    last = first + cells.shape[0]
    for viewer in range(len(start) - 1):
        end = start[viewer + 1]
        for p in range(start[viewer], end - 1):
            one, time = rank[streamer[p]], samples[p]
            for q in range(p + 1, end):
                other = rank[streamer[q]]
                a, b = min(one, other), max(one, other)
                if first <= a < last:
                    # Both numbers of a pair lie side by side: one way to memory for two.
                    cells[a - first, b, 0] += 1
                    cells[a - first, b, 1] += min(time, samples[q])


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _pairs(cells: NDArray[np.integer], first: int) -> int:
    pairs = 0
    for a in range(cells.shape[0]):
        for b in range(first + a + 1, cells.shape[1]):
            pairs += cells[a, b, 0] > 0
    return pairs


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _gather(cells: NDArray[np.integer], first: int, order: Ints, columns: Ints) -> None:
    pair = 0
    for a in range(cells.shape[0]):
        for b in range(first + a + 1, cells.shape[1]):
            if cells[a, b, 0] > 0:
                one, other = order[first + a], order[b]
                columns[0, pair] = min(one, other)
                columns[1, pair] = max(one, other)
                columns[2, pair] = cells[a, b, 0]
                columns[3, pair] = cells[a, b, 1]
                pair += 1
