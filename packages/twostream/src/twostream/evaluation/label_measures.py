"""Measures of clips with several labels at once: average precision and F1 by label, and their means.

Mean average precision is the mean over labels of the area below precision over recall, not interpolated
(`average_precisions`); F1 is that of decisions by a threshold a label: ``macro`` the mean over labels,
``micro`` of all decisions together (Sebastiani, Machine learning in automated text categorization, ACM
Computing Surveys 34, 2002, section 7.1). Labels that no test clip has do not count in means over labels.
Intervals are bootstraps over source videos, as `bootstrap` explains.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from twostream.evaluation.bootstrap import (
    DRAWN_AT_ONCE,
    RESAMPLES,
    Interval,
    draw_groups,
    percentile_interval,
)
from twostream.evaluation.scores import ClipScores
from twostream.training.label_sets import Truth, average_precisions

LABEL_MEASURES = ("map", "f1_macro", "f1_micro")
Scores = npt.NDArray[np.float32]
Thresholds = npt.NDArray[np.float64]
Weights = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LabelAccuracy:
    """Measures of one stream, fractions of 1."""

    map: float
    f1_macro: float
    f1_micro: float

    def to_dict(self) -> dict[str, float]:
        """As `results.json` holds it."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class LabelResult:
    """One label: test clips that have it, and how they are found; None where no clip has it."""

    label: str
    clips: int
    source_videos: int
    average_precision: float | None
    precision: float | None
    recall: float
    f1: float | None
    threshold: float


def decisions(values: Scores, thresholds: Thresholds) -> Truth:
    """Which labels (n, C) hold: those whose score reaches the label's threshold (C,)."""
    found: Truth = values >= thresholds - 1e-9
    return found


def label_accuracy(scores: ClipScores, thresholds: Thresholds) -> LabelAccuracy:
    """The measures of scores whose truth is a set of labels.

    >>> truth = np.array([[True, False], [True, True], [False, True]])
    >>> values = np.float32([[.9, .2], [.8, .6], [.4, .7]])
    >>> scores = ClipScores(("a", "b", "c"), ("x", "y"), np.array([0, 1, 2]), values, truth)
    >>> label_accuracy(scores, np.array([0.5, 0.5])).to_dict()
    {'map': 1.0, 'f1_macro': 1.0, 'f1_micro': 1.0}
    """
    truth = truth_of(scores)
    (found,) = _measured(scores.values, truth, thresholds, np.ones((1, len(truth))))
    return LabelAccuracy(*(float(one) for one in found))


def truth_of(scores: ClipScores) -> Truth:
    """The labels (n, C) that hold; raises ValueError for scores of one class a clip."""
    if scores.truth is None:
        raise ValueError("scores of clips that have one class each")
    return scores.truth


def label_results(
    scores: ClipScores, thresholds: Thresholds, groups: Sequence[str]
) -> list[LabelResult]:
    """Every label, in the order of the scores; `groups` (n,) are the clips' source videos."""
    truth = truth_of(scores)
    said = decisions(scores.values, thresholds)
    areas = average_precisions(scores.values, truth)
    names = np.asarray(list(groups), np.str_)
    results = []
    for k, name in enumerate(scores.classes):
        right = int((said[:, k] & truth[:, k]).sum())
        there, found = int(truth[:, k].sum()), int(said[:, k].sum())
        results.append(
            LabelResult(
                label=name,
                clips=there,
                source_videos=len(set(names[truth[:, k]])),
                average_precision=areas[k],
                precision=right / found if found else None,
                recall=right / there if there else 0.0,
                f1=2 * right / (there + found) if there else None,
                threshold=float(thresholds[k]),
            )
        )
    return results


def chance(truth: Truth) -> float:
    """The mean average precision of scores that say nothing: the mean share of clips with a label."""
    shares = truth.mean(axis=0)
    return float(shares[shares > 0].mean()) if (shares > 0).any() else 0.0


def label_intervals(
    scores: Mapping[str, ClipScores],
    thresholds: Mapping[str, Thresholds],
    groups: Sequence[str],
    found: Mapping[str, LabelAccuracy],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, dict[str, Interval]]:
    """95 % intervals by stream and measure, over source videos."""
    names, place = np.unique(np.asarray(list(groups), np.str_), return_inverse=True)
    rows = max(1, DRAWN_AT_ONCE // max(1, len(place)))
    draws: dict[str, list[Weights]] = {stream: [] for stream in scores}
    for drawn in draw_groups(len(names), resamples=resamples, seed=seed):
        for start in range(0, len(drawn), rows):
            weights = drawn[start : start + rows][:, place].astype(np.float64)
            for stream, one in scores.items():
                draws[stream].append(
                    _measured(one.values, truth_of(one), thresholds[stream], weights)
                )
    intervals: dict[str, dict[str, Interval]] = {}
    for stream, parts in draws.items():
        values = np.concatenate(parts)
        intervals[stream] = {}
        for column, measure in enumerate(LABEL_MEASURES):
            known = values[np.isfinite(values[:, column]), column]
            told = float(getattr(found[stream], measure))
            intervals[stream][measure] = (
                percentile_interval(known, told, groups=len(names)) if len(known) else (0.0, 1.0)
            )
    return intervals


def _measured(values: Scores, truth: Truth, thresholds: Thresholds, weights: Weights) -> Weights:
    """The measures (B, 3) where each clip counts as often as `weights` (B, n) says."""
    said = decisions(values, thresholds)
    hits, there, found = (weights @ one.astype(np.float64) for one in (said & truth, truth, said))
    areas = np.stack([_areas(values[:, k], truth[:, k], weights) for k in range(truth.shape[1])])
    with np.errstate(invalid="ignore", divide="ignore"):
        f1 = np.where(there > 0, 2 * hits / (there + found), np.nan)
        micro = 2 * hits.sum(axis=1) / (there + found).sum(axis=1)
        return np.stack([_mean_of_known(areas.T), _mean_of_known(f1), np.nan_to_num(micro)], axis=1)


def _mean_of_known(values: Weights) -> Weights:
    known = np.isfinite(values)
    counts = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    mean: Weights = np.where(counts > 0, total / np.maximum(counts, 1), 0.0)
    return mean


def _areas(
    scores: npt.NDArray[np.float32], right: npt.NDArray[np.bool_], weights: Weights
) -> Weights:
    """Average precision (B,) of one label; NaN where no clip that counts has it."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    counts = weights[:, order]
    hits = np.cumsum(counts * right[order], axis=1)[:, last]
    seen = np.cumsum(counts, axis=1)[:, last]
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.nan_to_num(hits / seen)
        area: Weights = (np.diff(hits, prepend=0.0, axis=1) * precision).sum(axis=1) / hits[:, -1]
    return np.where(hits[:, -1] > 0, area, np.nan)
