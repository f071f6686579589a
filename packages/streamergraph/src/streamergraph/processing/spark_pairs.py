"""Relations by audiences that lie on a Spark cluster.

Rows of one viewer are brought together, our own kernel counts the pairs of each part of viewers, and
counts are added: a pair's common viewers are the sum of those of the parts. What travels from the kernel
are blocks of numbers, and to here only relations that may stay.
"""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

from streamergraph.processing.audiences import AudienceTotals
from streamergraph.processing.blobs import Blobs
from streamergraph.processing.memory import groups_within, limits_within
from streamergraph.processing.relations import RelationRules, Relations, settle
from streamergraph.processing.shared_audience import require_room_in_cells
from streamergraph.processing.spark_entries import Entries
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
    audiences = entries.totals(n_streamers)
    require_room_in_cells(audiences)
    with cluster.handing_on() as blobs:
        counted = stages(cluster, entries, audiences, blobs)["count"]
        verdicts = (
            counted.repartition(cluster.tasks, "first")
            .sortWithinPartitions("first")
            .mapInArrow(
                lambda batches: add(batches, rules=rules, audiences=audiences, blobs=blobs),
                VERDICTS,
            )
        )
        found = verdicts.toArrow().column("verdict")
        judged = (pickle.loads(blobs.read(one.as_buffer()).data) for one in found)
        return settle(judged, rules, audiences)


def stages(
    cluster: Cluster, entries: Entries, audiences: AudienceTotals, blobs: Blobs
) -> dict[str, Any]:
    """From entries to cells as data frames, none of them computed yet: `pack`, `shuffle`, `count`."""
    groups = groups_within(cluster.memory_gib, audiences, wanted=cluster.tasks)
    of_a_group = replace(audiences, sizes=-(-audiences.sizes // groups))
    limits = replace(limits_within(cluster.memory_gib, of_a_group), keep_rows=True)
    parts = groups * max(1, -(-of_a_group.n_entries // limits.entries_of_a_part))
    of_groups = cluster.places(groups)
    places = [of_groups[part % groups] for part in range(parts)]
    rank = ranks(audiences.by_size())
    packed = entries.packed(places, blobs)
    shuffled = packed.repartition(groups, "place").sortWithinPartitions("part")
    counted = shuffled.mapInArrow(
        lambda batches: count(batches, rank=rank, limits=limits, blobs=blobs), PIECES
    )
    return {"pack": packed, "shuffle": shuffled, "count": counted}
