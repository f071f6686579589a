"""Whether probabilities can be taken at their word."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twostream.evaluation.fusion_svm import SVM_FUSION, WHY_NO_CHANCES
from twostream.evaluation.metrics import right
from twostream.evaluation.scores import ClipScores

BINS = 15
LEAST_PROBABILITY = 1e-12
# Streams whose scores are no chances of the classes though they look like some, and why.
NO_CHANCES = {SVM_FUSION: WHY_NO_CHANCES}


@dataclass(frozen=True, kw_only=True)
class Bin:
    """Clips whose highest probability lies in (`low`, `high`]: its mean, and how many were right."""

    low: float
    high: float
    clips: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Expected calibration error, negative log-likelihood (nats) and Brier score; 0 is best in each.

    `bins` are those with clips. With few clips the calibration error is not 0 for honest
    probabilities either: compare streams on the same clips only.
    """

    ece: float
    nll: float
    brier: float
    bins: tuple[Bin, ...]


def why_no_chances(stream: str, scores: ClipScores) -> str | None:
    """Why the scores of `stream` are no chances of the classes; None where they are.

    Only chances can be calibrated, compared with how often clips are right, or called probabilities.
    """
    if stream in NO_CHANCES:
        return NO_CHANCES[stream]
    values = scores.values.astype(np.float64)
    if values.min() < 0 or not np.allclose(values.sum(axis=1), 1.0, atol=1e-3):
        return "its scores are negative or do not sum to 1"
    return None


def calibration(scores: ClipScores) -> Calibration:
    """Measure the calibration of `scores`, which must be chances: see `why_no_chances`.

    Sources: Guo et al., On Calibration of Modern Neural Networks, 2017 (15 bins of equal width of the
    highest probability); Brier, Verification of forecasts, 1950 (the sum over classes, 0 to 2).

    >>> even = np.full((2, 2), 0.5, np.float32)
    >>> found = calibration(ClipScores(("a", "b"), ("x", "y"), np.array([0, 1]), even))
    >>> found.ece, round(found.nll, 4), found.brier
    (0.0, 0.6931, 0.5)
    """
    values = scores.values.astype(np.float64)
    hits = right(scores.values, scores.labels)
    sure = values.max(axis=1)
    place = np.clip(np.ceil(sure * BINS).astype(int) - 1, 0, BINS - 1)
    bins = tuple(
        Bin(
            low=k / BINS,
            high=(k + 1) / BINS,
            clips=int((place == k).sum()),
            confidence=float(sure[place == k].mean()),
            accuracy=float(hits[place == k].mean()),
        )
        for k in np.unique(place).tolist()
    )
    rows = np.arange(len(values))
    truth = np.zeros_like(values)
    truth[rows, scores.labels] = 1.0
    of_truth = np.maximum(values[rows, scores.labels], LEAST_PROBABILITY)
    return Calibration(
        ece=sum(b.clips * abs(b.accuracy - b.confidence) for b in bins) / len(values),
        nll=float(-np.log(of_truth).mean()),
        brier=float(((values - truth) ** 2).sum(axis=1).mean()),
        bins=bins,
    )
