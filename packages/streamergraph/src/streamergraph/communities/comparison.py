"""How alike two partitions are, and which community became which."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def contingency(left: Ints, right: Ints) -> Ints:
    """Counts of nodes by (left label, right label); labels from 0."""
    shape = (int(left.max(initial=-1)) + 1, int(right.max(initial=-1)) + 1)
    table = np.zeros(shape, np.int64)
    np.add.at(table, (left, right), 1)
    return table


def normalized_mutual_information(left: Ints, right: Ints) -> float:
    """Mutual information over the mean of the entropies: 0 independent, 1 the same.

    >>> normalized_mutual_information(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]))
    1.0
    """
    table = contingency(left, right) / max(1, len(left))
    rows, columns = table.sum(1), table.sum(0)
    entropies = _entropy(rows) + _entropy(columns)
    if entropies == 0:
        return 1.0
    return round(float(2 * (entropies - _entropy(table.ravel())) / entropies), 12)


def adjusted_rand_index(left: Ints, right: Ints) -> float:
    """Agreement of pairs beyond chance (Hubert and Arabie 1985): 1 the same, about 0 by chance.

    >>> adjusted_rand_index(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]))
    1.0
    """
    table = contingency(left, right).astype(float)
    both = _pairs(table).sum()
    rows, columns = _pairs(table.sum(1)).sum(), _pairs(table.sum(0)).sum()
    every = len(left) * (len(left) - 1) / 2
    expected = rows * columns / every if every else 0.0
    most = (rows + columns) / 2
    return 1.0 if most == expected else float((both - expected) / (most - expected))


@dataclass(frozen=True, kw_only=True)
class Match:
    """One community and its continuation; None on a side where it has none.

    `jaccard` of the members among those in both partitions.
    """

    before: int | None
    after: int | None
    jaccard: float
    common: int


def match_communities(before: Ints, after: Ints, *, least: float = 0.1) -> list[Match]:
    """Pair communities of the same nodes one to one, with the largest sum of Jaccard indices.

    Pairs below `least` are no continuation: the one ended and the other began.
    """
    from scipy.optimize import linear_sum_assignment

    table = contingency(before, after).astype(float)
    union = table.sum(1, keepdims=True) + table.sum(0, keepdims=True) - table
    jaccard = np.divide(table, union, out=np.zeros_like(table), where=union > 0)
    rows, columns = linear_sum_assignment(-jaccard)
    matches = [
        Match(before=int(i), after=int(j), jaccard=float(jaccard[i, j]), common=int(table[i, j]))
        for i, j in zip(rows, columns, strict=True)
        if jaccard[i, j] >= least
    ]
    left = {match.before for match in matches}
    right = {match.after for match in matches}
    ended = [k for k in range(table.shape[0]) if k not in left and table[k].any()]
    begun = [k for k in range(table.shape[1]) if k not in right and table[:, k].any()]
    matches += [Match(before=k, after=None, jaccard=0.0, common=0) for k in ended]
    matches += [Match(before=None, after=k, jaccard=0.0, common=0) for k in begun]
    return matches


def _entropy(p: NDArray[np.float64]) -> float:
    positive = p[p > 0]
    return float(-(positive * np.log(positive)).sum())


def _pairs(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    return counts * (counts - 1) / 2
