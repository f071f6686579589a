"""Leiden on the graph of shared audience, and the modularity of what it finds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from streamergraph.errors import StreamergraphError
from streamergraph.tables.tables import Tables

Ints = NDArray[np.int64]
RANDOMNESS = 0.001


@dataclass(frozen=True, kw_only=True)
class WeightedGraph:
    """An undirected graph: ids of nodes, and edges as positions of their ends with weights > 0."""

    node_ids: Ints
    a: Ints
    b: Ints
    weight: NDArray[np.float64]

    @property
    def n(self) -> int:
        """Nodes, those without an edge too."""
        return len(self.node_ids)

    def degrees(self) -> Ints:
        """Edges of each node."""
        ends = np.concatenate([self.a, self.b])
        return np.bincount(ends, minlength=self.n).astype(np.int64)


def weighted_graph(tables: Tables, *, weight: str | None = None) -> WeightedGraph:
    """The graph of shared audience; `weight` is a column of the overlaps, by default their measure."""
    column = tables.weight(weight).column
    overlaps = tables.overlaps
    node_ids = tables.streamers["streamer_id"].sort().to_numpy()
    return WeightedGraph(
        node_ids=node_ids,
        a=np.searchsorted(node_ids, overlaps["streamer_id_a"].to_numpy()),
        b=np.searchsorted(node_ids, overlaps["streamer_id_b"].to_numpy()),
        weight=overlaps[column].cast(pl.Float64).to_numpy(),
    )


def leiden(
    graph: WeightedGraph, *, resolution: float = 1.0, seed: int = 1, trials: int = 10
) -> Ints:
    """Communities by the Leiden algorithm (Traag, Waltman, van Eck 2019): a label for each node.

    Maximises modularity with resolution γ (Reichardt and Bornholdt 2006): larger γ, more
    communities. The best of `trials` runs of ten cycles each; the same seed gives the same labels.
    Labels run from 0 by size, the largest first (ties: the community with the smallest node id);
    a node without an edge is a community of its own.
    """
    from graspologic_native import leiden as native_leiden

    if resolution <= 0:
        raise StreamergraphError(
            "--resolution", expected="above 0", found=str(resolution), remedy="try 1"
        )
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


def by_size(labels: Ints) -> Ints:
    """The same communities, numbered from 0 by falling size, then by their first node.

    >>> by_size(np.array([7, 3, 3, 5])).tolist()
    [1, 0, 0, 2]
    """
    values, first, inverse, counts = np.unique(
        labels, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.lexsort((first, -counts))
    rank = np.empty(len(values), np.int64)
    rank[order] = np.arange(len(values))
    return rank[inverse]


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
