"""A graph as a folder: its tables, and graph.json that says what weighs relations and tells its hash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from streamergraph.atomic import write_json
from streamergraph.audience_graph.graph import AudienceGraph, graph_of
from streamergraph.errors import StreamergraphError
from streamergraph.tables.facts import how_made
from streamergraph.tables.reading import read_tables
from streamergraph.tables.short import holds_short_tables, read_short_tables
from streamergraph.tables.writing import write_tables

GRAPH_FILE = "graph.json"
FORMAT = 1


def write_graph(folder: Path, graph: AudienceGraph, *, source: str) -> None:
    """Write the tables of the graph and graph.json; `source` says where the graph came from.

    graph.json comes last: without it the folder holds tables, from which the same graph is made.
    """
    (folder / GRAPH_FILE).unlink(missing_ok=True)
    write_tables(folder, graph.tables)
    write_json(folder / GRAPH_FILE, {"format": FORMAT, **facts_of(graph), "source": source})


def facts_of(graph: AudienceGraph) -> dict[str, Any]:
    """What an output says of the graph that it was made from."""
    tables = graph.tables
    return {
        "graph": graph.hash,
        "weight": graph.weight.column,
        "weight_is": graph.weight.label,
        "measure": graph.measure,
        "audience": tables.facts.audience,
        "first": tables.facts.first,
        "last": tables.facts.last,
        "streamers": tables.streamers.height,
        "relations": tables.overlaps.height,
        "tables": how_made(tables.facts),
    }


def read_graph(
    folder: Path, *, top: int | None = None, weight: str | None = None, short: bool = False
) -> AudienceGraph:
    """The graph in `folder`, or that of the tables there (`graph_of`, with `top` and `weight`).

    With `short`, the two short tables for Gephi are enough. Raises StreamergraphError for what cannot
    be read, and for a graph whose tables have been changed since it was made.
    """
    if short and holds_short_tables(folder):
        return graph_of(read_short_tables(folder), top=top, weight=weight)
    tables = read_tables(folder)
    path = folder / GRAPH_FILE
    if not path.is_file():
        return graph_of(tables, top=top, weight=weight)
    facts = _read_facts(path)
    graph = graph_of(tables, weight=facts["weight"])
    if graph.hash != facts["graph"]:
        raise StreamergraphError(
            path,
            expected=f"the tables of graph {facts['graph']}",
            found=f"others beside it ({graph.hash})",
            remedy="make it anew with `graph`, or remove graph.json to use the tables as they are",
        )
    if top is None and weight is None:
        return graph
    return graph_of(tables, top=top, weight=weight or facts["weight"])


def _read_facts(path: Path) -> dict[str, Any]:
    try:
        facts = json.loads(path.read_bytes())
        sound = isinstance(facts, dict) and facts["format"] == FORMAT
        sound = sound and all(isinstance(facts[name], str) for name in ("graph", "weight"))
    except (OSError, ValueError, KeyError):
        sound = False
    if not sound:
        raise StreamergraphError(
            path,
            expected=f"what `graph` wrote of a graph, format {FORMAT}",
            found="something else",
            remedy="make it anew with `graph`",
        )
    return dict(facts)
