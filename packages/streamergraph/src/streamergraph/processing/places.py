"""Where presences are counted: in DuckDB here, or where they lie.

The rules (who watched whom, bots, raids, audiences) are written once, in what DuckDB's and Spark's SQL
have in common: `GROUP BY ALL`, `SEMI` and `ANTI JOIN`, `CAST`, `unix_micros`; no QUALIFY, no `//`. Small
tables (looks, names, streamers) are always made here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import duckdb

from streamergraph.observations.store import Store
from streamergraph.processing.relations import RelationRules, Relations, find_relations

if TYPE_CHECKING:
    from streamergraph.processing.spark_session import Cluster


class Place(Protocol):
    """Queries over presences (``stored_members`` and so on) and over the tables that others made."""

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The database of this process, which has the small tables."""
        ...

    def bring(self, *names: str) -> None:
        """Let queries see these tables of the connection, as they are now."""
        ...

    def make(self, name: str, query: str, parameters: Sequence[object] = ()) -> None:
        """A table of what the query gives."""
        ...

    def put_down(self, name: str, query: str) -> None:
        """The same, whose rows `fill_audience` may take from where they lie."""
        ...

    def fill_audience(self, query: str, *, of: str, beside: str) -> None:
        """The table `audience`, each row by one of the table `of` and a small table `beside` it."""
        ...

    def view(self, name: str, query: str) -> None:
        """A name for a query."""
        ...

    def drop(self, name: str) -> None:
        """Give up the room of a table."""
        ...

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query gives."""
        ...

    def relations(self, rules: RelationRules, *, n_streamers: int) -> Relations:
        """Relations by the table `audience` (see `find_relations`)."""
        ...


@dataclass(frozen=True)
class Here:
    """All in the database of this process, which may hold `memory_gib`, about."""

    connection: duckdb.DuckDBPyConnection
    memory_gib: float

    def bring(self, *names: str) -> None:
        """They are here."""

    def make(self, name: str, query: str, parameters: Sequence[object] = ()) -> None:
        """A table of the database."""
        self.connection.execute(f"CREATE TABLE {name} AS {query}", list(parameters))

    def put_down(self, name: str, query: str) -> None:
        """A table of the database."""
        self.make(name, query)

    def fill_audience(self, query: str, *, of: str, beside: str) -> None:
        """A table of the database, as `of` and `beside` are."""
        del of, beside
        self.make("audience", query)

    def view(self, name: str, query: str) -> None:
        """A view of the database."""
        self.connection.execute(f"CREATE VIEW {name} AS {query}")

    def drop(self, name: str) -> None:
        """Drop the table."""
        self.connection.execute(f"DROP TABLE {name}")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """All rows of the query."""
        return self.connection.execute(query).fetchall()

    def relations(self, rules: RelationRules, *, n_streamers: int) -> Relations:
        """Relations by our kernel, out of core."""
        return find_relations(
            self.connection, rules, n_streamers=n_streamers, memory_gib=self.memory_gib
        )


@contextmanager
def place_of(
    connection: duckdb.DuckDBPyConnection,
    store: Store,
    cluster: Cluster | None,
    memory_gib: float,
) -> Iterator[Place]:
    """Where the presences of `store` are counted: on the cluster, or here without one."""
    if cluster is None:
        yield Here(connection, memory_gib)
        return
    from streamergraph.processing.spark_place import on_spark

    with on_spark(cluster, connection, store) as place:
        yield place
