"""The property graph as files of databases: neo4j-admin's CSVs, a Cypher script, JSON lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from streamergraph.atomic import atomic_path
from streamergraph.graphs.bolt import merge_nodes, merge_relations
from streamergraph.graphs.lines import write_lines
from streamergraph.graphs.literals import cypher_literal
from streamergraph.graphs.property_exchange import node_identity
from streamergraph.graphs.records import (
    KEYS,
    NodeTable,
    PropertyGraph,
    RelationTable,
    known_properties,
)

SCRIPT_BATCH = 500
LOAD_SCRIPT = "load.cypher"


def write_admin_csv(folder: Path, graph: PropertyGraph) -> list[Path]:
    """CSV files for ``neo4j-admin database import``, one for each label and type, and load.cypher.

    The script merges the same files into a database that runs, by LOAD CSV; they must lie in the
    import folder of the server.
    """
    written = []
    write_lines(folder / LOAD_SCRIPT, _load_csv_lines(graph))
    for nodes in graph.nodes:
        header = list(_node_header(nodes).values())
        rows = ([*row, nodes.label] for row in nodes.rows.iter_rows())
        written.append(_csv(folder / f"{nodes.label}.csv", [*header, ":LABEL"], rows))
    for relations in graph.relations:
        header = [*_relation_header(relations).values(), ":TYPE"]
        rows = ([*row, relations.kind] for row in relations.rows.iter_rows())
        written.append(_csv(folder / f"{relations.kind}.csv", header, rows))
    return written


def write_cypher(path: Path, graph: PropertyGraph) -> None:
    """A script of constraints and merging batches; running it twice doubles nothing."""
    write_lines(path, _cypher_lines(graph))


def write_json_lines(path: Path, graph: PropertyGraph) -> None:
    """One node or relationship a line, in the form of APOC's JSON export."""
    write_lines(path, _json_lines(graph))


def _cypher_lines(graph: PropertyGraph) -> Iterator[str]:
    yield from _constraints(graph)
    for nodes in graph.nodes:
        yield from _merging(merge_nodes(nodes), nodes.rows)
    for relations in graph.relations:
        yield from _merging(merge_relations(relations), relations.rows)


def _merging(cypher: str, table: pl.DataFrame) -> Iterator[str]:
    for rows in table.iter_slices(SCRIPT_BATCH):
        listed = cypher_literal([list(row) for row in rows.iter_rows()])
        yield cypher.replace("$rows", listed) + ";"


def _json_lines(graph: PropertyGraph) -> Iterator[str]:
    for nodes, row in _all_nodes(graph):
        yield json.dumps(
            {
                "type": "node",
                "id": node_identity(nodes.label, row[nodes.key]),
                "labels": [nodes.label],
                "properties": known_properties(row),
            },
            ensure_ascii=False,
        )
    for number, relations, row in _all_relations(graph):
        yield json.dumps(
            {
                "type": "relationship",
                "id": str(number),
                "label": relations.kind,
                "properties": {name: row[name] for name in relations.properties},
                "start": _end(relations.start_label, row["start"]),
                "end": _end(relations.end_label, row["end"]),
            },
            ensure_ascii=False,
        )


def _node_header(nodes: NodeTable) -> dict[str, str]:
    """What the columns of a CSV of nodes are called, by property."""
    return {
        name: f"{name}:ID({nodes.label}){{id-type: long}}"
        if name == nodes.key
        else f"{name}{_admin_kind(kind)}"
        for name, kind in nodes.rows.schema.items()
    }


def _relation_header(relations: RelationTable) -> dict[str, str]:
    return {
        "start": f":START_ID({relations.start_label})",
        "end": f":END_ID({relations.end_label})",
        **{name: f"{name}{_admin_kind(kind)}" for name, kind in relations.properties.items()},
    }


def _admin_kind(kind: pl.DataType) -> str:
    if kind.is_integer():
        return ":long"
    return ":double" if kind.is_float() else ""


def _load_csv_lines(graph: PropertyGraph) -> Iterator[str]:
    yield from _constraints(graph)
    for nodes in graph.nodes:
        header = _node_header(nodes)
        given = _assigned("n", nodes.rows.drop(nodes.key).schema, header)
        yield (
            f"LOAD CSV WITH HEADERS FROM 'file:///{nodes.label}.csv' AS row "
            f"MERGE (n:{nodes.label} {{{nodes.key}: toInteger(row.`{header[nodes.key]}`)}}){given};"
        )
    for relations in graph.relations:
        header = _relation_header(relations)
        start, end = relations.start_label, relations.end_label
        given = _assigned("r", relations.properties, header)
        yield (
            f"LOAD CSV WITH HEADERS FROM 'file:///{relations.kind}.csv' AS row "
            f"MATCH (a:{start} {{{KEYS[start]}: toInteger(row.`{header['start']}`)}}) "
            f"MATCH (b:{end} {{{KEYS[end]}: toInteger(row.`{header['end']}`)}}) "
            f"MERGE (a)-[r:{relations.kind}]->(b){given};"
        )


def _assigned(what: str, kinds: Mapping[str, pl.DataType], header: Mapping[str, str]) -> str:
    casts = {":long": "toInteger({})", ":double": "toFloat({})", "": "{}"}
    parts = [
        f"{what}.{name} = " + casts[_admin_kind(kind)].format(f"row.`{header[name]}`")
        for name, kind in kinds.items()
    ]
    return f" SET {', '.join(parts)}" if parts else ""


def _constraints(graph: PropertyGraph) -> Iterator[str]:
    for nodes in graph.nodes:
        yield (
            f"CREATE CONSTRAINT IF NOT EXISTS FOR (n:{nodes.label}) "
            f"REQUIRE n.{nodes.key} IS UNIQUE;"
        )


def _end(label: str, key: int) -> dict[str, Any]:
    return {"id": node_identity(label, key), "labels": [label], "properties": {KEYS[label]: key}}


def _all_nodes(graph: PropertyGraph) -> Iterator[tuple[NodeTable, dict[str, Any]]]:
    for nodes in graph.nodes:
        for row in nodes.rows.iter_rows(named=True):
            yield nodes, row


def _all_relations(graph: PropertyGraph) -> Iterator[tuple[int, RelationTable, dict[str, Any]]]:
    number = 0
    for relations in graph.relations:
        for row in relations.rows.iter_rows(named=True):
            yield number, relations, row
            number += 1


def _csv(path: Path, header: list[str], rows: Iterable[list[Any]]) -> Path:
    with (
        atomic_path(path) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path
