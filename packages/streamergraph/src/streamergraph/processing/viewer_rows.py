"""Who watched whom, as sparse rows: one row for each viewer of a part of all viewers.

A library's sort brings the entries of a viewer together. Parts of a few hundred thousand entries are
sorted in the processor's caches, and bound what is held at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Shorts = NDArray[np.int32]


@dataclass(frozen=True, kw_only=True)
class ViewerRows:
    """Rows of a sparse matrix: row v has the entries ``start[v]`` to ``start[v + 1]``.

    `rank` (ascending within a row) is a streamer's place by audience size, `minutes` how long the
    viewer watched. Only viewers of two or more streamers have a row, since nobody else makes a pair;
    `n_viewers` counts them all.
    """

    start: Shorts
    rank: Shorts
    minutes: Shorts
    n_viewers: int


def viewer_rows(viewer: Ints, rank: Shorts, minutes: Shorts) -> ViewerRows:
    """Bring entries in any order together by viewer; each (viewer, rank) stands once.

    >>> rows = viewer_rows(
    ...     np.array([-7, 5, -7]), np.array([2, 0, 1], np.int32), np.array([30, 15, 45], np.int32)
    ... )
    >>> rows.start.tolist(), rows.rank.tolist(), rows.minutes.tolist(), rows.n_viewers
    ([0, 2], [1, 2], [45, 30], 2)
    """
    order = np.argsort(viewer)
    start = np.empty(len(viewer) // 2 + 1, np.int32)
    ranks, times = np.empty(len(viewer), np.int32), np.empty(len(viewer), np.int32)
    viewers, rows = _make_rows(viewer, order, rank, minutes, start, ranks, times)
    entries = start[rows]
    # Copies: a view would keep the room of those who have no row.
    return ViewerRows(
        start=start[: rows + 1].copy(),
        rank=ranks[:entries].copy(),
        minutes=times[:entries].copy(),
        n_viewers=viewers,
    )


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _make_rows(
    viewer: Ints,
    order: Ints,
    rank: Shorts,
    minutes: Shorts,
    start: Shorts,
    ranks: Shorts,
    times: Shorts,
) -> tuple[int, int]:
    viewers, rows, begin, end = 0, 0, 0, 0
    start[0] = 0
    for k in range(len(order)):
        entry = order[k]
        if k == 0 or viewer[entry] != viewer[order[k - 1]]:
            viewers += 1
            if end - begin >= 2:
                rows += 1
                start[rows] = end
                begin = end
            end = begin  # over a row of one entry the next one is written
        # Inserted in order of rank: rows are short.
        here, time = rank[entry], minutes[entry]
        place = end
        while place > begin and ranks[place - 1] > here:
            ranks[place] = ranks[place - 1]
            times[place] = times[place - 1]
            place -= 1
        ranks[place] = here
        times[place] = time
        end += 1
    if end - begin >= 2:
        rows += 1
        start[rows] = end
    return viewers, rows
