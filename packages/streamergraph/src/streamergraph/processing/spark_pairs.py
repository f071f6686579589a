"""Relations by audiences that lie on a Spark cluster.

Rows of one viewer are brought together, our own kernel counts the pairs of each part of viewers, and
counts are added: a pair's common viewers are the sum of those of the parts. What travels from the kernel
are blocks of numbers, and to here only relations that may stay.
"""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np

from streamergraph.processing.blobs import Blobs
from streamergraph.processing.relations import RelationRules, Relations, settle
from streamergraph.processing.shared_audience import require_room_in_cells
from streamergraph.processing.spark_entries import Entries, Packed
from streamergraph.processing.spark_session import Cluster
from streamergraph.processing.spark_workers import (
    PIECES,
    VERDICTS,
    Batches,
    add,
    count,
    judged,
)

CELLS_ADDED_HERE = 2**25  # of all groups: to add up so few takes less than a job of Spark's costs


def find_relations_on_spark(
    cluster: Cluster,
    entries: Entries,
    rules: RelationRules,
    *,
    n_streamers: int,
) -> Relations:
    """Relations between streamers 0 to `n_streamers` - 1, as `find_relations` finds them.

    Raises OverflowError for a streamer with 2^28 viewers or 2^36 minutes watched.
    """
    with cluster.handing_on() as blobs:
        packed = entries.packed(cluster, blobs, n_streamers=n_streamers)
        audiences = packed.audiences
        require_room_in_cells(audiences)

        def added_up(batches: Batches) -> Batches:
            return add(batches, rules=rules, audiences=audiences, blobs=blobs)

        if packed.lying is None:
            by_pairs = counted(packed, blobs).repartition(cluster.tasks, "first")
            verdicts = by_pairs.sortWithinPartitions("first").mapInArrow(added_up, VERDICTS)
            found = verdicts.toArrow()
        else:
            pieces = counted_where_they_lie(cluster, packed, blobs)
            cells = n_streamers * (n_streamers - 1) // 2
            if packed.groups * cells <= CELLS_ADDED_HERE:
                rows = pieces.sort_by("first").to_pylist()
                return settle(
                    judged(rows, rules=rules, audiences=audiences, blobs=blobs), rules, audiences
                )
            found = cluster.each(
                by_first(pieces, cluster.tasks),
                lambda one: added_up(iter(one.to_batches())),
                VERDICTS,
            )
        kept = found.column("verdict")
        return settle(
            (pickle.loads(blobs.read(one.as_buffer()).data) for one in kept), rules, audiences
        )


def counted(packed: Packed, blobs: Blobs) -> Any:
    """From parcels to cells as a data frame, not computed yet."""
    sharing, rank, limits = packed.sharing, packed.audiences.ranks(), packed.limits
    return shuffled(packed).mapInArrow(
        lambda batches: count(batches, sharing=sharing, rank=rank, limits=limits, blobs=blobs),
        PIECES,
    )


def shuffled(packed: Packed) -> Any:
    """Parcels by the tasks that they belong to, parts in order."""
    return packed.frame.repartition(packed.groups, "place").sortWithinPartitions("part")


def counted_where_they_lie(cluster: Cluster, packed: Packed, blobs: Blobs) -> Any:
    """From parcels in files to cells in files, of which the Arrow table says where they are."""
    assert packed.lying is not None
    sharing, rank, limits = packed.sharing, packed.audiences.ranks(), packed.limits

    def counted_one(parcels: Any) -> Batches:
        batches = iter(parcels.to_batches())
        return count(batches, sharing=sharing, rank=rank, limits=limits, blobs=blobs)

    return cluster.each(packed.lying, counted_one, PIECES)


def by_first(pieces: Any, tasks: int) -> list[Any]:
    """The pieces shared out among tasks, those of the same pairs together."""
    first = pieces.column("first").to_numpy()
    own = np.unique(first, return_inverse=True)[1] % tasks
    shares = [pieces.filter(own == task).sort_by("first") for task in range(tasks)]
    return [one for one in shares if one.num_rows]
