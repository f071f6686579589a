"""What earlier loads left in a database and this one does not hold: found by ids, and removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from streamergraph.graphs.records import KEYS, PropertyGraph, RelationTable

LISTED = 20  # names in a note
Read = Callable[[str, Sequence[Any]], list[list[Any]]]
Write = Callable[[str, Sequence[Any]], None]


def remove_stale(
    graph: PropertyGraph, *, read: Read, write: Write, batch: int, keep: bool = False
) -> list[str]:
    """Remove from a database into which `graph` was merged all that is ours and not in it.

    Ours are nodes with one of our labels and a whole number as its id, and relationships of our
    types between such nodes. What is there is compared with `graph` itself, not with marks of a
    load: so it does not matter how many loads went before, nor where each of them was interrupted.
    A node that another application has given a label or a relationship stays. `read` and `write`
    run Cypher with a batch `$rows`. Relationships that stay lose what only other tables knew of
    them, such as the value of another measure. With `keep` nodes and relationships of other tables
    stay. Returns notes worth saying, with names of what was removed or kept.
    """
    present = {nodes.label: _ids(nodes.label, read) for nodes in graph.nodes}
    n_relations = 0
    for relations in graph.relations:
        pairs = list(_stale_pairs(relations, present[relations.start_label], read, batch))
        n_relations += len(pairs)
        if not keep:
            for rows in _lists(pairs, batch):
                write(_delete_relations(relations), rows)
        for cypher in _clearing(relations, read):
            for rows in _lists(sorted(present[relations.start_label]), batch):
                write(cypher, rows)
    removed: list[str] = []
    held: list[str] = []
    for nodes in graph.nodes:
        ids = sorted(present[nodes.label] - set(nodes.rows[nodes.key].to_list()))
        names = _names(nodes.label, ids, read, batch)
        if not keep:
            for some in _lists(ids, batch):
                write(_delete_nodes(nodes.label), some)
        left = set(ids) if keep else (_ids(nodes.label, read) & set(ids) if ids else set())
        removed += [names[one] for one in ids if one not in left]
        held += [names[one] for one in ids if one in left]
    notes = []
    if keep and (held or n_relations):
        return [
            f"{len(held)} nodes and {n_relations} relationships of other tables loaded before are kept"
            + _listed(held)
        ]
    if removed or n_relations:
        notes.append(
            f"removed {len(removed)} nodes and {n_relations} relationships of other tables loaded before"
            + _listed(removed)
        )
    if held:
        notes.append(
            f"{len(held)} nodes of other tables stay, since another application has given them labels "
            "or relationships" + _listed(held)
        )
    return notes


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return f": {', '.join(names[:LISTED])}{more}" if names else ""


def _names(label: str, ids: Sequence[int], read: Read, batch: int) -> dict[int, str]:
    """What nodes are called, for people: their names, or their ids where they have none."""
    cypher = f"UNWIND $rows AS row MATCH (n:{label} {{{KEYS[label]}: row}}) RETURN row, n.Name"
    found = {key: name for some in _lists(ids, batch) for key, name in read(cypher, some)}
    return {one: str(found.get(one) or f"{label} {one}") for one in ids}


def _ids(label: str, read: Read) -> set[int]:
    key = KEYS[label]
    rows = read(f"MATCH (n:{label}) WHERE n.{key} IS NOT NULL RETURN n.{key}", [])
    return {value for (value,) in rows if type(value) is int}


def _stale_pairs(
    relations: RelationTable, starts: Iterable[int], read: Read, batch: int
) -> Iterator[list[int]]:
    """Ends of relationships that are there and not in the table, each pair once."""
    known = set(relations.rows.select("start", "end").iter_rows())
    start, end = relations.start_label, relations.end_label
    cypher = (
        f"UNWIND $rows AS row MATCH (a:{start} {{{KEYS[start]}: row}})"
        f"-[:{relations.kind}]->(b:{end}) RETURN DISTINCT row, b.{KEYS[end]}"
    )
    for some in _lists(sorted(starts), batch):
        for one, other in read(cypher, some):
            if type(other) is int and (one, other) not in known:
                yield [one, other]


def _clearing(relations: RelationTable, read: Read) -> Iterator[str]:
    """Cypher for each property that relationships have there and not in the table, by their starts."""
    if not relations.absent:
        return
    start, end = relations.start_label, relations.end_label
    counts = ", ".join(f"count(r.{name})" for name in relations.absent)
    answer = read(f"MATCH (:{start})-[r:{relations.kind}]->(:{end}) RETURN {counts}", [])
    for name, count in zip(relations.absent, answer[0], strict=True):
        if count:
            yield (
                f"UNWIND $rows AS row MATCH (a:{start} {{{KEYS[start]}: row}})"
                f"-[r:{relations.kind}]->(:{end}) WHERE r.{name} IS NOT NULL SET r.{name} = null"
            )


def _delete_relations(relations: RelationTable) -> str:
    start, end = relations.start_label, relations.end_label
    return (
        f"UNWIND $rows AS row MATCH (a:{start} {{{KEYS[start]}: row[0]}})"
        f"-[r:{relations.kind}]->(b:{end} {{{KEYS[end]}: row[1]}}) DELETE r"
    )


def _delete_nodes(label: str) -> str:
    # No DETACH: what still clings to a node is not ours.
    return (
        f"UNWIND $rows AS row MATCH (n:{label} {{{KEYS[label]}: row}}) "
        "WHERE size(labels(n)) = 1 AND NOT (n)--() DELETE n"
    )


def _lists(values: Sequence[Any], size: int) -> Iterator[list[Any]]:
    return (list(values[first : first + size]) for first in range(0, len(values), size))
