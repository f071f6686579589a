"""Entries of many viewers brought together by parts of viewers, as bytes; and entries again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from streamergraph.processing.blobs import Keep
from streamergraph.processing.viewer_rows import ODD, Ints, Longs, Shorts

Columns = dict[str, NDArray[Any]]
# The widest first, so that each begins where its numbers may.
ENTRY_TYPES: dict[str, Any] = {"viewer": np.int64, "streamer": np.int32, "minutes": np.int32}
BYTES_OF_AN_ENTRY = sum(np.dtype(kind).itemsize for kind in ENTRY_TYPES.values())
# Entries that are shared out at a time: so many that parcels are few and long, and so few that the C
# library keeps the memory for the next ones.
ENTRIES_AT_A_TIME = 2**19


def parcels(columns: Columns, parts: int, keep: Keep) -> Iterator[tuple[int, bytes]]:
    """A parcel for every part of viewers that has entries: its number, and what finds the bytes again.

    `columns` has viewer, streamer and minutes; `keep` is that of `Blobs`. Which part a viewer belongs to
    depends on `parts` alone, whatever else is there.

    >>> from streamergraph.processing.blobs import Blobs
    >>> entries = {"viewer": np.array([8, -1, 8]), "streamer": np.array([0, 1, 2], np.int32),
    ...            "minutes": np.array([15, 30, 45], np.int32)}
    >>> with Blobs().keeping() as keep:
    ...     kept = dict(parcels(entries, 2, keep))
    >>> [[column.tolist() for column in entries_in(Blobs().read(kept[part]))] for part in sorted(kept)]
    [[[-1], [1], [30]], [[8, 8], [0, 2], [15, 45]]]
    """
    viewer, streamer, minutes = (
        columns[name].astype(kind, copy=False) for name, kind in ENTRY_TYPES.items()
    )
    mixed = np.empty_like(viewer), np.empty_like(streamer), np.empty_like(minutes)
    ends = np.zeros(parts, np.int64)
    _share_out(viewer.view(np.uint64), streamer, minutes, ends, *mixed)
    begin = 0
    for part, end in enumerate(ends.tolist()):
        if end > begin:
            yield part, keep(*(column[begin:end] for column in mixed))
        begin = end


def entries_in(found: NDArray[np.uint8]) -> tuple[NDArray[Any], ...]:
    """Viewers, streamers and minutes of a parcel."""
    count, begin, columns = len(found) // BYTES_OF_AN_ENTRY, 0, []
    for kind in ENTRY_TYPES.values():
        end = begin + count * np.dtype(kind).itemsize
        columns.append(found[begin:end].view(kind))
        begin = end
    return tuple(columns)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _share_out(
    viewer: Longs,
    streamer: Shorts,
    minutes: Shorts,
    ends: Ints,
    viewers: Ints,
    streamers: Shorts,
    times: Shorts,
) -> None:
    """Write entries in order of their part, and where each part ends."""
    parts = np.uint64(len(ends))
    # By the upper bits of a hash: pseudonyms may be any numbers.
    part = np.empty(len(viewer), np.int32)
    for k in range(len(viewer)):
        part[k] = ((viewer[k] * ODD) >> np.uint64(40)) % parts
        ends[part[k]] += 1
    begin = 0
    for p in range(len(ends)):
        begin, ends[p] = begin + ends[p], begin
    for k in range(len(viewer)):
        place = ends[part[k]]
        ends[part[k]] = place + 1
        viewers[place] = np.int64(viewer[k])
        streamers[place] = streamer[k]
        times[place] = minutes[k]
