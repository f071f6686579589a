"""Where nodes begin that had places before: there, in the size that the forces would give the picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streamergraph.audience_graph.weighted import WeightedGraph
from streamergraph.layout.settings import LayoutSettings

Floats = NDArray[np.float64]
ASIDE = 0.01  # of the picture: newcomers do not begin on top of one another


def begin_at(
    places: Floats,
    graph: WeightedGraph,
    weight: Floats,
    mass: Floats,
    settings: LayoutSettings,
    rng: np.random.Generator,
) -> Floats:
    """Positions (n, 2) in ForceAtlas2's unit; `places` (n, 2) are in any, NaN for newcomers.

    Newcomers begin beside those whom they are related to, by weight, or else anywhere.
    """
    known: NDArray[np.bool_] = np.isfinite(places[:, 0])
    places = places.copy()
    places[known] -= places[known].mean(0)
    extent = float(np.abs(places[known]).max()) or 1.0
    sums, total = np.zeros((graph.n, 2)), np.zeros(graph.n)
    for one, other in ((graph.a, graph.b), (graph.b, graph.a)):
        near = known[other]
        np.add.at(sums, one[near], weight[near, None] * places[other[near]])
        np.add.at(total, one[near], weight[near])
    related, alone = ~known & (total > 0), ~known & (total == 0)
    places[related] = sums[related] / total[related, None]
    places[related] += rng.normal(0, ASIDE * extent, (int(related.sum()), 2))
    places[alone] = rng.uniform(-extent, extent, (int(alone.sum()), 2))
    return places * _balanced(places, graph, weight, mass, settings)


def _balanced(
    places: Floats, graph: WeightedGraph, weight: Floats, mass: Floats, settings: LayoutSettings
) -> float:
    """By how much `places` grow until attraction, repulsion and gravity are even.

    Where the energy ½Σw(sd)² − kΣΣmm·ln(sd) + gΣm·sr is least over s.
    """
    apart = places[graph.a] - places[graph.b]
    attraction = float((weight * (apart**2).sum(1)).sum())
    repulsion = settings.scaling * float(mass.sum() ** 2 - (mass**2).sum()) / 2
    gravity = settings.gravity * float((mass * np.hypot(places[:, 0], places[:, 1])).sum())
    if attraction <= 0:
        return repulsion / gravity if gravity > 0 else 1.0
    return float((-gravity + np.sqrt(gravity**2 + 4 * attraction * repulsion)) / (2 * attraction))
