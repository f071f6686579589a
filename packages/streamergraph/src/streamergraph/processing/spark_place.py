"""Presences counted on a Spark cluster: the `Place` that reads a store's files where the workers are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from streamergraph.observations.schema import KINDS, MINUTES, REACH
from streamergraph.observations.store import Store
from streamergraph.processing.relations import RelationRules, Relations
from streamergraph.processing.spark_entries import Entries, InFiles, InRows
from streamergraph.processing.spark_files import sent, stored, written
from streamergraph.processing.spark_pairs import find_relations_on_spark
from streamergraph.processing.spark_session import Cluster
from streamergraph.processing.spark_workers import Query

# Many small tasks cost more than they do, and few large ones more memory than they have.
ROWS_OF_A_TASK = 2**21


@contextmanager
def on_spark(
    cluster: Cluster, connection: duckdb.DuckDBPyConnection, store: Store
) -> Iterator[OnSpark]:
    """The store's presences as the cluster sees them; what it keeps meanwhile is given up at the end."""
    place = OnSpark(cluster, connection)
    rows = sum(part.rows for day in store.days() for part in day.parts() if part.table in KINDS)
    cluster.shuffle_into(max(cluster.tasks, -(-rows // ROWS_OF_A_TASK)))
    try:
        for kind in KINDS:
            for table in (kind, MINUTES[kind], REACH[kind]):
                frame = stored(cluster, connection, store, table)
                place.name(f"stored_{table.replace('-', '_')}", frame)
        yield place
    finally:
        place.give_up()


@dataclass
class OnSpark:
    """Tables are kept by the cluster; the small ones of the connection are sent to it."""

    cluster: Cluster
    connection: duckdb.DuckDBPyConnection
    kept: dict[str, Any] = field(default_factory=dict)  # data frames of Spark, by name
    files: dict[str, list[Path]] = field(default_factory=dict)  # of rows that were put down
    entries: Entries | None = None  # where they are in files
    held: ExitStack = field(default_factory=ExitStack)
    named: list[str] = field(default_factory=list)

    def bring(self, *names: str) -> None:
        """Send these tables of the connection as they are now."""
        for name in names:
            rows = self.connection.table(name).to_arrow_table()
            self.name(name, sent(self.cluster, rows))

    def make(self, name: str, query: str, parameters: Sequence[object] = ()) -> None:
        """A query whose rows the cluster keeps once they are asked for."""
        frame = self.cluster.session.sql(query, args=list(parameters) or None).persist()
        self.kept[name] = frame
        self.name(name, frame)

    def put_down(self, name: str, query: str) -> None:
        """A table whose rows lie in files, if all workers share a folder; else one as others."""
        if self.cluster.shared is None:
            self.make(name, query)
            return
        # What a job that was cancelled still writes there is gone with the session's folder.
        folder = self.held.enter_context(
            TemporaryDirectory(dir=self.cluster.shared, ignore_cleanup_errors=True)
        )
        self.files[name] = written(self.cluster.session.sql(query), Path(folder) / name)
        self.name(name, self.cluster.session.read.parquet(*map(str, self.files[name])))

    def fill_audience(self, query: str, *, of: str, beside: str) -> None:
        """Where the rows of `of` lie in files, workers will ask the query of these themselves."""
        if of in self.files:
            small = {beside: self.connection.table(beside).to_arrow_table()}
            asked = Query(query, of, small)
            self.entries = InFiles.of(self.cluster, self.files[of], asked)
        else:
            self.make("audience", query)

    def view(self, name: str, query: str) -> None:
        """A query that is computed whenever it is asked for."""
        self.name(name, self.cluster.session.sql(query))

    def name(self, name: str, frame: Any) -> None:
        """Let queries know a data frame by that name."""
        frame.createOrReplaceTempView(name)
        self.named.append(name)

    def drop(self, name: str) -> None:
        """Let the cluster forget the rows."""
        self.kept.pop(name).unpersist()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the query gives, here."""
        table = self.cluster.session.sql(query).toArrow()
        return list(zip(*(column.to_pylist() for column in table.columns), strict=True))

    def relations(self, rules: RelationRules, *, n_streamers: int) -> Relations:
        """Relations by our kernel, on parts of viewers."""
        entries = self.entries or InRows(self.cluster.session.table("audience"))
        return find_relations_on_spark(self.cluster, entries, rules, n_streamers=n_streamers)

    def give_up(self) -> None:
        """Forget all rows and names."""
        with suppress(Exception):  # it may be the cluster that is lost
            for frame in self.kept.values():
                frame.unpersist()
            for name in set(self.named):
                self.cluster.session.catalog.dropTempView(name)
        self.kept.clear()
        self.named.clear()
        self.held.close()
