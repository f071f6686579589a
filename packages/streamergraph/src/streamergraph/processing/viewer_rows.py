"""Who watched whom, as sparse rows: one row for each viewer of some parts of all viewers."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from streamergraph.processing.parcels import Ints, Longs, Parcels, Shorts, Watched

Narrow = NDArray[np.uint16 | np.int32]


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


def viewer_rows(parcels: Parcels, first: int, last: int, *, rank: Shorts) -> ViewerRows:
    """Bring the entries of parts `first` to `last` together by viewer; each (viewer, streamer) stands once.

    `rank` has the place of every streamer.

    >>> from streamergraph.processing.parcels import parcels_of
    >>> made = parcels_of(np.array([-7, 5, -7]), np.array([2, 1, 0]), np.array([30, 15, 45]),
    ...                   n_streamers=3, bits=1)
    >>> rows = viewer_rows(made, 0, 2, rank=np.array([2, 1, 0], np.int32))
    >>> rows.start.tolist(), rows.rank.tolist(), rows.minutes.tolist(), rows.n_viewers
    ([0, 2], [0, 2], [30, 45], 2)
    """
    begins = parcels.begins
    count = int((begins[:, last] - begins[:, first]).sum())
    kind: type[np.uint16 | np.int32] = np.uint16 if parcels.watched.itemsize == 4 else np.int32
    start = np.empty(count // 2 + 2, np.int32)
    ranks: Narrow = np.empty(count + 1, kind)
    times: Narrow = np.empty(count + 1, kind)
    viewers, rows = _rows(
        begins,
        parcels.hashed,
        parcels.watched,
        parcels.bits,
        first,
        last,
        rank,
        start,
        ranks,
        times,
    )
    # The room of those without a row is given back, and nothing is copied.
    written = int(start[rows])
    start.resize(rows + 1, refcheck=False)
    ranks.resize(written, refcheck=False)
    times.resize(written, refcheck=False)
    return ViewerRows(start=start, rank=ranks, minutes=times, n_viewers=viewers)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _rows(
    begins: Ints,
    hashed: Longs,
    watched: Watched,
    bits: int,
    first: int,
    last: int,
    rank: Shorts,
    start: Shorts,
    ranks: Narrow,
    times: Narrow,
) -> tuple[int, int]:
    """Write the rows of some parts; returns numbers of viewers and of rows."""
    most = 0
    for part in range(first, last):
        most = max(most, (begins[:, part + 1] - begins[:, part]).sum())
    hashes, by_rank = np.empty(most, np.uint64), np.empty(most, watched.dtype)
    in_order, entries = np.empty(most, np.uint64), np.empty(most, watched.dtype)
    viewers, rows, written = 0, 0, 0
    start[0] = 0
    for part in range(first, last):
        # A sort from the lowest digit: by rank, and then by the hash of the viewer.
        count = _sort_by_rank(begins, hashed, watched, part, rank, hashes, by_rank)
        _sort_by_hash(count, hashes, by_rank, bits, in_order, entries)
        made, rows, written = _write_rows(
            count, in_order, entries, rows, written, start, ranks, times
        )
        viewers += made
    return viewers, rows


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _sort_by_rank(
    begins: Ints,
    hashed: Longs,
    watched: Watched,
    part: int,
    rank: Shorts,
    hashes: Longs,
    by_rank: Watched,
) -> int:
    """Bring the pieces of a part together, with ranks in place of streamers; returns how many."""
    half = np.uint64(4 * watched.itemsize)
    minutes = (np.uint64(1) << half) - np.uint64(1)
    places = np.zeros(len(rank), np.int32)
    for piece in range(len(begins)):
        for k in range(begins[piece, part], begins[piece, part + 1]):
            places[rank[np.uint64(watched[k]) >> half]] += 1
    count: int = _to_begins(places)
    for piece in range(len(begins)):
        for k in range(begins[piece, part], begins[piece, part + 1]):
            entry = np.uint64(watched[k])
            of_streamer = rank[entry >> half]
            place = places[of_streamer]
            places[of_streamer] = place + 1
            hashes[place] = hashed[k]
            by_rank[place] = (np.uint64(of_streamer) << half) | (entry & minutes)
    return count


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _sort_by_hash(
    count: int, hashes: Longs, by_rank: Watched, bits: int, in_order: Longs, entries: Watched
) -> None:
    """Sort by the bits below those of the part: most viewers have such of their own."""
    own = 1
    while 2 << own <= count:
        own += 1
    above, below = np.uint64(bits), np.uint64(64 - own)
    places = np.zeros(1 << own, np.int32)
    for k in range(count):
        places[(hashes[k] << above) >> below] += 1
    _to_begins(places)
    for k in range(count):
        digit = (hashes[k] << above) >> below
        place = places[digit]
        places[digit] = place + 1
        in_order[place] = hashes[k]
        entries[place] = by_rank[k]
    # Those who have the same bits are few. Each keeps the order of ranks.
    for k in range(1, count):
        if in_order[k] < in_order[k - 1]:
            viewer, entry, place = in_order[k], entries[k], k
            while place > 0 and in_order[place - 1] > viewer:
                in_order[place] = in_order[place - 1]
                entries[place] = entries[place - 1]
                place -= 1
            in_order[place] = viewer
            entries[place] = entry


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _write_rows(
    count: int,
    in_order: Longs,
    entries: Watched,
    rows: int,
    written: int,
    start: Shorts,
    ranks: Narrow,
    times: Narrow,
) -> tuple[int, int, int]:
    """Write a row for each viewer but those of one entry; returns how many viewers, rows and entries."""
    if count == 0:
        return 0, rows, written
    half = np.uint64(4 * entries.itemsize)
    minutes = (np.uint64(1) << half) - np.uint64(1)
    viewers, begin, before = 1, written, in_order[0]
    # Without decisions, which nothing could foresee: numbers are added that are 0 or 1.
    for k in range(count):
        entry = np.uint64(entries[k])
        new = int(in_order[k] != before)
        before = in_order[k]
        viewers += new
        row = int(written - begin > 1)  # is there one before a new viewer?
        rows += new & row
        written -= new & (1 - row)  # a single entry gives way
        ranks[written] = entry >> half
        times[written] = entry & minutes
        begin = written if new else begin
        start[rows] = begin
        written += 1
    if written - begin > 1:
        rows += 1
    else:
        written -= 1
    start[rows] = written
    return viewers, rows, written


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _to_begins(counts: Shorts) -> int:
    """Turn counts of digits into where each digit begins; returns their sum."""
    begin = 0
    for digit in range(len(counts)):
        begin, counts[digit] = begin + counts[digit], begin
    return begin
