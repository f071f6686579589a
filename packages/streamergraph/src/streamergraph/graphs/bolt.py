"""Neo4j and others that speak Bolt, through the official driver."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from streamergraph.errors import StreamergraphError
from streamergraph.graphs.records import KEYS, NodeTable, PropertyGraph, RelationTable
from streamergraph.graphs.sessions import with_server
from streamergraph.graphs.stale import remove_stale
from streamergraph.paths import BOLT_SCHEMES
from streamergraph.progress import Progress, step

if TYPE_CHECKING:
    import neo4j

FACTS = "StreamergraphFacts"  # label of the node that says what graph is there


def is_bolt(place: str) -> bool:
    """Whether `place` is the address of a server.

    >>> is_bolt("bolt://localhost:7687"), is_bolt("graphs/mine")
    (True, False)
    """
    return place.startswith(BOLT_SCHEMES)


def write_bolt(
    address: str,
    graph: PropertyGraph,
    *,
    batch: int = 2000,
    timeout_seconds: float = 30.0,
    database: str | None = None,
    keep: bool = False,
) -> list[str]:
    """Make `graph` what the database at `address` holds of ours; returns notes worth saying.

    Nodes are merged by id, relationships by their ends, so that a second run, or one after an
    interruption, doubles nothing; then what other tables left there is removed (`remove_stale`),
    or with `keep` only told. `database` names one of the server's; by default its own.
    Batches of `batch` rows, each one transaction that the driver
    repeats after a transient failure. User and password come from the environment
    (STREAMERGRAPH_BOLT_USER, STREAMERGRAPH_BOLT_PASSWORD). Raises StreamergraphError where the
    server is down, slow or refuses.
    """

    def work(session: neo4j.Session, heard: Callable[[], None]) -> list[str]:
        # Whoever asks a database whose load was interrupted is not told that it is the one before.
        _note_made(session, "", timeout_seconds)
        notes = merge_graph(
            session, graph, batch=batch, timeout_seconds=timeout_seconds, heard=heard, keep=keep
        )
        beside = " What other tables left there is kept." if keep and notes else ""
        _note_made(session, f"{graph.made}{beside}", timeout_seconds)
        return notes

    return with_server(address, work, timeout_seconds=timeout_seconds, database=database)


def merge_graph(
    session: neo4j.Session,
    graph: PropertyGraph,
    *,
    batch: int,
    timeout_seconds: float,
    heard: Callable[[], None] = lambda: None,
    keep: bool = False,
) -> list[str]:
    """`write_bolt` over an open session; `heard` is called after each answer."""

    def write(cypher: str, rows: Sequence[Any]) -> None:
        _run(session, cypher, rows, timeout_seconds)
        heard()

    def read(cypher: str, rows: Sequence[Any]) -> list[list[Any]]:
        answer = _read(session, cypher, rows, timeout_seconds)
        heard()
        return answer

    notes = [note for nodes in graph.nodes for note in _ensure_unique(session, nodes)]
    heard()
    with Progress("load", total=graph.n_nodes + graph.n_relations, unit="row") as progress:
        for cypher, table in [
            *((merge_nodes(nodes), nodes.rows) for nodes in graph.nodes),
            *((merge_relations(relations), relations.rows) for relations in graph.relations),
        ]:
            for rows in table.iter_slices(batch):
                write(cypher, [list(row) for row in rows.iter_rows()])
                progress.advance(rows.height)
    # Not before all is there: a load that fails must not leave less than it found.
    with step("compare with what other tables left"):
        return notes + remove_stale(graph, read=read, write=write, batch=batch, keep=keep)


def query_bolt(
    address: str,
    cypher: str,
    parameters: dict[str, Any],
    *,
    timeout_seconds: float = 30.0,
    database: str | None = None,
    write: bool = False,
) -> tuple[list[str], list[Any]]:
    """Run one query; returns column names and rows.

    Without `write` the server is asked to read only, and what it changes nevertheless is rolled back.
    Raises StreamergraphError where the query cannot run.
    """

    def work(session: neo4j.Session, heard: Callable[[], None]) -> tuple[list[str], list[Any]]:
        return ask(session, cypher, parameters, write=write, heard=heard)

    return with_server(
        address, work, timeout_seconds=timeout_seconds, database=database, read_only=not write
    )


def made_of(address: str, *, timeout_seconds: float = 30.0, database: str | None = None) -> str:
    """How the graph in a database came about, with its hash; empty where that is not known."""
    # A label that is not there is an error for some servers, a warning for others.
    cypher = f"MATCH (f) WHERE '{FACTS}' IN labels(f) RETURN f.made"
    _, rows = query_bolt(address, cypher, {}, timeout_seconds=timeout_seconds, database=database)
    return next((str(made) for (made,) in rows if made), "")


def _note_made(session: neo4j.Session, made: str, timeout_seconds: float) -> None:
    cypher = f"UNWIND $rows AS row MERGE (f:{FACTS} {{id: 1}}) SET f.made = row"
    _run(session, cypher, [made], timeout_seconds)


def ask(
    session: neo4j.Session,
    cypher: str,
    parameters: dict[str, Any],
    *,
    write: bool,
    heard: Callable[[], None] = lambda: None,
) -> tuple[list[str], list[Any]]:
    """`query_bolt` over an open session; `heard` is called after the answer."""
    with session.begin_transaction() as transaction:
        result = transaction.run(cypher, parameters)
        heard()
        answer = list(result.keys()), [list(record.values()) for record in result]
        if write:
            transaction.commit()
        elif result.consume().counters.contains_updates:
            transaction.rollback()
            raise StreamergraphError(
                "--cypher",
                expected="a query that reads",
                found="one that writes",
                remedy="say --write if that is meant",
            )
    return answer


def for_servers(cypher: str) -> str:
    """The query as servers understand it: relationships have type(), nodes labels().

    >>> for_servers("MATCH ()-[r]->() RETURN label(r)")
    'MATCH ()-[r]->() RETURN type(r)'
    """
    cypher = re.sub(r"\blabel\(r\)", "type(r)", cypher)
    cypher = cypher.replace("MATCH (n) RETURN", f"MATCH (n) WHERE NOT n:{FACTS} RETURN")
    return re.sub(r"\blabel\(n\)", "labels(n)[0]", cypher)


def merge_nodes(nodes: NodeTable) -> str:
    """Cypher that merges a batch `$rows` of values in the order of the columns.

    Lists, since names of properties in every row would be most of a message. What is not known is
    null, which removes a property that an earlier run has set, also where it had more columns.
    """
    position = nodes.rows.columns.index(nodes.key)
    places = {name: k for k, name in enumerate(nodes.rows.columns) if k != position}
    return (
        f"UNWIND $rows AS row MERGE (n:{nodes.label} {{{nodes.key}: row[{position}]}})"
        + _assigned("n", places, nodes.rows, nodes.absent)
    )


def merge_relations(relations: RelationTable) -> str:
    """Cypher that merges a batch `$rows` of [start, end, values of the properties].

    Properties of an earlier load are left to `remove_stale`: to name them here slowed a load to a
    third, and hardly ever is one there.
    """
    places = {name: k for k, name in enumerate(relations.properties, start=2)}
    return (
        f"UNWIND $rows AS row "
        f"MATCH (a:{relations.start_label} {{{KEYS[relations.start_label]}: row[0]}}) "
        f"MATCH (b:{relations.end_label} {{{KEYS[relations.end_label]}: row[1]}}) "
        f"MERGE (a)-[r:{relations.kind}]->(b)" + _assigned("r", places, relations.rows, [])
    )


def _assigned(what: str, places: dict[str, int], rows: pl.DataFrame, absent: Iterable[str]) -> str:
    """Clauses that set properties to values of `row`, and the absent ones to null.

    Each that may become null has a clause of its own: a server that we know (FalkorDB 4.16) removes
    another property than it was asked to where one clause removes two.
    """
    known = [
        f"{what}.{name} = row[{k}]" for name, k in places.items() if not rows[name].has_nulls()
    ]
    maybe = [f"{what}.{name} = row[{k}]" for name, k in places.items() if rows[name].has_nulls()]
    maybe += [f"{what}.{name} = null" for name in absent]
    return (f" SET {', '.join(known)}" if known else "") + "".join(
        f" WITH {what}, row SET {one}" for one in maybe
    )


def _ensure_unique(session: neo4j.Session, nodes: NodeTable) -> list[str]:
    from neo4j.exceptions import ClientError, DatabaseError

    name = f"{nodes.label.lower()}_{nodes.key.lower()}_unique"
    unique = f"FOR (n:{nodes.label}) REQUIRE n.{nodes.key} IS UNIQUE"
    constraint = f"CREATE CONSTRAINT {name} IF NOT EXISTS {unique}"
    try:
        session.run(constraint).consume()
    except (ClientError, DatabaseError):
        # FalkorDB has no constraints in Cypher; an index gives the speed, not the guarantee.
        index = f"CREATE INDEX FOR (n:{nodes.label}) ON (n.{nodes.key})"
        try:
            session.run(index).consume()
        except (ClientError, DatabaseError):
            return [f"the server has neither constraint nor new index on {nodes.label}.{nodes.key}"]
        return [f"the server refused a constraint; {nodes.label}.{nodes.key} has an index instead"]
    return []


def _read(
    session: neo4j.Session, cypher: str, rows: Sequence[Any], timeout_seconds: float
) -> list[list[Any]]:
    import neo4j as driver

    @driver.unit_of_work(timeout=timeout_seconds)
    def work(transaction: neo4j.ManagedTransaction) -> list[list[Any]]:
        return [list(record.values()) for record in transaction.run(cypher, rows=rows)]

    return session.execute_read(work)


def _run(session: neo4j.Session, cypher: str, rows: Sequence[Any], timeout_seconds: float) -> None:
    import neo4j as driver

    @driver.unit_of_work(timeout=timeout_seconds)
    def work(transaction: neo4j.ManagedTransaction) -> None:
        transaction.run(cypher, rows=rows).consume()

    session.execute_write(work)
