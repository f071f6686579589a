"""Who watched whom, as sparse rows: one row for each viewer of a part of all viewers."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Longs = NDArray[np.uint64]
Shorts = NDArray[np.int32]
Narrow = NDArray[np.int32] | NDArray[np.uint16]

ODD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: its products differ in their upper bits
ENTRY = np.dtype([("viewer", np.int64), ("rank", np.int32), ("minutes", np.int32)])


@dataclass(frozen=True, kw_only=True)
class ViewerRows:
    """Rows of a sparse matrix: row v has the entries ``start[v]`` to ``start[v + 1]``.

    `rank` (ascending within a row) is a streamer's place by audience size, `minutes` how long the
    viewer watched, each of 16 bits where these are enough. Only viewers of two or more streamers have
    a row, since nobody else makes a pair; `n_viewers` counts them all.
    """

    start: Shorts
    rank: Narrow
    minutes: Narrow
    n_viewers: int


def viewer_rows(viewer: Ints, rank: Shorts, minutes: Shorts) -> ViewerRows:
    """Bring entries in any order together by viewer; each (viewer, rank) stands once.

    >>> rows = viewer_rows(
    ...     np.array([-7, 5, -7]), np.array([2, 0, 1], np.int32), np.array([30, 15, 45], np.int32)
    ... )
    >>> rows.start.tolist(), rows.rank.tolist(), rows.minutes.tolist(), rows.n_viewers
    ([0, 2], [1, 2], [45, 30], 2)
    """
    count = len(viewer)
    # A sort of numbers is several times as fast as one of places (argsort). So the upper bits are
    # those of a hash of the viewer, and the lower ones the place; the rows part viewers whose upper
    # bits happen to be the same.
    places = np.uint64((1 << count.bit_length()) - 1)
    keys = viewer.view(np.uint64) * ODD
    keys &= ~places
    keys |= np.arange(count, dtype=np.uint64)
    keys.sort()
    entries = np.empty(count, ENTRY)  # beside each other, so that an entry is fetched at once
    entries["viewer"], entries["rank"], entries["minutes"] = viewer, rank, minutes
    entries = entries[(keys & places).view(np.int64)]
    start = np.empty(count // 2 + 1, np.int32)
    viewers, rows = _make_rows(keys, places, entries, start)
    end = start[rows]
    return ViewerRows(
        start=start[: rows + 1].copy(),
        rank=_narrow(entries["rank"][:end]),
        minutes=_narrow(entries["minutes"][:end]),
        n_viewers=viewers,
    )


def narrow_bytes(largest: int) -> int:
    """Bytes that each of some numbers up to `largest` takes in `ViewerRows`."""
    return 2 if largest < 2**16 else 4


def _narrow(values: Shorts) -> Narrow:
    if narrow_bytes(int(values.max(initial=0))) == 2:
        return values.astype(np.uint16)
    return values.copy()


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _make_rows(
    keys: Longs, places: np.uint64, entries: NDArray[np.void], start: Shorts
) -> tuple[int, int]:
    """Order `entries` by (viewer, rank) among equal hashes, and move the rows to the beginning.

    Returns the numbers of viewers and of rows.
    """
    viewers, rows, written, first = 0, 0, 0, 0
    start[0] = 0
    for k in range(len(keys)):
        # Inserted in order: rows are short.
        viewer, rank, minutes = entries[k].viewer, entries[k].rank, entries[k].minutes
        place = k
        while place > first and (
            entries[place - 1].viewer > viewer
            or (entries[place - 1].viewer == viewer and entries[place - 1].rank > rank)
        ):
            entries[place] = entries[place - 1]
            place -= 1
        entries[place].viewer, entries[place].rank = viewer, rank
        entries[place].minutes = minutes
        if k + 1 < len(keys) and (keys[k] ^ keys[k + 1]) <= places:
            continue
        while first <= k:
            last = first + 1
            while last <= k and entries[last].viewer == entries[first].viewer:
                last += 1
            viewers += 1
            if last - first > 1:
                rows += 1
                for entry in range(first, last):
                    entries[written] = entries[entry]
                    written += 1
                start[rows] = written
            first = last
    return viewers, rows
