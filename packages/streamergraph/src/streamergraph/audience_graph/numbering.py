"""Groups numbered by size, and the connected components of a graph."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streamergraph.audience_graph.weighted import WeightedGraph

Ints = NDArray[np.int64]


def by_size(labels: Ints) -> Ints:
    """The same groups, numbered from 0 by falling size, then by their first node.

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


def components(graph: WeightedGraph) -> Ints:
    """The connected component of each node, numbered by falling size."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    matrix = coo_array((np.ones(len(graph.a)), (graph.a, graph.b)), shape=(graph.n, graph.n))
    _, labels = connected_components(matrix, directed=False)
    return by_size(labels.astype(np.int64))
