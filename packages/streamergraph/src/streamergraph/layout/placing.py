"""Where every node of a picture stands and how large it is."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from streamergraph.atomic import write_csv, write_json
from streamergraph.communities.partition import WeightedGraph, weighted_graph
from streamergraph.errors import StreamergraphError
from streamergraph.layout.forceatlas2 import LayoutSettings, forceatlas2
from streamergraph.layout.overlap import remove_overlaps
from streamergraph.tables.facts import how_made
from streamergraph.tables.tables import Tables

Floats = NDArray[np.float64]
LAYOUT_FILE = "layout.csv"
LAYOUT_FACTS_FILE = "layout.json"
LEAST_COMPONENT = 5
EXTENT = 1000.0  # the picture reaches from -1000 to 1000
FILLED = 0.10  # share of the square that circles cover before they are pushed apart
# Largest to smallest area: Gephi keeps circles apart only where radii differ by at most 25 times.
AREAS = 24.9**2


def place_streamers(
    tables: Tables, settings: LayoutSettings, *, weight: str | None = None
) -> pl.DataFrame:
    """Columns streamer_id, x, y, radius: within ±1000, no two circles overlap.

    The area of a circle grows with mean viewers. Components of five and more are laid out together
    by ForceAtlas2; smaller ones and single nodes stand in rows below, because nothing says how near
    they belong and repulsion would only drive them out of sight.
    """
    graph = weighted_graph(tables, weight=weight)
    viewers = tables.streamers.sort("streamer_id")["mean_viewers"].to_numpy().astype(float)
    if graph.n == 0:
        return pl.DataFrame(
            schema={"streamer_id": pl.Int64, "x": pl.Float64, "y": pl.Float64, "radius": pl.Float64}
        )
    component = components(graph)
    together = np.bincount(component)[component] >= LEAST_COMPONENT
    if not together.any():
        together = component == 0
    laid_out = np.flatnonzero(together)
    position = np.zeros((graph.n, 2))
    position[laid_out] = _unit(forceatlas2(_restricted(graph, laid_out), settings))
    area = 25.0 + np.minimum(viewers, 30_000.0)
    area = np.maximum(area, area.max() / AREAS)
    radius = np.sqrt(area * FILLED * 4 / (np.pi * area.sum()))
    position[laid_out] = remove_overlaps(
        position[laid_out], radius[laid_out], margin=0.05 * radius.min()
    )
    _rows_below(position, radius, component, together, viewers)
    position = remove_overlaps(position, radius, margin=0.05 * radius.min())
    low = (position - radius[:, None]).min(0)
    high = (position + radius[:, None]).max(0)
    position = position - (low + high) / 2
    scale = EXTENT / max(1e-9, float((high - low).max()) / 2)
    return pl.DataFrame(
        {
            "streamer_id": graph.node_ids,
            "x": np.round(position[:, 0] * scale, 3),
            "y": np.round(position[:, 1] * scale, 3),
            # Rounded down, so that rounding makes no two circles touch.
            "radius": np.floor(radius * scale * 995) / 1000,
        }
    )


def components(graph: WeightedGraph) -> NDArray[np.int64]:
    """The connected component of each node, numbered by falling size."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    from streamergraph.communities.partition import by_size

    matrix = coo_array((np.ones(len(graph.a)), (graph.a, graph.b)), shape=(graph.n, graph.n))
    _, labels = connected_components(matrix, directed=False)
    return by_size(labels.astype(np.int64))


def write_layout(
    folder: Path,
    layout: pl.DataFrame,
    *,
    tables: Tables,
    settings: LayoutSettings,
    weight: str | None = None,
) -> None:
    """Write layout.csv, and layout.json: what weighed the relations, and the settings."""
    chosen = tables.weight(weight)
    write_csv(folder / LAYOUT_FILE, layout.columns, layout.iter_rows())
    write_json(
        folder / LAYOUT_FACTS_FILE,
        {
            "algorithm": "ForceAtlas2",
            "weight": chosen.column,
            "weight_is": chosen.label,
            "measure": tables.facts.measure,
            "tables": how_made(tables.facts),
            **asdict(settings),
        },
    )


def read_layout(folder: Path) -> pl.DataFrame:
    """Read layout.csv; raises StreamergraphError where it is not there."""
    kinds = {"streamer_id": pl.Int64, "x": pl.Float64, "y": pl.Float64, "radius": pl.Float64}
    try:
        return pl.read_csv(folder / LAYOUT_FILE, schema=kinds)
    except (OSError, pl.exceptions.PolarsError):
        raise StreamergraphError(
            folder, expected=LAYOUT_FILE, found="none", remedy="make it with `layout`"
        ) from None


def read_layout_facts(folder: Path) -> dict[str, Any]:
    """Read layout.json; empty where it is not there, as with layouts of earlier versions."""
    try:
        facts = json.loads((folder / LAYOUT_FACTS_FILE).read_bytes())
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _restricted(graph: WeightedGraph, nodes: NDArray[np.int64]) -> WeightedGraph:
    rank = np.full(graph.n, -1, np.int64)
    rank[nodes] = np.arange(len(nodes))
    inside = (rank[graph.a] >= 0) & (rank[graph.b] >= 0)
    return WeightedGraph(
        node_ids=graph.node_ids[nodes],
        a=rank[graph.a[inside]],
        b=rank[graph.b[inside]],
        weight=graph.weight[inside],
    )


def _unit(position: Floats) -> Floats:
    distance = np.hypot(position[:, 0], position[:, 1])
    # Almost all within the unit circle; what swung far out is drawn to its rim.
    position = position / max(1e-9, float(np.quantile(distance, 0.95)))
    distance = np.hypot(position[:, 0], position[:, 1])
    far = distance > 1
    position[far] *= (np.power(distance[far], 0.2) / distance[far])[:, None]
    return position


def _rows_below(
    position: Floats,
    radius: Floats,
    component: NDArray[np.int64],
    inside: NDArray[np.bool_],
    viewers: Floats,
) -> None:
    """Put the nodes that are not inside in rows below those that are, components side by side.

    Larger components come first, then those with more viewers.
    """
    outside = np.flatnonzero(~inside)
    if not len(outside):
        return
    size = np.bincount(component)
    most = np.zeros(len(size))
    np.maximum.at(most, component, viewers)
    of = component[outside]
    outside = outside[np.lexsort((-viewers[outside], of, -most[of], -size[of]))]
    left = float((position[inside, 0] - radius[inside]).min())
    right = float((position[inside, 0] + radius[inside]).max())
    largest = float(radius[outside].max())
    x = left
    y = float((position[inside, 1] - radius[inside]).min()) - 3 * largest
    for node in outside:
        step = 2.6 * radius[node]
        if x + step > right and x > left:
            x = left
            y -= 2.6 * largest
        position[node] = x + step / 2, y
        x += step
