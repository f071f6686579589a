"""Which classes are taken for which."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twostream.evaluation.metrics import confusion_matrix
from twostream.evaluation.scores import ClipScores


@dataclass(frozen=True, kw_only=True)
class ConfusedPair:
    """`clips` of the `clips_of_class` clips of class `truth` were recognised as `recognised_as`."""

    truth: str
    recognised_as: str
    clips: int
    clips_of_class: int


def confused_pairs(scores: ClipScores) -> list[ConfusedPair]:
    """All pairs of classes that were taken for each other, the most frequent first."""
    counts = confusion_matrix(scores.values, scores.labels)
    totals = counts.sum(axis=1)
    wrong = [(int(i), int(j)) for i, j in np.argwhere(counts > 0) if i != j]
    wrong.sort(key=lambda ij: (-counts[ij], -counts[ij] / totals[ij[0]], ij))
    return [
        ConfusedPair(
            truth=scores.classes[i],
            recognised_as=scores.classes[j],
            clips=int(counts[i, j]),
            clips_of_class=int(totals[i]),
        )
        for i, j in wrong
    ]
