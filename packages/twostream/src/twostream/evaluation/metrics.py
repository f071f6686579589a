"""Accuracies of clip scores."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Accuracy:
    """Fractions of clips: truth first, truth among the first five, and the mean over classes."""

    top1: float
    top5: float
    mean_class: float

    def to_dict(self) -> dict[str, float]:
        """As `results.json` holds it."""
        return asdict(self)


def accuracy(scores: Scores, labels: Labels) -> Accuracy:
    """Accuracies of `scores` (n, C) against `labels` (n,).

    `mean_class` is the mean of the classes' own top-1, over the classes that have clips. Of equal
    scores the lower class index counts as the higher one.

    >>> accuracy(np.float32([[.9, .1], [.6, .4], [.2, .8]]), np.array([0, 1, 1])).mean_class
    0.75
    """
    ranks = truth_ranks(scores, labels)
    right = ranks == 0
    by_class = [float(right[labels == label].mean()) for label in np.unique(labels)]
    return Accuracy(float(right.mean()), float((ranks < 5).mean()), float(np.mean(by_class)))


def truth_ranks(scores: Scores, labels: Labels) -> npt.NDArray[np.int64]:
    """Rank (n,) of the true class in each row of `scores` (n, C): 0 where it comes first."""
    order = np.argsort(-scores, axis=1, kind="stable")
    ranks: npt.NDArray[np.int64] = np.argmax(order == labels[:, None], axis=1).astype(np.int64)
    return ranks


def right(scores: Scores, labels: Labels) -> npt.NDArray[np.bool_]:
    """Whether each clip (n,) was recognised: its class comes first in its row of `scores` (n, C)."""
    hits: npt.NDArray[np.bool_] = truth_ranks(scores, labels) == 0
    return hits


def confusion_matrix(scores: Scores, labels: Labels) -> npt.NDArray[np.int64]:
    """Clips of true class i recognised as class j: (C, C) counts."""
    classes = scores.shape[1]
    predicted = np.argsort(-scores, axis=1, kind="stable")[:, 0]
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (labels, predicted), 1)
    return counts
