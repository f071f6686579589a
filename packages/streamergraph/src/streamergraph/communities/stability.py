"""Whether the communities would have been the same with other random numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streamergraph.audience_graph.weighted import WeightedGraph
from streamergraph.communities.comparison import adjusted_rand_index, contingency
from streamergraph.communities.partition import leiden

Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Stability:
    """Means over runs with other seeds, against the labels in question.

    `adjusted_rand`: adjusted Rand index of the nodes with edges, None where no seed was run;
    `per_community`: Jaccard index of each community with its best counterpart.
    """

    seeds: int
    adjusted_rand: float | None
    per_community: NDArray[np.float64]


def stability(
    graph: WeightedGraph, labels: Ints, *, resolution: float, seeds: int, first_seed: int = 1001
) -> Stability:
    """Run Leiden with `seeds` other seeds (one trial each) and compare with `labels`.

    Nodes without an edge are alone in every run; they are left out, since they would only flatter.
    """
    connected = graph.degrees() > 0
    per_run, best = [], []
    for k in range(seeds):
        other = leiden(graph, resolution=resolution, seed=first_seed + k, trials=1)
        per_run.append(adjusted_rand_index(labels[connected], other[connected]))
        table = contingency(labels, other).astype(float)
        union = table.sum(1, keepdims=True) + table.sum(0, keepdims=True) - table
        best.append((table / np.maximum(union, 1)).max(1))
    n = int(labels.max(initial=-1)) + 1
    return Stability(
        seeds=seeds,
        adjusted_rand=float(np.mean(per_run)) if per_run else None,
        per_community=np.mean(best, axis=0) if best else np.ones(n),
    )
