"""The picture as files for Gephi: what GEXF and GraphML hold of it, and Gephi's two CSVs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streamergraph.atomic import write_csv
from streamergraph.graphs.exchange import (
    AttributeKind,
    ExchangeEdge,
    ExchangeGraph,
    ExchangeNode,
    Look,
)
from streamergraph.graphs.records import OVERLAP, STREAMER
from streamergraph.tables.weights import shown
from streamergraph.view.palette import rgb
from streamergraph.view.scene import Scene

NODE_ATTRIBUTES: dict[str, AttributeKind] = {
    "community": "long",
    "community_name": "string",
    "mean_viewers": "long",
    "peak_viewers": "long",
    "mean_chatters": "long",
    "distinct_chatters": "long",
    "minutes_live": "long",
    "audience": "long",
    "degree": "long",
    "weighted_degree": "double",
    "page_rank": "double",
    "betweenness": "double",
    "component": "long",
    "core_number": "long",
    "social_links": "string",
}
EDGE_TYPE = "Undirected"


def exchange_of(scene: Scene) -> ExchangeGraph:
    """The scene with places, radii and colours; every edge has the attribute `measure`."""
    names = {community.community: community.name for community in scene.legend}
    values: list[dict[str, Any]] = [
        {
            **{name: getattr(node, name, None) for name in NODE_ATTRIBUTES},
            **node.measures,
            "community_name": names.get(node.community),
        }
        for node in scene.nodes
    ]
    identities = [str(node.streamer_id) for node in scene.nodes]
    weights = [weight for _, _, weight in scene.edges]
    measure = {"measure": scene.weight.label}
    return ExchangeGraph(
        description=f"{scene.title}. {scene.weight.sentence} {scene.made} Graph {scene.graph}.",
        node_attributes={
            name: kind
            for name, kind in NODE_ATTRIBUTES.items()
            if any(known[name] is not None for known in values)
        },
        edge_attributes={"measure": "string"},
        nodes=[
            ExchangeNode(
                identity=identity,
                name=node.name,
                kind=STREAMER,
                values=known,
                look=Look(x=node.x, y=node.y, radius=node.radius, color=rgb(node.color)),
            )
            for identity, node, known in zip(identities, scene.nodes, values, strict=True)
        ],
        edges=[
            ExchangeEdge(
                source=identities[a],
                target=identities[b],
                kind=OVERLAP,
                weight=weight,
                values=measure,
                label=label,
            )
            for (a, b, weight), label in zip(scene.edges, shown(weights), strict=True)
        ],
    )


def write_gephi_csv(folder: Path, scene: Scene) -> None:
    """Write Gephi's two short tables: Id, Label, viewer_mean; and Source, Target, Type, Weight.

    Without `Type` Gephi takes edges as directed. Where the weight is another one than in the
    published tables, a column Measure names it.
    """
    measure = [] if scene.weight.column == "overlap_percent" else [scene.weight.label]
    write_csv(
        folder / "Streamer_dataset_short.csv",
        ["Id", "Label", "viewer_mean"],
        [[node.streamer_id, node.name, node.mean_viewers] for node in scene.nodes],
    )
    write_csv(
        folder / "Streamer-Streamer_dataset_short.csv",
        ["Source", "Target", "Type", "Weight", *(["Measure"] if measure else [])],
        [
            [scene.nodes[a].streamer_id, scene.nodes[b].streamer_id, EDGE_TYPE, weight, *measure]
            for a, b, weight in scene.edges
        ],
    )
