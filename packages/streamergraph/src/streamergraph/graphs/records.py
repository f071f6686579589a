"""The property graph of the tables: labels, relationship types and properties of the original."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from streamergraph.audience_graph.graph import AudienceGraph
from streamergraph.tables.schema import CATEGORIES, STREAMERS
from streamergraph.tables.weights import WEIGHTS

STREAMER, GAME = "Streamer", "Game"
OVERLAP, PLAYED = "HAS_VIEWERSHIP_OVERLAPPED_WITH", "PLAYED"
KEYS = {STREAMER: "idStreamer", GAME: "idGame"}
MEASURE = "measure"
MEASURE_PROPERTIES = {
    "degree": "degree",
    "weighted_degree": "weightedDegree",
    "page_rank": "pageRank",
    "betweenness": "betweenness",
    "component": "component",
    "core_number": "coreNumber",
}
OPTIONAL = {
    STREAMER: ("community", *MEASURE_PROPERTIES.values(), *STREAMERS.extra),
    GAME: tuple(CATEGORIES.extra),
}
OPTIONAL_OF_RELATIONS = {
    OVERLAP: (MEASURE, *(weight.property_name for weight in WEIGHTS.values())),
    PLAYED: (),
}


@dataclass(frozen=True, kw_only=True)
class NodeTable:
    """Nodes of one label; the columns of `rows` are their properties, typed."""

    label: str
    rows: pl.DataFrame

    @property
    def key(self) -> str:
        """The property that identifies a node."""
        return KEYS[self.label]

    @property
    def absent(self) -> list[str]:
        """Properties that nodes of this label may have and these have not."""
        return [name for name in OPTIONAL[self.label] if name not in self.rows.columns]


@dataclass(frozen=True, kw_only=True)
class RelationTable:
    """Relationships of one type; columns `start`, `end` (keys of the nodes), then the properties.

    `weight` is the property that says how strong a relationship is.
    """

    kind: str
    start_label: str
    end_label: str
    weight: str
    rows: pl.DataFrame

    @property
    def properties(self) -> dict[str, pl.DataType]:
        """Names of the properties with their types."""
        return {n: k for n, k in self.rows.schema.items() if n not in ("start", "end")}

    @property
    def absent(self) -> list[str]:
        """Properties that relationships of this type may have and these have not."""
        return [n for n in OPTIONAL_OF_RELATIONS[self.kind] if n not in self.properties]


@dataclass(frozen=True, kw_only=True)
class PropertyGraph:
    """Nodes and relationships as tables; `made` says how those came about."""

    nodes: tuple[NodeTable, ...]
    relations: tuple[RelationTable, ...]
    made: str

    @property
    def n_nodes(self) -> int:
        """Nodes of all labels."""
        return sum(table.rows.height for table in self.nodes)

    @property
    def n_relations(self) -> int:
        """Relationships of all types."""
        return sum(table.rows.height for table in self.relations)


def property_graph(
    graph: AudienceGraph,
    labels: pl.DataFrame | None = None,
    measures: pl.DataFrame | None = None,
) -> PropertyGraph:
    """The graph as the original modelled it, with numbers as numbers.

    Properties have the published names (`viewerMean`, …); `Name` is the streamer's or category's
    name; dates are ISO texts, which compare as dates do in every database. `labels` (columns
    streamer_id, community) adds `community`, `measures` (of `measure_streamers`) what it knows of
    every streamer. An overlap points from the smaller id to the other and
    is to be read undirected. Where another measure than the overlap was chosen, relationships carry
    that too, under a name of its own, and `measure` says which it is.
    """
    tables, weight = graph.tables, graph.weight
    overlaps = tables.overlaps.select(
        start="streamer_id_a", end="streamer_id_b", overlapPercentage="overlap_percent"
    )
    if weight.property_name not in overlaps.columns:
        overlaps = overlaps.with_columns(
            tables.overlaps[weight.column].alias(weight.property_name),
            pl.lit(graph.measure).alias(MEASURE),
        )
    streamers = tables.streamers
    if labels is not None:
        streamers = streamers.join(
            labels.select("streamer_id", "community"), on="streamer_id", how="left"
        )
    if measures is not None:
        known = [name for name in MEASURE_PROPERTIES if not measures[name].is_null().all()]
        columns = measures.select("streamer_id", *known).rename(MEASURE_PROPERTIES, strict=False)
        streamers = streamers.join(columns, on="streamer_id", how="left")
    names = {c.name: c.published for c in STREAMERS.columns} | {"name": "Name"}
    games = {c.name: c.published for c in CATEGORIES.columns} | {"name": "Name"}
    return PropertyGraph(
        made=graph.made,
        nodes=(
            NodeTable(label=STREAMER, rows=streamers.rename(names, strict=False)),
            NodeTable(
                label=GAME,
                rows=tables.categories.with_columns(
                    pl.col("release_date").dt.to_string("%Y-%m-%d")
                ).rename(games, strict=False),
            ),
        ),
        relations=(
            RelationTable(
                kind=OVERLAP,
                start_label=STREAMER,
                end_label=STREAMER,
                weight=weight.property_name,
                rows=overlaps,
            ),
            RelationTable(
                kind=PLAYED,
                start_label=STREAMER,
                end_label=GAME,
                weight="minutesPlayed",
                rows=tables.played.select(
                    start="streamer_id", end="category_id", minutesPlayed="minutes"
                ),
            ),
        ),
    )


def known_properties(row: dict[str, Any]) -> dict[str, Any]:
    """A row without what is not known."""
    return {name: value for name, value in row.items() if value is not None}
