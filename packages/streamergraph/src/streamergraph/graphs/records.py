"""The property graph of the tables: labels, relationship types and properties of the original."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from streamergraph.tables.schema import CATEGORIES, STREAMERS
from streamergraph.tables.tables import Tables

STREAMER, GAME = "Streamer", "Game"
OVERLAP, PLAYED = "HAS_VIEWERSHIP_OVERLAPPED_WITH", "PLAYED"
KEYS = {STREAMER: "idStreamer", GAME: "idGame"}
OPTIONAL = {STREAMER: ("community",), GAME: tuple(CATEGORIES.extra)}


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
    """Relationships of one type; columns `start`, `end` (keys of the nodes) and one property."""

    kind: str
    start_label: str
    end_label: str
    property: str
    rows: pl.DataFrame


@dataclass(frozen=True, kw_only=True)
class PropertyGraph:
    """Nodes and relationships as tables."""

    nodes: tuple[NodeTable, ...]
    relations: tuple[RelationTable, ...]

    @property
    def n_nodes(self) -> int:
        """Nodes of all labels."""
        return sum(table.rows.height for table in self.nodes)

    @property
    def n_relations(self) -> int:
        """Relationships of all types."""
        return sum(table.rows.height for table in self.relations)


def property_graph(tables: Tables, labels: pl.DataFrame | None = None) -> PropertyGraph:
    """The graph as the original modelled it, with numbers as numbers.

    Properties have the published names (`viewerMean`, …); `Name` is the streamer's or category's
    name; dates are ISO texts, which compare as dates do in every database. `labels` (columns
    streamer_id, community) adds `community`. An overlap points from the streamer with more viewers
    to the other and is to be read undirected.
    """
    streamers = tables.streamers
    if labels is not None:
        streamers = streamers.join(
            labels.select("streamer_id", "community"), on="streamer_id", how="left"
        )
    names = {c.name: c.published for c in STREAMERS.columns} | {"name": "Name"}
    games = {c.name: c.published for c in CATEGORIES.columns} | {"name": "Name"}
    return PropertyGraph(
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
                property="overlapPercentage",
                rows=tables.overlaps.select(
                    start="streamer_id_a",
                    end="streamer_id_b",
                    overlapPercentage="overlap_percent",
                ),
            ),
            RelationTable(
                kind=PLAYED,
                start_label=STREAMER,
                end_label=GAME,
                property="minutesPlayed",
                rows=tables.played.select(
                    start="streamer_id", end="category_id", minutesPlayed="minutes"
                ),
            ),
        ),
    )


def known_properties(row: dict[str, Any]) -> dict[str, Any]:
    """A row without what is not known."""
    return {name: value for name, value in row.items() if value is not None}
