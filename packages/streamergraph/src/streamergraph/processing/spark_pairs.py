"""Relations by audiences that lie on a Spark cluster.

Rows of one viewer are brought together, our own kernel counts the pairs of each part of viewers, and
counts are added: a pair's common viewers are the sum of those of the parts. What travels from the kernel
are blocks of numbers, and to here only relations that may stay.
"""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import numpy as np

from streamergraph.processing.audiences import AudienceTotals
from streamergraph.processing.memory import groups_within, limits_within
from streamergraph.processing.relations import RelationRules, Relations, settle
from streamergraph.processing.shared_audience import require_room_in_cells
from streamergraph.processing.spark_session import Cluster
from streamergraph.processing.spark_workers import (
    PARCELS,
    PIECES,
    VERDICTS,
    add,
    count,
    pack,
    ranks,
)


def find_relations_on_spark(
    cluster: Cluster,
    audience: Any,
    rules: RelationRules,
    *,
    n_streamers: int,
) -> Relations:
    """Relations between streamers 0 to `n_streamers` - 1, as `find_relations` finds them.

    `audience` is a data frame of Spark (streamer INT, viewer BIGINT, minutes INT; unique by streamer and
    viewer). Raises OverflowError for a streamer with 2^28 viewers or 2^36 minutes watched.
    """
    audiences = totals(audience, n_streamers)
    require_room_in_cells(audiences)
    counted = stages(cluster, audience, audiences)["count"]
    verdicts = (
        counted.repartition(cluster.tasks, "first")
        .sortWithinPartitions("first")
        .mapInArrow(lambda batches: add(batches, rules=rules, audiences=audiences), VERDICTS)
    )
    found = verdicts.toArrow().column("verdict")
    return settle((pickle.loads(one.as_py()) for one in found), rules, audiences)


def stages(cluster: Cluster, audience: Any, audiences: AudienceTotals) -> dict[str, Any]:
    """The way from rows to cells as data frames, none of them computed yet: `pack`, `shuffle`, `count`."""
    groups = groups_within(cluster.memory_gib, audiences, wanted=cluster.tasks)
    of_a_group = replace(audiences, sizes=-(-audiences.sizes // groups))
    limits = replace(limits_within(cluster.memory_gib, of_a_group), keep_rows=True)
    parts = groups * max(1, -(-of_a_group.n_entries // limits.entries_of_a_part))
    of_groups = cluster.places(groups)
    places = [of_groups[part % groups] for part in range(parts)]
    rank = ranks(audiences.by_size())
    packed = audience.mapInArrow(lambda batches: pack(batches, places=places), PARCELS)
    shuffled = packed.repartition(groups, "place").sortWithinPartitions("part")
    counted = shuffled.mapInArrow(lambda batches: count(batches, rank=rank, limits=limits), PIECES)
    return {"pack": packed, "shuffle": shuffled, "count": counted}


def totals(audience: Any, n_streamers: int) -> AudienceTotals:
    """Sizes of all audiences and their minutes; the rows themselves stay where they are."""
    # By SQL: the functions of PySpark ask for Java where a session is one of Spark Connect.
    audience.createOrReplaceTempView("entries_to_sum")
    sums = audience.sparkSession.sql(
        "SELECT streamer, count(viewer) AS viewers, CAST(sum(minutes) AS BIGINT) AS minutes, "
        "max(minutes) AS longest FROM entries_to_sum GROUP BY streamer"
    )
    found = sums.toArrow()
    columns = {name: found.column(name).to_numpy() for name in found.column_names}
    sizes, minutes = np.zeros(n_streamers, np.int64), np.zeros(n_streamers, np.int64)
    sizes[columns["streamer"]] = columns["viewers"]
    minutes[columns["streamer"]] = columns["minutes"]
    longest = int(columns["longest"].max(initial=0))
    return AudienceTotals(sizes=sizes, minutes=minutes, longest=longest)
