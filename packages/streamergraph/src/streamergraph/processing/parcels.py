"""Entries of many viewers shared out by parts of viewers, so that each part stays in the caches.

An entry is moved twice: once from wherever it comes to its part, and once there, beside the viewer's other
entries (see `viewer_rows`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from streamergraph.processing import small_pages
from streamergraph.processing.blobs import Keep

Ints = NDArray[np.int64]
Longs = NDArray[np.uint64]
Shorts = NDArray[np.int32]
Watched = NDArray[np.uint32 | np.uint64]

ODD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: its products differ in their upper bits
# Entries that are shared out at a time: so many that those of a part lie in long stretches. A table of
# DuckDB's lies in groups of 122,880 rows, each of which is read once then.
ENTRIES_AT_A_TIME = 4 * 122_880
BYTES_OF_AN_ENTRY = 12  # at least
ENTRIES_OF_A_PART = 2**15  # in the caches of a core, with what is made of them
MOST_BITS = 10  # of parts: more are written to in turns more slowly


@dataclass(frozen=True, kw_only=True)
class Parcels:
    """Entries in pieces, in each of them by parts of viewers: 2^bits parts of all, or some of these.

    Part p of piece k has the entries from ``begins[k, p]`` to ``begins[k, p + 1]``. `hashed` are viewers
    times ODD, whose upper bits are the number of the part; nothing of a viewer is lost by that. `watched`
    has the streamer in the upper half of its bits, and the minutes in the lower one.
    """

    begins: Ints
    hashed: Longs
    watched: Watched
    bits: int

    @property
    def parts(self) -> int:
        """How many parts these are."""
        return int(self.begins.shape[1]) - 1

    def of(self, share: int, shares: int) -> Parcels:
        """One of some equal shares of the parts; no entry is copied."""
        first, last = bounds(self.parts, share, shares)
        return Parcels(
            begins=np.ascontiguousarray(self.begins[:, first : last + 1]),
            hashed=self.hashed,
            watched=self.watched,
            bits=self.bits,
        )


def bounds(parts: int, share: int, shares: int) -> tuple[int, int]:
    """The first part of one of some equal shares, and the one behind its last."""
    return share * parts // shares, (share + 1) * parts // shares


def bits_of_parts(entries: int, shares: int = 1) -> int:
    """Bits of a number of parts for so many entries, which `shares` of them can have nearly equally.

    >>> bits_of_parts(0), bits_of_parts(10**7), bits_of_parts(10**10), bits_of_parts(10**4, shares=3)
    (0, 8, 10, 6)
    """
    wanted = (entries // ENTRIES_OF_A_PART).bit_length() - 1
    return max(min(wanted, MOST_BITS), (16 * (shares - 1)).bit_length(), 0)


def watched_type(n_streamers: int, longest: int) -> type[np.uint32 | np.uint64]:
    """What holds a streamer and up to `longest` minutes, each in half of its bits.

    Raises OverflowError for what is more than 32 bits.
    """
    if max(n_streamers - 1, longest) >= 2**32:
        raise OverflowError("streamers are too many, or minutes are not possible")
    return np.uint32 if max(n_streamers - 1, longest) < 2**16 else np.uint64


def parcels_of(
    viewer: NDArray[np.integer],
    streamer: NDArray[np.integer],
    minutes: NDArray[np.integer],
    *,
    n_streamers: int,
    bits: int,
) -> Parcels:
    """Share out entries in any order as one piece; `viewer` are any whole numbers.

    Raises OverflowError for minutes that are negative or of more than 32 bits.

    >>> made = parcels_of(np.array([8, -1, 8]), np.array([0, 1, 2]), np.array([15, 30, 45]),
    ...                   n_streamers=3, bits=1)
    >>> made.begins.tolist(), (made.watched >> np.uint32(16)).tolist()
    ([[0, 1, 3]], [1, 0, 2])
    """
    kind = watched_type(n_streamers, int(minutes.max(initial=0)))
    made = room_for(len(viewer), pieces=1, bits=bits, kind=kind)
    share_out(viewer, streamer, minutes, made)
    return made


def room_for(entries: int, *, pieces: int, bits: int, kind: type[np.uint32 | np.uint64]) -> Parcels:
    """Parcels to be written into."""
    return Parcels(
        begins=np.zeros((pieces, 2**bits + 1), np.int64),
        hashed=small_pages.empty(entries, np.uint64),
        watched=small_pages.empty(entries, kind),
        bits=bits,
    )


def share_out(
    viewer: NDArray[np.integer],
    streamer: NDArray[np.integer],
    minutes: NDArray[np.integer],
    into: Parcels,
) -> None:
    """Write entries into the arrays of parcels that are one piece of as many."""
    numbers = (viewer if viewer.itemsize == 8 else viewer.astype(np.int64)).view(np.uint64)
    if minutes.min(initial=0) < 0:
        raise OverflowError("minutes are negative")
    _share_out(numbers, streamer, minutes, into.bits, into.begins[0], into.hashed, into.watched)


def joined(pieces: Iterable[Parcels], *, most: int) -> Parcels:
    """Pieces of the same parts, one behind the other; of one at least, and of `most` entries in all.

    A piece is asked for once the one before it is copied, so that all are held once.
    """
    hashed, watched = small_pages.empty(most, np.uint64), small_pages.empty(most, np.uint32)
    begins, end = [], 0
    for piece in pieces:
        begin, end = end, end + len(piece.hashed)
        if piece.watched.itemsize > watched.itemsize:
            watched = _widened(watched)
        hashed[begin:end] = piece.hashed
        same = piece.watched.itemsize == watched.itemsize
        watched[begin:end] = piece.watched if same else _widened(piece.watched)
        begins.append(piece.begins + begin)
    return Parcels(
        begins=np.concatenate(begins), hashed=hashed[:end], watched=watched[:end], bits=piece.bits
    )


def put_down(piece: Parcels, shares: int, keep: Keep) -> Iterator[tuple[int, bytes]]:
    """Each share of the parts that has entries: its number, and what finds its bytes again.

    `keep` is that of `Blobs`. To which share a viewer belongs depends on the numbers of shares and of
    parts alone.

    >>> from streamergraph.processing.blobs import Blobs
    >>> made = parcels_of(np.array([8, -1, 8]), np.array([0, 1, 2]), np.array([15, 30, 45]),
    ...                   n_streamers=3, bits=1)
    >>> with Blobs().keeping() as keep:
    ...     kept = dict(put_down(made, 2, keep))
    >>> [parcels_in(Blobs().read(kept[k]), k, 2, bits=1).watched.tolist() for k in (0, 1)]
    [[65566], [15, 131117]]
    """
    for share in range(shares):
        one = piece.of(share, shares)
        begin, end = one.begins[0, 0], one.begins[0, -1]
        if end > begin:
            yield share, keep(one.begins - begin, one.hashed[begin:end], one.watched[begin:end])


def parcels_in(found: NDArray[np.uint8], share: int, shares: int, *, bits: int) -> Parcels:
    """A share of 2^bits parts as it was put down."""
    first, last = bounds(2**bits, share, shares)
    begins = found[: 8 * (last - first + 1)].view(np.int64)
    rest, count = found[begins.nbytes :], int(begins[-1])
    kind: Any = np.uint32 if len(rest) == 12 * count else np.uint64
    return Parcels(
        begins=begins.reshape(1, -1),
        hashed=rest[: 8 * count].view(np.uint64),
        watched=rest[8 * count :].view(kind),
        bits=bits,
    )


def _widened(watched: Watched) -> Watched:
    streamer, minutes = watched >> np.uint32(16), watched & np.uint32(0xFFFF)
    return streamer.astype(np.uint64) << np.uint64(32) | minutes


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _share_out(
    viewer: Longs,
    streamer: NDArray[np.integer],
    minutes: NDArray[np.integer],
    bits: int,
    begins: Ints,
    hashed: Longs,
    watched: Watched,
) -> None:
    # Two shifts, since one by all 64 bits is not defined.
    one, rest, half = np.uint64(1), np.uint64(63 - bits), np.uint64(4 * watched.itemsize)
    part = np.empty(len(viewer), np.uint16)
    begins[:] = 0
    for k in range(len(viewer)):
        part[k] = (viewer[k] * ODD) >> one >> rest
        begins[part[k] + 1] += 1
    begin = 0
    for p in range(1, len(begins)):
        begin, begins[p] = begin + begins[p], begin
    for k in range(len(viewer)):
        # What stands after the part is where its next entry goes, and in the end where it ends.
        place = begins[part[k] + 1]
        begins[part[k] + 1] = place + 1
        hashed[place] = viewer[k] * ODD
        watched[place] = (np.uint64(streamer[k]) << half) | np.uint64(minutes[k])
