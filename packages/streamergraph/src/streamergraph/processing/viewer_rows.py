"""Who watched whom, as sparse rows: one row for each viewer of a part of all viewers."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Longs = NDArray[np.uint64]
Shorts = NDArray[np.int32]
Narrow = NDArray[np.uint16 | np.int32]

ODD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: its products differ in their upper bits


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


def viewer_rows(
    viewer: NDArray[np.integer],
    streamer: NDArray[np.integer],
    minutes: NDArray[np.integer],
    *,
    rank: Shorts,
) -> ViewerRows:
    """Bring entries in any order together by viewer; each (viewer, streamer) stands once.

    `viewer` are any whole numbers, `rank` has the place of every streamer. Raises OverflowError where
    the bits of the numbers of entries, of streamers and of the most minutes are more than 64, and for
    negative minutes.

    >>> rows = viewer_rows(
    ...     np.array([-7, 5, -7]), np.array([2, 1, 0], np.int32), np.array([30, 15, 45], np.int32),
    ...     rank=np.array([2, 1, 0], np.int32)
    ... )
    >>> rows.start.tolist(), rows.rank.tolist(), rows.minutes.tolist(), rows.n_viewers
    ([0, 2], [0, 2], [30, 45], 2)
    """
    count = len(viewer)
    bits = (viewer if viewer.itemsize == 8 else viewer.astype(np.int64)).view(np.uint64)
    minutes_bits = int(minutes.max(initial=0)).bit_length()
    rank_bits, place_bits = len(rank).bit_length(), count.bit_length()
    if place_bits + rank_bits + minutes_bits > 64 or minutes.min(initial=0) < 0:
        raise OverflowError("entries of viewers are too many, or minutes are not possible")
    # A sort of numbers is several times as fast as one of places (argsort). So the upper bits of a key
    # are those of a hash of the viewer and the lower ones the place. The lower bits of the hash lie
    # with the entry: no two viewers have the same, since the hash loses nothing.
    keys, entries = np.empty(count, np.uint64), np.empty(count, np.uint64)
    _pack(bits, streamer, minutes, rank, place_bits, rank_bits, minutes_bits, keys, entries)
    keys.sort()
    start = np.empty(count // 2 + 1, np.int32)
    ranks = np.empty(count, narrow_type(len(rank)))
    times = np.empty(count, narrow_type(2**minutes_bits - 1))
    entries = _fetch(keys, entries, place_bits)
    viewers, rows = _make_rows(
        keys, entries, place_bits, rank_bits, minutes_bits, start, ranks, times
    )
    # The room of those without a row is given back, and nothing is copied.
    written = int(start[rows])
    start.resize(rows + 1, refcheck=False)
    ranks.resize(written, refcheck=False)
    times.resize(written, refcheck=False)
    return ViewerRows(start=start, rank=ranks, minutes=times, n_viewers=viewers)


def narrow_type(largest: int) -> type[np.uint16 | np.int32]:
    """What holds each of some numbers up to `largest` in `ViewerRows`."""
    return np.uint16 if largest < 2**16 else np.int32


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _pack(
    viewer: Longs,
    streamer: NDArray[np.integer],
    minutes: NDArray[np.integer],
    rank: Shorts,
    place_bits: int,
    rank_bits: int,
    minutes_bits: int,
    keys: Longs,
    entries: Longs,
) -> None:
    places = (np.uint64(1) << np.uint64(place_bits)) - np.uint64(1)
    above_rank, above_minutes = np.uint64(rank_bits + minutes_bits), np.uint64(minutes_bits)
    for k in range(len(viewer)):
        hashed = viewer[k] * ODD
        keys[k] = (hashed & ~places) | np.uint64(k)
        entries[k] = (
            ((hashed & places) << above_rank)
            | (np.uint64(rank[streamer[k]]) << above_minutes)
            | np.uint64(minutes[k])
        )


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _fetch(keys: Longs, entries: Longs, place_bits: int) -> Longs:
    # A loop of its own without decisions, so that memory answers to several at a time.
    places = (np.uint64(1) << np.uint64(place_bits)) - np.uint64(1)
    fetched = np.empty(len(keys), np.uint64)
    for k in range(len(keys)):
        fetched[k] = entries[keys[k] & places]
    return fetched


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _make_rows(
    keys: Longs,
    entries: Longs,
    place_bits: int,
    rank_bits: int,
    minutes_bits: int,
    start: Shorts,
    ranks: Narrow,
    times: Narrow,
) -> tuple[int, int]:
    """Write rows of `entries`, which have the order of `keys`; returns numbers of viewers and rows."""
    one = np.uint64(1)
    places = (one << np.uint64(place_bits)) - one
    rank_mask = (one << np.uint64(rank_bits)) - one
    minutes_mask = (one << np.uint64(minutes_bits)) - one
    above_rank, above_minutes = np.uint64(rank_bits + minutes_bits), np.uint64(minutes_bits)
    viewers, rows, written, begin = 0, 0, 0, 0
    start[0] = 0
    while begin < len(keys):
        # Those whose keys have the same bits of a hash: nearly always one viewer, and few entries.
        end = begin + 1
        while end < len(keys) and (keys[end] ^ keys[begin]) <= places:
            end += 1
        for k in range(begin + 1, end):
            entry, place = entries[k], k
            while place > begin and entries[place - 1] > entry:
                entries[place] = entries[place - 1]
                place -= 1
            entries[place] = entry
        while begin < end:
            last = begin + 1
            while last < end and entries[last] >> above_rank == entries[begin] >> above_rank:
                last += 1
            viewers += 1
            if last - begin > 1:
                for k in range(begin, last):
                    ranks[written] = (entries[k] >> above_minutes) & rank_mask
                    times[written] = entries[k] & minutes_mask
                    written += 1
                rows += 1
                start[rows] = written
            begin = last
    return viewers, rows
