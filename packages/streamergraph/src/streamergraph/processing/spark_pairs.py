"""Relations by audiences that lie on a Spark cluster.

Rows of one viewer are brought together, our own kernel counts the pairs of each part of viewers, and
counts are added: a pair's common viewers are the sum of those of the parts. What travels from the kernel
are blocks of numbers, and to here only relations that may stay.
"""

from __future__ import annotations

import pickle
from typing import Any

from streamergraph.processing.blobs import Blobs
from streamergraph.processing.relations import RelationRules, Relations, settle
from streamergraph.processing.shared_audience import require_room_in_cells
from streamergraph.processing.spark_entries import Entries, Packed
from streamergraph.processing.spark_session import Cluster
from streamergraph.processing.spark_workers import (
    PIECES,
    VERDICTS,
    add,
    count,
    ranks,
)


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
        verdicts = (
            counted(packed, blobs)
            .repartition(cluster.tasks, "first")
            .sortWithinPartitions("first")
            .mapInArrow(
                lambda batches: add(batches, rules=rules, audiences=audiences, blobs=blobs),
                VERDICTS,
            )
        )
        found = verdicts.toArrow().column("verdict")
        judged = (pickle.loads(blobs.read(one.as_buffer()).data) for one in found)
        return settle(judged, rules, audiences)


def counted(packed: Packed, blobs: Blobs) -> Any:
    """From parcels to cells as a data frame, not computed yet."""
    rank, limits = ranks(packed.audiences.by_size()), packed.limits
    return shuffled(packed).mapInArrow(
        lambda batches: count(batches, rank=rank, limits=limits, blobs=blobs), PIECES
    )


def shuffled(packed: Packed) -> Any:
    """Parcels by the tasks that they belong to, parts in order."""
    return packed.parcels.repartition(packed.groups, "place").sortWithinPartitions("part")
