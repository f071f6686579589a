"""Where every node of a picture stands and how large it is."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from streamergraph.audience_graph.graph import AudienceGraph
from streamergraph.audience_graph.numbering import components
from streamergraph.audience_graph.same_streamers import same_by
from streamergraph.audience_graph.weighted import WeightedGraph
from streamergraph.layout.files import SCHEMA
from streamergraph.layout.forceatlas2 import forceatlas2
from streamergraph.layout.overlap import remove_overlaps
from streamergraph.layout.settings import LayoutSettings

Floats = NDArray[np.float64]
LEAST_COMPONENT = 5
EXTENT = 1000.0  # the picture reaches from -1000 to 1000
FILLED = 0.10  # share of the square that circles cover before they are pushed apart
# Largest to smallest area: Gephi keeps circles apart only where radii differ by at most 25 times.
AREAS = 24.9**2


def place_streamers(
    graph: AudienceGraph, settings: LayoutSettings, *, start: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Columns streamer_id, x, y, radius, name: within ±1000, no two circles overlap.

    The area of a circle grows with mean viewers. Components of five and more are laid out together
    by ForceAtlas2; smaller ones and single nodes stand in rows below, because nothing says how near
    they belong and repulsion would only drive them out of sight. Who has a place in `start`, an
    earlier layout with names, begins there, so that the picture of the next day looks alike.
    """
    weighted, streamers = graph.weighted, graph.tables.streamers
    viewers = streamers["mean_viewers"].to_numpy().astype(float)
    if weighted.n == 0:
        return pl.DataFrame(schema=SCHEMA)
    component = components(weighted)
    together = np.bincount(component)[component] >= LEAST_COMPONENT
    if not together.any():
        together = component == 0
    laid_out = np.flatnonzero(together)
    position = np.zeros((weighted.n, 2))
    begun = None if start is None else _places_before(streamers, start)[laid_out] / EXTENT
    position[laid_out] = _unit(forceatlas2(_restricted(weighted, laid_out), settings, start=begun))
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
            "streamer_id": weighted.node_ids,
            "x": np.round(position[:, 0] * scale, 3),
            "y": np.round(position[:, 1] * scale, 3),
            # Rounded down, so that rounding makes no two circles touch.
            "radius": np.floor(radius * scale * 995) / 1000,
            "name": streamers["name"],
        }
    )


def _places_before(streamers: pl.DataFrame, start: pl.DataFrame) -> Floats:
    """Places (n, 2) of the streamers in an earlier layout; NaN for who has none there."""
    lower = pl.col("name").str.to_lowercase()
    streamers, start = streamers.with_columns(lower), start.with_columns(lower)
    key = same_by(streamers.select("streamer_id", "name"), start)
    joined = streamers.select(key).join(
        start.unique(key).select(key, "x", "y"), on=key, how="left", maintain_order="left"
    )
    return joined.select(pl.col("x", "y").fill_null(float("nan"))).to_numpy()


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
