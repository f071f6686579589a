"""GraphML, as Gephi, igraph, networkx and graphology read it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from streamergraph.graphs.exchange import (
    KIND,
    AttributeKind,
    ExchangeGraph,
    known,
    radii,
)
from streamergraph.graphs.lines import write_lines
from streamergraph.tables.weights import exact
from streamergraph.xml_text import xml_text

# By these names Gephi knows places, sizes and colours.
LOOK: dict[str, AttributeKind] = {
    "x": "double",
    "y": "double",
    "size": "double",
    "r": "long",
    "g": "long",
    "b": "long",
}


def write_graphml(path: Path, graph: ExchangeGraph) -> None:
    """Write `graph` as GraphML: undirected, `label` is the name, `weight` the weight of every edge.

    A key is for nodes or for edges: one for both cannot be opened by graphology, and igraph loses it.
    """
    write_lines(path, _lines(graph))


def _lines(graph: ExchangeGraph) -> Iterator[str]:
    drawn = any(node.look is not None for node in graph.nodes)
    of_nodes = {
        "label": "string",
        KIND: "string",
        **graph.node_attributes,
        **(LOOK if drawn else {}),
    }
    of_edges = {KIND: "string", "weight": "double", **graph.edge_attributes}
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    yield f"<desc>{xml_text(graph.description)}</desc>"
    for what, attributes in (("node", of_nodes), ("edge", of_edges)):
        for name, kind in attributes.items():
            yield (f'<key id="{what}-{name}" for="{what}" attr.name="{name}" attr.type="{kind}"/>')
    yield '<graph id="G" edgedefault="undirected">'
    for node, radius in zip(graph.nodes, radii(graph.nodes), strict=True):
        values: list[tuple[str, Any]] = [("label", node.name), (KIND, node.kind)]
        values += known(node.values, graph.node_attributes)
        if node.look is not None:
            place = (f"{node.look.x:g}", f"{node.look.y:g}", f"{radius:g}")
            values += zip(LOOK, (*place, *node.look.color), strict=True)
        yield f'<node id="{xml_text(node.identity)}">{_data("node", values)}</node>'
    for number, edge in enumerate(graph.edges):
        of_edge: list[tuple[str, Any]] = [(KIND, edge.kind), ("weight", exact(edge.weight))]
        of_edge += known(edge.values, graph.edge_attributes)
        yield (
            f'<edge id="e{number}" source="{xml_text(edge.source)}" '
            f'target="{xml_text(edge.target)}">{_data("edge", of_edge)}</edge>'
        )
    yield "</graph>"
    yield "</graphml>"


def _data(what: str, values: list[tuple[str, Any]]) -> str:
    return "".join(f'<data key="{what}-{name}">{xml_text(value)}</data>' for name, value in values)
