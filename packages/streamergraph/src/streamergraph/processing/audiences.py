"""The audiences of all streamers: their sizes, and a way to go over their viewers in parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from streamergraph.processing.parcels import Ints, Parcels, bits_of_parts, parcels_of
from streamergraph.processing.viewer_rows import ViewerRows, viewer_rows

PARTS_AT_A_TIME = 4  # so that calls cost little, and rows stay in the caches until they are counted


@dataclass(frozen=True, kw_only=True)
class AudienceTotals:
    """How many watched whom how long.

    `sizes` (viewers) and `minutes` (summed over them) belong to streamers 0, 1, …; nobody watched any
    of them for more than `longest` minutes.
    """

    sizes: Ints
    minutes: Ints
    longest: int

    @property
    def n_streamers(self) -> int:
        """Streamers, those that nobody watched too."""
        return len(self.sizes)

    @property
    def n_entries(self) -> int:
        """Pairs of streamer and viewer."""
        return int(self.sizes.sum())

    def parts(self, entries_of_a_part: int) -> int:
        """How many parts of viewers there are, of about so many entries each."""
        return max(1, -(-self.n_entries // entries_of_a_part))

    def by_size(self) -> Ints:
        """Streamers, the largest audience first."""
        return np.argsort(-self.sizes, kind="stable")

    def ranks(self) -> NDArray[np.int32]:
        """The place of every streamer in `by_size`."""
        rank = np.empty(self.n_streamers, np.int32)
        rank[self.by_size()] = np.arange(self.n_streamers, dtype=np.int32)
        return rank


@dataclass(frozen=True, kw_only=True)
class Audiences(AudienceTotals):
    """Who watched whom how long.

    `fetch(k, n)` gives the entries of share k of n of all viewers, every viewer wholly in one share.
    """

    fetch: Callable[[int, int], Parcels]

    def totals(self) -> AudienceTotals:
        """What is known of them without their entries."""
        return AudienceTotals(sizes=self.sizes, minutes=self.minutes, longest=self.longest)

    def rows(self, *, entries_of_a_part: int) -> Iterator[ViewerRows]:
        """All viewers in parts of at most about so many entries, streamers by their place in `by_size`."""
        rank, parts = self.ranks(), self.parts(entries_of_a_part)
        for part in range(parts):
            # Nothing of a part may have a name here: it would be held while the next is fetched.
            yield from rows_of(self.fetch(part, parts), rank)


def rows_of(parcels: Parcels, rank: NDArray[np.int32]) -> Iterator[ViewerRows]:
    """The rows of all viewers of some parcels, some parts at a time."""
    for first in range(0, parcels.parts, PARTS_AT_A_TIME):
        yield viewer_rows(parcels, first, min(first + PARTS_AT_A_TIME, parcels.parts), rank=rank)


def audiences_of_arrays(
    streamer: NDArray[np.integer],
    viewer: NDArray[np.integer],
    minutes: NDArray[np.integer],
    *,
    n_streamers: int,
) -> Audiences:
    """Audiences from entries in any order; each (streamer, viewer) stands once.

    >>> made = audiences_of_arrays(np.array([1, 0, 1]), np.array([9, 9, -4]), np.array([15, 30, 45]),
    ...                            n_streamers=2)
    >>> made.sizes.tolist(), made.minutes.tolist()
    ([1, 2], [30, 60])
    """
    sizes, total = np.zeros(n_streamers, np.int64), np.zeros(n_streamers, np.int64)
    count_entries(streamer, minutes, sizes, total)
    bits = bits_of_parts(len(viewer))
    made = parcels_of(viewer, streamer, minutes, n_streamers=n_streamers, bits=bits)
    return Audiences(sizes=sizes, minutes=total, longest=int(minutes.max(initial=0)), fetch=made.of)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def count_entries(
    streamer: NDArray[np.integer], minutes: NDArray[np.integer], sizes: Ints, total: Ints
) -> None:
    """Add to the sizes of audiences, and to the minutes that all together watched."""
    for entry in range(len(streamer)):
        sizes[streamer[entry]] += 1
        total[streamer[entry]] += minutes[entry]


def totals_of(entries: int, *, longest: int, n_streamers: int) -> AudienceTotals:
    """What is known of so many entries before they are counted, as if all were of one streamer."""
    sizes = np.zeros(n_streamers, np.int64)
    sizes[:1] = entries
    return AudienceTotals(sizes=sizes, minutes=np.zeros(n_streamers, np.int64), longest=longest)
