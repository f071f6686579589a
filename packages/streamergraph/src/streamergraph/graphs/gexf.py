"""GEXF 1.3, as Gephi and Gephi Lite read it. Colours carry no alpha: Gephi Lite ignores those that do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from streamergraph.graphs.exchange import KIND, ExchangeGraph, known, radii
from streamergraph.graphs.lines import write_lines
from streamergraph.tables.weights import exact
from streamergraph.xml_text import xml_text


def write_gexf(path: Path, graph: ExchangeGraph) -> None:
    """Write `graph` as GEXF 1.3: undirected, names as labels, `kind` of nodes and of edges.

    The kind of an edge stands twice: as GEXF's own attribute, by which Gephi tells parallel edges
    apart, and as a value, which other readers keep. `viz:size` is the radius.
    """
    write_lines(path, _lines(graph))


def _lines(graph: ExchangeGraph) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<gexf xmlns="http://gexf.net/1.3" xmlns:viz="http://gexf.net/1.3/viz" version="1.3">'
    yield (
        "<meta><creator>streamergraph</creator>"
        f"<description>{xml_text(graph.description)}</description></meta>"
    )
    yield '<graph defaultedgetype="undirected" mode="static">'
    for what, attributes in (("node", graph.node_attributes), ("edge", graph.edge_attributes)):
        yield f'<attributes class="{what}" mode="static">'
        for name, kind in {KIND: "string", **attributes}.items():
            yield f'<attribute id="{name}" title="{name}" type="{kind}"/>'
        yield "</attributes>"
    yield f'<nodes count="{len(graph.nodes)}">'
    for node, radius in zip(graph.nodes, radii(graph.nodes), strict=True):
        look = ""
        if node.look is not None:
            red, green, blue = node.look.color
            look = (
                f'<viz:size value="{radius:g}"/>'
                f'<viz:position x="{node.look.x:g}" y="{node.look.y:g}" z="0"/>'
                f'<viz:color r="{red}" g="{green}" b="{blue}"/>'
            )
        values = [(KIND, node.kind), *known(node.values, graph.node_attributes)]
        yield (
            f'<node id="{xml_text(node.identity)}" label="{xml_text(node.name)}">'
            f"{_values(values)}{look}</node>"
        )
    yield "</nodes>"
    yield f'<edges count="{len(graph.edges)}">'
    for number, edge in enumerate(graph.edges):
        values = [(KIND, edge.kind), *known(edge.values, graph.edge_attributes)]
        label = f' label="{xml_text(edge.label)}"' if edge.label else ""
        yield (
            f'<edge id="{number}"{label} kind="{xml_text(edge.kind)}" source="{xml_text(edge.source)}" '
            f'target="{xml_text(edge.target)}" weight="{exact(edge.weight)}">'
            f"{_values(values)}</edge>"
        )
    yield "</edges>"
    yield "</graph>"
    yield "</gexf>"


def _values(values: list[tuple[str, object]]) -> str:
    data = "".join(f'<attvalue for="{name}" value="{xml_text(v)}"/>' for name, v in values)
    return f"<attvalues>{data}</attvalues>"
