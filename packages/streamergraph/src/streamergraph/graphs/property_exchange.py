"""The property graph, streamers and categories, as files for other tools hold it."""

from __future__ import annotations

from typing import Any

import polars as pl

from streamergraph.graphs.exchange import (
    KIND,
    AttributeKind,
    ExchangeEdge,
    ExchangeGraph,
    ExchangeNode,
)
from streamergraph.graphs.records import PLAYED, NodeTable, PropertyGraph, RelationTable

# What the databases call `kind` is that of a category; in files every node has one.
RENAMED = {KIND: "categoryKind"}


def exchange_of(graph: PropertyGraph) -> ExchangeGraph:
    """Nodes with their names as labels and their properties; edges with a weight each.

    An overlap weighs what the graph's measure says. A PLAYED edge weighs the category's share of the
    streamer's minutes in per cent, so that minutes, up to thousands, do not rule beside per cents;
    the minutes themselves are its attribute.
    """
    node_attributes = {
        RENAMED.get(name, name): _kind(kind)
        for nodes in graph.nodes
        for name, kind in nodes.rows.schema.items()
    }
    edge_attributes = {
        name: _kind(kind)
        for relations in graph.relations
        for name, kind in relations.properties.items()
    }
    return ExchangeGraph(
        description=graph.made,
        node_attributes=node_attributes,
        edge_attributes=edge_attributes,
        nodes=[node for nodes in graph.nodes for node in _nodes(nodes)],
        edges=[edge for relations in graph.relations for edge in _edges(relations)],
    )


def node_identity(label: str, key: Any) -> str:
    """What files call a node: streamers and categories may have the same numbers.

    >>> node_identity("Streamer", 12)
    'streamer-12'
    """
    return f"{label.lower()}-{key}"


def _kind(kind: pl.DataType) -> AttributeKind:
    if kind.is_integer():
        return "long"
    return "double" if kind.is_float() else "string"


def _nodes(nodes: NodeTable) -> list[ExchangeNode]:
    return [
        ExchangeNode(
            identity=node_identity(nodes.label, row[nodes.key]),
            name=row["Name"],
            kind=nodes.label,
            values={RENAMED.get(name, name): value for name, value in row.items()},
        )
        for row in nodes.rows.iter_rows(named=True)
    ]


def _edges(relations: RelationTable) -> list[ExchangeEdge]:
    weight = relations.rows[relations.weight].cast(pl.Float64)
    if relations.kind == PLAYED:
        whole = relations.rows.select(pl.col(relations.weight).sum().over("start")).to_series()
        weight = 100 * weight / whole
    return [
        ExchangeEdge(
            source=node_identity(relations.start_label, row["start"]),
            target=node_identity(relations.end_label, row["end"]),
            kind=relations.kind,
            weight=strength,
            values=row,
        )
        for row, strength in zip(
            relations.rows.iter_rows(named=True), weight.to_list(), strict=True
        )
    ]
