"""What can be counted from scores: classes, confusions, intervals, paired comparisons."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twostream.evaluation.metrics import confusion_matrix, truth_ranks
from twostream.evaluation.scores import ClipScores

Z95 = 1.959964


@dataclass(frozen=True)
class ConfusedPair:
    """`count` of `total` clips of class `truth` were recognised as class `predicted` (indices)."""

    truth: int
    predicted: int
    count: int
    total: int


def right(scores: ClipScores) -> npt.NDArray[np.bool_]:
    """Whether each clip (n,) was recognised."""
    found: npt.NDArray[np.bool_] = truth_ranks(scores.values, scores.labels) == 0
    return found


def class_sizes(scores: ClipScores) -> npt.NDArray[np.int64]:
    """Number of clips of each class (C,)."""
    return np.bincount(scores.labels, minlength=len(scores.classes)).astype(np.int64)


def class_accuracies(scores: ClipScores) -> npt.NDArray[np.float64]:
    """Top-1 of each class (C,), a fraction of 1; NaN for a class without clips."""
    sizes = class_sizes(scores)
    hits = np.bincount(scores.labels, weights=right(scores), minlength=len(scores.classes))
    known = np.where(sizes > 0, hits / np.maximum(sizes, 1), np.nan)
    return known.astype(np.float64)


def confused_pairs(scores: ClipScores) -> list[ConfusedPair]:
    """All pairs of classes that were taken for each other, the most frequent first."""
    counts = confusion_matrix(scores.values, scores.labels)
    totals = counts.sum(axis=1)
    pairs = [
        ConfusedPair(int(i), int(j), int(counts[i, j]), int(totals[i]))
        for i, j in np.argwhere(counts > 0)
        if i != j
    ]
    return sorted(pairs, key=lambda p: (-p.count, -p.count / p.total, p.truth, p.predicted))


def wilson_interval(share: float, n: int) -> tuple[float, float]:
    """95 % interval of a share observed on `n` clips, as if they were drawn independently.

    Source: Wilson, Probable inference, the law of succession, and statistical inference, 1927.

    >>> low, high = wilson_interval(0.71, 100)
    >>> print(f"{low:.3f} {high:.3f}")
    0.615 0.790
    """
    centre = (share + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    spread = math.sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2)) / (1 + Z95**2 / n) * Z95
    return max(0.0, centre - spread), min(1.0, centre + spread)


def sign_test(wins: int, losses: int) -> float:
    """Two-sided exact p of `wins` against `losses` if both were equally likely.

    >>> round(sign_test(9, 3), 3)
    0.146
    >>> sign_test(0, 0)
    1.0
    """
    n = wins + losses
    tail = sum(math.comb(n, k) for k in range(min(wins, losses) + 1))
    return min(1.0, float(2 * tail / 2**n))
