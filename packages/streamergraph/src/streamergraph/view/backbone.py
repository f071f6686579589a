"""The relations that say most about both streamers, where there are too many to be drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streamergraph.audience_graph.weighted import WeightedGraph

MOST_RELATIONS = 60_000


def backbone(graph: WeightedGraph, most: int) -> NDArray[np.bool_]:
    """Which edges stay where `most` may: the backbone of the disparity filter.

    An edge is the less likely by chance, the larger its share of the weight of an end is for so
    many edges: (1 - share)^(edges - 1), the smaller one of both ends (Serrano, Boguñá and Vespignani
    2009). The least likely ones stay, and the strongest edge of every node, so that none is cut off.

    >>> star = WeightedGraph(node_ids=np.arange(4), a=np.array([0, 0, 0, 1]), b=np.array([1, 2, 3, 2]),
    ...                      weight=np.array([9.0, 1.0, 1.0, 0.1]))
    >>> backbone(star, 3).tolist()
    [True, True, True, False]
    """
    n_edges = len(graph.a)
    if n_edges <= most:
        return np.ones(n_edges, bool)
    degree = graph.degrees()
    strength = np.bincount(graph.a, weights=graph.weight, minlength=graph.n)
    strength += np.bincount(graph.b, weights=graph.weight, minlength=graph.n)
    chance = np.full(n_edges, np.inf)
    for end in (graph.a, graph.b):
        share = np.minimum(graph.weight / strength[end], 1.0)
        # Logarithms, since powers of hundreds are 0 for all that matters.
        with np.errstate(divide="ignore", invalid="ignore"):
            logarithm = (degree[end] - 1) * np.log1p(-share)
        chance = np.minimum(chance, np.where(degree[end] > 1, logarithm, 0.0))
    strongest = np.zeros(n_edges, bool)
    order = np.argsort(-np.tile(graph.weight, 2), kind="stable")
    _, first = np.unique(np.concatenate([graph.a, graph.b])[order], return_index=True)
    strongest[order[first] % n_edges] = True
    chance[strongest] = -np.inf
    kept = np.zeros(n_edges, bool)
    kept[np.argsort(chance, kind="stable")[: max(most, int(strongest.sum()))]] = True
    return kept
