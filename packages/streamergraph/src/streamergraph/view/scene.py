"""What there is to see: nodes and edges with places, sizes, colours and facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from streamergraph.audience_graph.graph import AudienceGraph
from streamergraph.audience_graph.measures import MEASURES
from streamergraph.communities.naming import Community
from streamergraph.communities.result import Communities, why_no_communities
from streamergraph.tables.facts import how_made
from streamergraph.tables.weights import Weight
from streamergraph.view.backbone import MOST_RELATIONS, backbone
from streamergraph.view.palette import community_color

NO_NUMBER = "smaller communities and single streamers"


@dataclass(frozen=True, kw_only=True)
class Node:
    """One streamer of the picture; `x`, `y`, `radius` within ±1000, y upwards."""

    streamer_id: int
    name: str
    x: float
    y: float
    radius: float
    community: int
    color: str
    minutes_live: int | None
    mean_viewers: int
    peak_viewers: int | None
    mean_chatters: int | None
    distinct_chatters: int | None
    audience: int | None
    categories: tuple[tuple[str, int], ...]
    measures: Mapping[str, int | float | None]  # by the names of `MEASURES`
    social_links: str | None
    login: str | None


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Nodes by id, edges as (position, position, weight), and the communities in the legend.

    `weight` says what the weights are, `made` how the tables were made, `graph` is the graph's hash.
    """

    title: str
    weight: Weight
    made: str
    graph: str
    nodes: list[Node]
    edges: list[tuple[int, int, float]]
    legend: list[Community]
    why_none: str  # why there are no communities; empty where there are some
    left_out: str  # what a backbone leaves out; empty where all relations are there


def make_scene(
    graph: AudienceGraph,
    communities: Communities,
    layout: pl.DataFrame,
    measures: pl.DataFrame,
    *,
    title: str,
    categories: int = 3,
) -> Scene:
    """Join what is known of each streamer; communities, layout and measures are of these."""
    tables, weighted = graph.tables, graph.weighted
    played = (
        tables.played.join(tables.categories.select("category_id", "name"), on="category_id")
        .sort(["streamer_id", "minutes", "name"], descending=[False, True, False])
        .group_by("streamer_id", maintain_order=True)
        .agg(pl.col("name").head(categories), pl.col("minutes").head(categories))
    )
    top = {
        streamer: tuple(zip(names, minutes, strict=True))
        for streamer, names, minutes in played.iter_rows()
    }
    joined = (
        tables.streamers.join(
            communities.labels.select("streamer_id", "community"), on="streamer_id", how="left"
        )
        .with_columns(pl.col("community").fill_null(-1))
        .join(layout.drop("name"), on="streamer_id")
        .join(measures, on="streamer_id", how="left")
        .sort("streamer_id")
    )
    nodes = [
        Node(
            streamer_id=row["streamer_id"],
            name=" ".join(row["name"].split()),
            x=row["x"],
            y=row["y"],
            radius=row["radius"],
            community=row["community"],
            color=community_color(row["community"]),
            minutes_live=row["minutes_live"],
            mean_viewers=row["mean_viewers"],
            peak_viewers=row["peak_viewers"],
            mean_chatters=row["mean_chatters"],
            distinct_chatters=row["distinct_chatters"],
            audience=row.get("audience"),
            categories=top.get(row["streamer_id"], ()),
            measures={name: row[name] for name in MEASURES},
            social_links=row["social_links"],
            login=row.get("login"),
        )
        for row in joined.iter_rows(named=True)
    ]
    values = tables.overlaps[graph.weight.column].to_list()
    edges = list(zip(weighted.a.tolist(), weighted.b.tolist(), values, strict=True))
    return Scene(
        title=title,
        weight=graph.weight,
        made=how_made(tables.facts),
        graph=graph.hash,
        nodes=nodes,
        edges=edges,
        legend=communities.described,
        why_none=why_no_communities(graph, communities),
        left_out="",
    )


def backbone_of(scene: Scene, graph: AudienceGraph) -> Scene:
    """The scene with about `MOST_RELATIONS` (`backbone`), and a sentence on what is left out."""
    if len(scene.edges) <= MOST_RELATIONS:
        return scene
    kept = backbone(graph.weighted, MOST_RELATIONS)
    edges = [edge for edge, stays in zip(scene.edges, kept.tolist(), strict=True) if stays]
    return replace(
        scene,
        edges=edges,
        left_out=f"Drawn are the {len(edges):,} of {len(scene.edges):,} relations that say most about "
        "both streamers (the backbone of the disparity filter), among them the strongest of everybody; "
        "graph.gexf, graph.graphml and the CSVs have all.",
    )
