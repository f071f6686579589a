"""The audiences of all streamers: their sizes, and a way to go over their viewers in parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numba
import numpy as np
from numpy.typing import NDArray

from streamergraph.processing.blobs import Blobs
from streamergraph.processing.parcels import ENTRIES_AT_A_TIME, entries_in, parcels
from streamergraph.processing.viewer_rows import Ints, ViewerRows, viewer_rows

NO_ENTRIES = entries_in(np.empty(0, np.uint8))
Columns = tuple[NDArray[np.integer], NDArray[np.integer], NDArray[np.integer]]


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


@dataclass(frozen=True, kw_only=True)
class Audiences(AudienceTotals):
    """Who watched whom how long.

    `fetch(k, n)` gives the entries (streamer, viewer, minutes) of part k of n, every viewer wholly in
    one part.
    """

    fetch: Callable[[int, int], Columns]

    def rows(self, *, entries_of_a_part: int) -> Iterator[ViewerRows]:
        """All viewers in parts of about so many entries, streamers by their place in `by_size`."""
        rank = np.empty(self.n_streamers, np.int32)
        rank[self.by_size()] = np.arange(self.n_streamers, dtype=np.int32)
        parts = self.parts(entries_of_a_part)
        for part in range(parts):
            # Nothing of a part may have a name here: it would be held while the next is fetched.
            yield _rows_of(self.fetch(part, parts), rank)


def _rows_of(columns: Columns, rank: NDArray[np.int32]) -> ViewerRows:
    streamer, viewer, minutes = columns
    return viewer_rows(viewer, streamer, minutes, rank=rank)


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

    def fetch(part: int, parts: int) -> Columns:
        if parts == 1:
            return streamer, viewer, minutes
        here = viewer % parts == part
        return streamer[here], viewer[here], minutes[here]

    sizes, total = np.zeros(n_streamers, np.int64), np.zeros(n_streamers, np.int64)
    count_entries(streamer, minutes, sizes, total)
    return Audiences(
        sizes=sizes,
        minutes=total,
        longest=int(minutes.max(initial=0)),
        fetch=fetch,
    )


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def count_entries(
    streamer: NDArray[np.integer], minutes: NDArray[np.integer], sizes: Ints, total: Ints
) -> None:
    """Add to the sizes of audiences, and to the minutes that all together watched."""
    for entry in range(len(streamer)):
        sizes[streamer[entry]] += 1
        total[streamer[entry]] += minutes[entry]


@contextmanager
def audiences_of_table(
    connection: duckdb.DuckDBPyConnection, *, most: AudienceTotals, parts: int
) -> Iterator[Audiences]:
    """Audiences from the table `audience`, to be fetched in so many parts; see `most_of_table`.

    The table is gone through once, in order of its row numbers. Several parts are put down on the way, in
    files beside what DuckDB itself has on disk, 16 bytes an entry.
    """
    temporary, last = connection.execute(
        "SELECT current_setting('temp_directory'), max(rowid) FROM audience"
    ).fetchone() or ("", None)
    Path(temporary).mkdir(parents=True, exist_ok=True)
    sizes, minutes = np.zeros(most.n_streamers, np.int64), np.zeros(most.n_streamers, np.int64)
    kept: list[list[bytes]] = [[] for _ in range(parts)]
    with TemporaryDirectory(dir=temporary) as folder:
        blobs = Blobs(folder)
        with blobs.keeping() as keep:
            for first in range(0, -1 if last is None else last + 1, ENTRIES_AT_A_TIME):
                columns = connection.execute(
                    "SELECT viewer, streamer, minutes FROM audience "
                    f"WHERE rowid >= {first} AND rowid < {first + ENTRIES_AT_A_TIME}"
                ).fetchnumpy()
                count_entries(columns["streamer"], columns["minutes"], sizes, minutes)
                for part, parcel in parcels(columns, parts, keep):
                    kept[part].append(parcel)

        def fetch(part: int, of: int) -> Columns:
            assert of == parts
            found = [NO_ENTRIES, *(entries_in(blobs.read(parcel)) for parcel in kept[part])]
            viewer, streamer, minutes = (
                np.concatenate(column) for column in zip(*found, strict=True)
            )
            return streamer, viewer, minutes

        yield Audiences(sizes=sizes, minutes=minutes, longest=most.longest, fetch=fetch)


def most_of_table(connection: duckdb.DuckDBPyConnection, *, n_streamers: int) -> AudienceTotals:
    """How many entries the table `audience` has, as if all were of one streamer, and the most minutes.

    Its columns: streamer, viewer, minutes; unique by the first two.
    """
    rows, longest = connection.execute(
        "SELECT count(*), coalesce(max(minutes), 0) FROM audience"
    ).fetchone() or (0, 0)
    return totals_of(rows, longest=longest, n_streamers=n_streamers)


def totals_of(entries: int, *, longest: int, n_streamers: int) -> AudienceTotals:
    """What is known of so many entries before they are counted, as if all were of one streamer."""
    sizes = np.zeros(n_streamers, np.int64)
    sizes[:1] = entries
    return AudienceTotals(sizes=sizes, minutes=np.zeros(n_streamers, np.int64), longest=longest)
