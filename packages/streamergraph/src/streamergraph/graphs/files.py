"""The property graph as files: neo4j-admin's CSVs, a Cypher script, JSON lines, GraphML, GEXF."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import polars as pl

from streamergraph.atomic import atomic_path
from streamergraph.graphs.bolt import merge_nodes, merge_relations
from streamergraph.graphs.records import (
    KEYS,
    NodeTable,
    PropertyGraph,
    RelationTable,
    known_properties,
)

SCRIPT_BATCH = 500
ADMIN_KINDS = {pl.Int64: ":long", pl.Float64: ":double", pl.String: ""}
GRAPHML_KINDS = {pl.Int64: "long", pl.Float64: "double", pl.String: "string"}


def write_admin_csv(folder: Path, graph: PropertyGraph) -> list[Path]:
    """CSV files for ``neo4j-admin database import``, one for each label and type."""
    written = []
    for nodes in graph.nodes:
        kinds = nodes.rows.schema
        header = [
            f"{name}:ID({nodes.label}){{id-type: long}}"
            if name == nodes.key
            else f"{name}{ADMIN_KINDS[type(kind)]}"
            for name, kind in kinds.items()
        ]
        rows = ([*row, nodes.label] for row in nodes.rows.iter_rows())
        written.append(_csv(folder / f"{nodes.label}.csv", [*header, ":LABEL"], rows))
    for relations in graph.relations:
        header = [
            f":START_ID({relations.start_label})",
            f":END_ID({relations.end_label})",
            *(f"{name}{ADMIN_KINDS[type(kind)]}" for name, kind in relations.properties.items()),
            ":TYPE",
        ]
        rows = ([*row, relations.kind] for row in relations.rows.iter_rows())
        written.append(_csv(folder / f"{relations.kind}.csv", header, rows))
    return written


def write_cypher(path: Path, graph: PropertyGraph) -> None:
    """A script of constraints and merging batches; running it twice doubles nothing."""
    _lines(path, _cypher_lines(graph))


def write_json_lines(path: Path, graph: PropertyGraph) -> None:
    """One node or relationship a line, in the form of APOC's JSON export."""
    _lines(path, _json_lines(graph))


def write_graphml(path: Path, graph: PropertyGraph) -> None:
    """GraphML with typed properties; nodes have a property `label`, edges a property `label`."""
    _lines(path, _graphml_lines(graph))


def write_gexf_graph(path: Path, graph: PropertyGraph) -> None:
    """GEXF 1.3 of streamers and categories, without places and colours (`view` writes those)."""
    _lines(path, _gexf_lines(graph))


def cypher_literal(value: Any) -> str:
    r"""A value as Cypher writes it.

    >>> print(cypher_literal({"a": 1.5, "b": "it's \\ \"x\"\n"}))
    {`a`: 1.5, `b`: 'it\'s \\ "x"\n'}
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"`{k}`: {cypher_literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(cypher_literal, value)) + "]"
    if isinstance(value, str):
        text = value.replace("\\", "\\\\").replace("'", "\\'")
        return "'" + text.replace("\n", "\\n").replace("\r", "\\r") + "'"
    return "null" if value is None else str(value)


def _node_id(label: str, key: Any) -> str:
    return f"{label.lower()}-{key}"


def _cypher_lines(graph: PropertyGraph) -> Iterator[str]:
    for nodes in graph.nodes:
        yield (
            f"CREATE CONSTRAINT IF NOT EXISTS FOR (n:{nodes.label}) "
            f"REQUIRE n.{nodes.key} IS UNIQUE;"
        )
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
                "id": _node_id(nodes.label, row[nodes.key]),
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


def _end(label: str, key: int) -> dict[str, Any]:
    return {"id": _node_id(label, key), "labels": [label], "properties": {KEYS[label]: key}}


def _graphml_lines(graph: PropertyGraph) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    yield f"<desc>{_legal(graph.made)}</desc>"
    yield '<key id="label" for="all" attr.name="label" attr.type="string"/>'
    for name, kind in _node_properties(graph).items():
        yield f'<key id="n-{name}" for="node" attr.name="{name}" attr.type="{GRAPHML_KINDS[kind]}"/>'
    for relations in graph.relations:
        for name, property_kind in relations.properties.items():
            attribute_kind = GRAPHML_KINDS[type(property_kind)]
            yield f'<key id="e-{name}" for="edge" attr.name="{name}" attr.type="{attribute_kind}"/>'
    yield '<graph id="G" edgedefault="directed">'
    for nodes, row in _all_nodes(graph):
        data = "".join(
            f'<data key="n-{name}">{_legal(value)}</data>'
            for name, value in known_properties(row).items()
        )
        identity = _node_id(nodes.label, row[nodes.key])
        yield f'<node id="{identity}"><data key="label">{nodes.label}</data>{data}</node>'
    for number, relations, row in _all_relations(graph):
        data = "".join(
            f'<data key="e-{name}">{_legal(row[name])}</data>' for name in relations.properties
        )
        yield (
            f'<edge id="e{number}" source="{_node_id(relations.start_label, row["start"])}" '
            f'target="{_node_id(relations.end_label, row["end"])}">'
            f'<data key="label">{relations.kind}</data>{data}</edge>'
        )
    yield "</graph>"
    yield "</graphml>"


def _gexf_lines(graph: PropertyGraph) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<gexf xmlns="http://gexf.net/1.3" version="1.3">'
    yield f"<meta><description>{_legal(graph.made)}</description></meta>"
    yield '<graph defaultedgetype="directed" mode="static">'
    properties = _node_properties(graph)
    yield '<attributes class="node"><attribute id="label" title="label" type="string"/>'
    for name, kind in properties.items():
        yield f'<attribute id="{name}" title="{name}" type="{GRAPHML_KINDS[kind]}"/>'
    yield "</attributes><nodes>"
    for nodes, row in _all_nodes(graph):
        values = {"label": nodes.label, **known_properties(row)}
        data = "".join(f'<attvalue for="{k}" value="{_legal(v)}"/>' for k, v in values.items())
        identity = _node_id(nodes.label, row[nodes.key])
        yield (
            f'<node id="{identity}" label="{_legal(row["Name"])}">'
            f"<attvalues>{data}</attvalues></node>"
        )
    yield "</nodes><edges>"
    for number, relations, row in _all_relations(graph):
        direction = "undirected" if relations.start_label == relations.end_label else "directed"
        yield (
            f'<edge id="{number}" type="{direction}" kind="{relations.kind}" '
            f'source="{_node_id(relations.start_label, row["start"])}" '
            f'target="{_node_id(relations.end_label, row["end"])}" '
            f'weight="{row[relations.weight]}"/>'
        )
    yield "</edges></graph></gexf>"


def _node_properties(graph: PropertyGraph) -> dict[str, type[pl.DataType]]:
    return {name: type(kind) for nodes in graph.nodes for name, kind in nodes.rows.schema.items()}


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


def _legal(value: Any) -> str:
    # XML forbids control characters; names may hold them.
    kept = "".join(
        character
        for character in str(value)
        if character in "\t\n\r" or (character >= " " and not "\ud800" <= character <= "\udfff")
    )
    kept = kept.replace("\ufffe", "").replace("\uffff", "")
    return escape(kept, {'"': "&quot;", "\n": "&#10;", "\r": "&#13;"})


def _csv(path: Path, header: list[str], rows: Iterable[list[Any]]) -> Path:
    with (
        atomic_path(path) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path


def _lines(path: Path, lines: Iterable[str]) -> None:
    with (
        atomic_path(path) as temporary,
        temporary.open("w", encoding="utf-8", newline="\n", errors="replace") as file,
    ):
        for line in lines:
            file.write(line + "\n")
