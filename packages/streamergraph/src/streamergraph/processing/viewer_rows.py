"""Entries of a sparse matrix brought together by viewer, without sorting them.

Viewers are 64-bit numbers in any order, and there are many more entries than fit into a processor's
caches. A sort touches all of memory again and again; here entries go once into parts of some
thousands by their viewer (a radix partition), and each part is grouped inside the cache by a small
hash table with linear probing.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Longs = NDArray[np.uint64]
Shorts = NDArray[np.int32]

ENTRIES_OF_A_PART = 16_384
MOST_PART_BITS = 11  # more parts would be more places to write to at once than a processor follows
ODD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: multiplication by it loses nothing


def viewer_rows(
    viewer: Longs, streamer: NDArray[np.integer], samples: NDArray[np.integer]
) -> tuple[Ints, Shorts, Shorts]:
    """Entries in an order in which those of a viewer stand together.

    Returns `start` (viewers + 1) and the reordered columns: viewer v has
    ``streamer[start[v]:start[v+1]]``. The order of viewers is that of a hash; within a viewer it is
    the order given.

    >>> start, streamer, _ = viewer_rows(np.array([7, 5, 7], np.uint64), np.array([0, 1, 2]), np.ones(3))
    >>> sorted(streamer[a:b].tolist() for a, b in zip(start, start[1:]))
    [[0, 2], [1]]
    """
    count = len(viewer)
    bits = min(MOST_PART_BITS, max(1, (count // ENTRIES_OF_A_PART).bit_length()))
    ends = np.zeros((1 << bits) + 1, np.int64)
    _count_parts(viewer, bits, ends)
    np.cumsum(ends, out=ends)
    keys = np.empty(count, np.uint64)
    streamers, times = np.empty(count, np.int32), np.empty(count, np.int32)
    _part(viewer, streamer, samples, bits, ends[:-1].copy(), keys, streamers, times)
    start = np.empty(count + 1, np.int64)
    grouped, grouped_times = np.empty(count, np.int32), np.empty(count, np.int32)
    viewers = _group(keys, streamers, times, bits, ends, start, grouped, grouped_times)
    return start[: viewers + 1].copy(), grouped, grouped_times


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _count_parts(viewer: Longs, bits: int, ends: Ints) -> None:
    shift = np.uint64(64 - bits)
    for entry in range(len(viewer)):
        ends[((viewer[entry] * ODD) >> shift) + np.uint64(1)] += 1


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _part(
    viewer: Longs,
    streamer: NDArray[np.integer],
    samples: NDArray[np.integer],
    bits: int,
    free: Ints,
    keys: Longs,
    streamers: Shorts,
    times: Shorts,
) -> None:
    shift = np.uint64(64 - bits)
    for entry in range(len(viewer)):
        key = viewer[entry] * ODD
        place = free[key >> shift]
        free[key >> shift] = place + 1
        keys[place] = key
        streamers[place] = streamer[entry]
        times[place] = samples[entry]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _group(
    keys: Longs,
    streamers: Shorts,
    times: Shorts,
    bits: int,
    ends: Ints,
    start: Ints,
    grouped: Shorts,
    grouped_times: Shorts,
) -> int:
    largest = 1
    for part in range(len(ends) - 1):
        largest = max(largest, ends[part + 1] - ends[part])
    table_bits = 1
    while (1 << table_bits) < 2 * largest:
        table_bits += 1
    slots = np.empty(1 << table_bits, np.int32)  # number of a viewer within the part, -1: free
    known = np.empty(largest, np.uint64)
    free = np.empty(largest, np.int64)
    number = np.empty(largest, np.int32)
    up, down = np.uint64(bits), np.uint64(64 - table_bits)
    mask = np.uint64((1 << table_bits) - 1)
    viewers = 0
    for part in range(len(ends) - 1):
        first, last = ends[part], ends[part + 1]
        slots[:] = -1
        found = 0
        for entry in range(first, last):
            key = keys[entry]
            slot = (key << up) >> down  # the bits below those that chose the part
            while slots[slot] >= 0 and known[slots[slot]] != key:
                slot = (slot + np.uint64(1)) & mask
            if slots[slot] < 0:
                slots[slot] = found
                known[found] = key
                free[found] = 0
                found += 1
            number[entry - first] = slots[slot]
            free[slots[slot]] += 1
        place = first
        for k in range(found):
            start[viewers + k] = place
            place += free[k]
            free[k] = start[viewers + k]
        viewers += found
        for entry in range(first, last):
            k = number[entry - first]
            grouped[free[k]] = streamers[entry]
            grouped_times[free[k]] = times[entry]
            free[k] += 1
    start[viewers] = len(keys)
    return viewers
