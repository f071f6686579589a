"""Entries of audiences as a cluster has them: in files that all workers read, or as rows of Spark.

Handing ten million rows from Java to Python costs more than all that our kernel does with them. Workers
that see the files read these themselves, so that only paths go through Spark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from streamergraph.processing.audiences import AudienceTotals
from streamergraph.processing.blobs import Blobs
from streamergraph.processing.spark_session import Cluster
from streamergraph.processing.spark_workers import (
    PARCELS,
    TOTALS,
    Piece,
    pack_files,
    pack_rows,
    sums_of_files,
)

# A task that fails is done again, so none should be long; each costs Spark some milliseconds.
ROWS_OF_A_TASK = 2**23


class Entries(Protocol):
    """Who watched whom how long: streamer INT, viewer BIGINT, minutes INT; unique by the first two."""

    def totals(self, n_streamers: int) -> AudienceTotals:
        """Sizes of all audiences and their minutes; the entries stay where they are."""
        ...

    def packed(self, places: list[int], blobs: Blobs) -> Any:
        """A data frame of parcels (see `pack_rows`), not computed yet."""
        ...


@dataclass(frozen=True)
class InRows:
    """Entries as a data frame of Spark."""

    frame: Any

    def totals(self, n_streamers: int) -> AudienceTotals:
        """By SQL, where the rows are."""
        # The functions of PySpark ask for Java where a session is one of Spark Connect; SQL does not.
        self.frame.createOrReplaceTempView("entries_to_sum")
        sums = self.frame.sparkSession.sql(
            "SELECT streamer, count(viewer) AS viewers, CAST(sum(minutes) AS BIGINT) AS minutes, "
            "max(minutes) AS longest FROM entries_to_sum GROUP BY streamer"
        )
        return added(sums.toArrow(), n_streamers)

    def packed(self, places: list[int], blobs: Blobs) -> Any:
        """Every row goes from Java to Python."""
        return self.frame.mapInArrow(
            lambda batches: pack_rows(batches, places=places, blobs=blobs), PARCELS
        )


@dataclass(frozen=True)
class InFiles:
    """Entries in Parquet files that all workers see under these paths."""

    cluster: Cluster
    tasks: list[list[Piece]]

    @classmethod
    def of(cls, cluster: Cluster, paths: Sequence[Path]) -> InFiles:
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
        return cls(cluster, [task for task in tasks if task])

    def totals(self, n_streamers: int) -> AudienceTotals:
        """By the workers, who look at two of the columns."""
        tasks = self.tasks
        sums = self._numbered().mapInArrow(
            lambda batches: sums_of_files(batches, tasks=tasks, n_streamers=n_streamers), TOTALS
        )
        return added(sums.toArrow(), n_streamers)

    def packed(self, places: list[int], blobs: Blobs) -> Any:
        """Nothing but the numbers of tasks goes from Java to Python."""
        tasks = self.tasks
        return self._numbered().mapInArrow(
            lambda batches: pack_files(batches, tasks=tasks, places=places, blobs=blobs), PARCELS
        )

    def _numbered(self) -> Any:
        """A row for each task, with its number."""
        count = len(self.tasks)
        return self.cluster.session.range(0, count, 1, max(1, count))


def added(found: Any, n_streamers: int) -> AudienceTotals:
    """Rows (streamer, viewers, minutes, longest) of an Arrow table, several a streamer, in one."""
    columns = {name: found.column(name).to_numpy() for name in found.column_names}
    sizes, minutes = np.zeros(n_streamers, np.int64), np.zeros(n_streamers, np.int64)
    np.add.at(sizes, columns["streamer"], columns["viewers"])
    np.add.at(minutes, columns["streamer"], columns["minutes"])
    longest = int(columns["longest"].max(initial=0))
    return AudienceTotals(sizes=sizes, minutes=minutes, longest=longest)
