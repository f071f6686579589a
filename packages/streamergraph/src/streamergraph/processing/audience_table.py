"""Audiences from a table of DuckDB: gone through once, and held as parcels, in memory or in files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from streamergraph.processing import small_pages
from streamergraph.processing.audiences import Audiences, AudienceTotals, count_entries, totals_of
from streamergraph.processing.blobs import Blobs
from streamergraph.processing.parcels import (
    BYTES_OF_AN_ENTRY,
    ENTRIES_AT_A_TIME,
    Parcels,
    bits_of_parts,
    joined,
    parcels_in,
    parcels_of,
    put_down,
    room_for,
    share_out,
    watched_type,
)
from streamergraph.processing.shared_audience import Limits
from streamergraph.processing.threads import each

Columns = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]  # viewer, streamer, minutes
Take = Callable[[int, Columns], None]


@contextmanager
def audiences_of_table(
    connection: duckdb.DuckDBPyConnection, *, most: AudienceTotals, limits: Limits
) -> Iterator[Audiences]:
    """Audiences from the table `audience`; see `most_of_table`.

    The table is gone through once, by numbers of rows. What is more than a part is put down on the way,
    in files beside what DuckDB itself has on disk, 12 bytes an entry (16 where numbers are large).
    """
    small_pages.use_again()
    parts = most.parts(limits.entries_of_a_part)
    if parts == 1:
        yield _held(connection, most, limits.threads)
        return
    found = connection.execute("SELECT current_setting('temp_directory')").fetchone() or ("",)
    Path(found[0]).mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=found[0]) as folder:
        yield _put_down(connection, most, limits.threads, parts, Blobs(folder))


def _held(connection: duckdb.DuckDBPyConnection, most: AudienceTotals, threads: int) -> Audiences:
    """All entries in memory."""
    pieces, bits = _pieces(connection), bits_of_parts(most.n_entries)
    kind = watched_type(most.n_streamers, most.longest)
    whole = room_for(pieces * ENTRIES_AT_A_TIME, pieces=pieces, bits=bits, kind=kind)

    def take(piece: int, columns: Columns) -> None:
        begin = piece * ENTRIES_AT_A_TIME
        here = slice(begin, begin + len(columns[0]))
        begins = whole.begins[piece : piece + 1]
        into = Parcels(
            begins=begins, hashed=whole.hashed[here], watched=whole.watched[here], bits=bits
        )
        share_out(*columns, into)
        begins += begin

    return _summed(connection, pieces, take, most, threads, whole.of)


def _put_down(
    connection: duckdb.DuckDBPyConnection,
    most: AudienceTotals,
    threads: int,
    parts: int,
    blobs: Blobs,
) -> Audiences:
    """All entries in files, each part of them together."""
    pieces, bits = _pieces(connection), bits_of_parts(most.n_entries, parts)
    kept: list[dict[int, bytes]] = [{} for _ in range(pieces)]

    def take(piece: int, columns: Columns) -> None:
        made = parcels_of(*columns, n_streamers=most.n_streamers, bits=bits)
        with blobs.keeping() as keep:
            kept[piece] = dict(put_down(made, parts, keep))

    def fetch(part: int, of: int) -> Parcels:
        assert of == parts
        found = [one[part] for one in kept if part in one]
        return joined(
            (parcels_in(blobs.read(one), part, parts, bits=bits) for one in found),
            most=sum(map(blobs.size, found)) // BYTES_OF_AN_ENTRY,
        )

    return _summed(connection, pieces, take, most, threads, fetch)


def _pieces(connection: duckdb.DuckDBPyConnection) -> int:
    rows = connection.execute("SELECT coalesce(max(rowid) + 1, 0) FROM audience").fetchone() or (0,)
    return max(1, -(-int(rows[0]) // ENTRIES_AT_A_TIME))


def _summed(
    connection: duckdb.DuckDBPyConnection,
    pieces: int,
    take: Take,
    most: AudienceTotals,
    threads: int,
    fetch: Callable[[int, int], Parcels],
) -> Audiences:
    """Let `take` have every piece of the table, and sum it up meanwhile."""
    sizes, minutes = np.zeros((2, most.n_streamers), np.int64)

    def read(piece: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        first = piece * ENTRIES_AT_A_TIME
        with connection.cursor() as cursor:
            found = cursor.execute(
                "SELECT viewer, streamer, minutes FROM audience "
                f"WHERE rowid >= {first} AND rowid < {first + ENTRIES_AT_A_TIME}"
            ).fetchnumpy()
        take(piece, (found["viewer"], found["streamer"], found["minutes"]))
        sums = np.zeros((2, most.n_streamers), np.int64)
        count_entries(found["streamer"], found["minutes"], sums[0], sums[1])
        return sums[0], sums[1]

    for of_piece, together in each(read, range(pieces), threads):
        sizes += of_piece
        minutes += together
    return Audiences(sizes=sizes, minutes=minutes, longest=most.longest, fetch=fetch)


def most_of_table(connection: duckdb.DuckDBPyConnection, *, n_streamers: int) -> AudienceTotals:
    """How many entries the table `audience` has, as if all were of one streamer, and the most minutes.

    Its columns: streamer, viewer, minutes; unique by the first two.
    """
    rows, longest = connection.execute(
        "SELECT count(*), coalesce(max(minutes), 0) FROM audience"
    ).fetchone() or (0, 0)
    return totals_of(rows, longest=longest, n_streamers=n_streamers)
