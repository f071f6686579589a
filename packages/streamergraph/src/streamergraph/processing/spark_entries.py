"""Entries of audiences as a cluster has them: in files that all workers read, or as rows of Spark.

Handing ten million rows from Java to Python costs more than all that our kernel does with them. Workers
that see the files read these themselves, so that only paths go through Spark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from streamergraph.processing.audiences import AudienceTotals, totals_of
from streamergraph.processing.blobs import Blobs
from streamergraph.processing.memory import groups_within, limits_within
from streamergraph.processing.parcels import bits_of_parts
from streamergraph.processing.shared_audience import Limits
from streamergraph.processing.spark_session import Cluster
from streamergraph.processing.spark_workers import (
    LONGEST,
    PARCELS,
    SUMS,
    Piece,
    Query,
    Sharing,
    pack_files,
    pack_rows,
    sums_in,
)

# A task that fails is done again, so none should be long; each costs Spark some milliseconds.
ROWS_OF_A_TASK = 2**23


@dataclass(frozen=True)
class Packed:
    """Entries by shares of viewers, which `groups` tasks have among them, and what they sum up to.

    Each task can hold a share within `limits`. Parcels (see `pack_rows`) are a data frame,
    not computed yet; where they lie in files, Arrow tables of them, one a task.
    """

    audiences: AudienceTotals
    limits: Limits
    sharing: Sharing
    groups: int
    frame: Any = None
    lying: Sequence[Any] | None = None


class Entries(Protocol):
    """Who watched whom how long: streamer INT, viewer BIGINT, minutes INT; unique by the first two."""

    def packed(self, cluster: Cluster, blobs: Blobs, *, n_streamers: int) -> Packed:
        """Parcels of the entries, which stay on the cluster."""
        ...


@dataclass(frozen=True)
class InRows:
    """Entries as a data frame of Spark."""

    frame: Any

    def packed(self, cluster: Cluster, blobs: Blobs, *, n_streamers: int) -> Packed:
        """Every row goes from Java to Python, once they are summed up."""
        audiences = self.totals(n_streamers)
        groups, shares, limits = _shared_out(cluster, audiences)
        sharing = _sharing(audiences, cluster.places(groups), shares)
        frame = self.frame.mapInArrow(
            lambda batches: pack_rows(batches, sharing=sharing, blobs=blobs), PARCELS
        )
        return Packed(audiences, limits, sharing, groups, frame=frame)

    def totals(self, n_streamers: int) -> AudienceTotals:
        """Sizes of audiences and their minutes, by SQL, where the rows are."""
        # The functions of PySpark ask for Java where a session is one of Spark Connect; SQL does not.
        self.frame.createOrReplaceTempView("entries_to_sum")
        sums = self.frame.sparkSession.sql(
            "SELECT streamer, count(viewer) AS viewers, CAST(sum(minutes) AS BIGINT) AS minutes, "
            "max(minutes) AS longest FROM entries_to_sum GROUP BY streamer"
        ).toArrow()
        columns = [sums.column(name).to_numpy() for name in ("streamer", "viewers", "minutes")]
        return added([np.stack(columns)], sums.column("longest").to_pylist(), n_streamers)


@dataclass(frozen=True)
class InFiles:
    """Entries in Parquet files that all workers see under these paths, or what `query` makes them of.

    `tasks` has pieces of files for each task, of `rows` in all.
    """

    tasks: list[list[Piece]]
    rows: int
    query: Query | None = None

    @classmethod
    def of(cls, cluster: Cluster, paths: Sequence[Path], query: Query | None = None) -> InFiles:
        """Share out the row groups of the files among tasks, by how many rows they have."""
        import pyarrow.parquet as pq

        pieces: list[tuple[int, Piece]] = []
        for path in paths:
            facts = pq.read_metadata(path)
            pieces += [
                (facts.row_group(k).num_rows, (str(path), k)) for k in range(facts.num_row_groups)
            ]
        rows = sum(count for count, _ in pieces)
        tasks: list[list[Piece]] = [
            [] for _ in range(max(cluster.tasks, -(-rows // ROWS_OF_A_TASK)))
        ]
        loads = [0] * len(tasks)
        for count, piece in sorted(pieces, reverse=True):  # the largest first, to the least laden
            least = loads.index(min(loads))
            tasks[least].append(piece)
            loads[least] += count
        return cls([task for task in tasks if task], rows, query)

    def packed(self, cluster: Cluster, blobs: Blobs, *, n_streamers: int) -> Packed:
        """Nothing but the numbers of tasks goes from Java to Python, and where parcels lie back.

        All is packed when this returns: that sums it up on the way. How it is shared out is decided
        before, by the most that the files can have.
        """
        most = totals_of(self.rows, longest=LONGEST, n_streamers=n_streamers)
        groups, shares, limits = _shared_out(cluster, most)
        sharing, query = _sharing(most, range(groups), shares), self.query
        found = cluster.each(
            self.tasks,
            lambda pieces: pack_files(pieces, query=query, sharing=sharing, blobs=blobs),
            PARCELS,
        )
        place = found.column("place").to_numpy()
        sums = [
            sums_in(blobs.read(one.as_buffer())) for one in found.filter(place == SUMS)["entries"]
        ]
        audiences = added([one for one, _ in sums], [most for _, most in sums], n_streamers)
        lying = [found.filter(place == group).sort_by("part") for group in range(groups)]
        return Packed(
            audiences, limits, sharing, groups, lying=[one for one in lying if one.num_rows]
        )


def _shared_out(cluster: Cluster, audiences: AudienceTotals) -> tuple[int, int, Limits]:
    """Into how many groups and shares of viewers so many entries go, and the limits of a group."""
    groups = groups_within(cluster.memory_gib, audiences, wanted=cluster.tasks)
    of_a_group = replace(audiences, sizes=-(-audiences.sizes // groups))
    limits = limits_within(cluster.memory_gib, of_a_group)
    return groups, groups * of_a_group.parts(limits.entries_of_a_part), limits


def _sharing(audiences: AudienceTotals, places: Sequence[int], shares: int) -> Sharing:
    """Shares in turns to the places."""
    bits = bits_of_parts(audiences.n_entries, shares)
    turns = tuple(places[share % len(places)] for share in range(shares))
    return Sharing(bits, turns, audiences.n_streamers)


def added(sums: Sequence[Any], longest: Sequence[int], n_streamers: int) -> AudienceTotals:
    """Sums of parts of all entries in one: rows (3, k) of streamers, their viewers and their minutes.

    >>> found = added([np.array([[1], [2], [30]]), np.array([[0, 1], [1, 1], [15, 15]])], [15, 15], 2)
    >>> found.sizes.tolist(), found.minutes.tolist(), found.longest
    ([1, 3], [15, 45], 15)
    """
    sizes, minutes = np.zeros(n_streamers, np.int64), np.zeros(n_streamers, np.int64)
    for streamer, viewers, together in sums:
        np.add.at(sizes, streamer, viewers)
        np.add.at(minutes, streamer, together)
    return AudienceTotals(sizes=sizes, minutes=minutes, longest=max(longest, default=0))
