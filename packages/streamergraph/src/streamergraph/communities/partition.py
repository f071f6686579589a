"""Leiden on the graph of shared audience, and the modularity of what it finds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streamergraph.audience_graph.numbering import by_size
from streamergraph.audience_graph.weighted import WeightedGraph, canonical
from streamergraph.errors import StreamergraphError

Ints = NDArray[np.int64]
RANDOMNESS = 0.001


def leiden(
    graph: WeightedGraph, *, resolution: float = 1.0, seed: int = 1, trials: int = 10
) -> Ints:
    """Communities by the Leiden algorithm (Traag, Waltman, van Eck 2019): a label for each node.

    Maximises modularity with resolution γ (Reichardt and Bornholdt 2006): larger γ, more
    communities. The best of `trials` runs of ten cycles each; the same seed gives the same labels.
    Labels run from 0 by size, the largest first (ties: the community with the smallest node id);
    a node without an edge is a community of its own. Neither the order of edges nor that of their
    ends makes a difference, and parallel edges are added up (graspologic-native keeps one of them).
    """
    from graspologic_native import leiden as native_leiden

    if resolution <= 0:
        raise StreamergraphError(
            "--resolution", expected="above 0", found=str(resolution), remedy="try 1"
        )
    graph = canonical(graph)
    labels = np.full(graph.n, -1, np.int64)
    if len(graph.a):
        edges = [
            (str(a), str(b), w)
            for a, b, w in zip(
                graph.a.tolist(), graph.b.tolist(), graph.weight.tolist(), strict=True
            )
        ]
        _, found = native_leiden(
            edges=edges,
            resolution=resolution,
            randomness=RANDOMNESS,
            iterations=10,
            use_modularity=True,
            seed=seed,
            trials=trials,
        )
        for node, label in found.items():
            labels[int(node)] = label
    alone = np.flatnonzero(labels < 0)
    labels[alone] = labels.max(initial=-1) + 1 + np.arange(len(alone))
    return by_size(labels)


def modularity(graph: WeightedGraph, labels: Ints, *, resolution: float = 1.0) -> float:
    """Q = Σ_c (w_c / m − γ (d_c / 2m)²): Newman and Girvan 2004, with weights and resolution γ.

    w_c: weight within community c; d_c: sum of its nodes' weighted degrees; m: total weight. 0 for
    a graph without edges.
    """
    total = float(graph.weight.sum())
    if total == 0:
        return 0.0
    n = int(labels.max()) + 1
    la, lb = labels[graph.a], labels[graph.b]
    within = np.bincount(la[la == lb], weights=graph.weight[la == lb], minlength=n)
    degree = np.bincount(la, weights=graph.weight, minlength=n)
    degree += np.bincount(lb, weights=graph.weight, minlength=n)
    return float((within / total - resolution * (degree / (2 * total)) ** 2).sum())
