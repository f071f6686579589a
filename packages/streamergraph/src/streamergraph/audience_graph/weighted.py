"""Streamers and relations as arrays, for algorithms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


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


def canonical(graph: WeightedGraph) -> WeightedGraph:
    """The same graph whatever the order of its edges and ends: parallel edges are added up.

    Edges are sorted, the smaller position first.

    >>> graph = WeightedGraph(node_ids=np.arange(3), a=np.array([2, 0, 1]), b=np.array([1, 1, 0]),
    ...                       weight=np.array([1.0, 2.0, 3.0]))
    >>> one = canonical(graph)
    >>> one.a.tolist(), one.b.tolist(), one.weight.tolist()
    ([0, 1], [1, 2], [5.0, 1.0])
    """
    low, high = np.minimum(graph.a, graph.b), np.maximum(graph.a, graph.b)
    # By weight too: sums of fractions depend on the order of what is added.
    order = np.lexsort((graph.weight, high, low))
    low, high, weight = low[order], high[order], graph.weight[order]
    first = np.ones(len(low), bool)
    first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    starts = np.flatnonzero(first)
    added = np.add.reduceat(weight, starts) if len(starts) else weight
    return WeightedGraph(node_ids=graph.node_ids, a=low[starts], b=high[starts], weight=added)
