"""Measures of timelines over several recordings, with intervals: recordings are drawn as a whole.

What an interval speaks of is other recordings of the same kind (see `bootstrap`, which explains the rule);
with one recording nothing can be said of others, and there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.evaluation.bootstrap import DRAWN_AT_ONCE, RESAMPLES, percentile_interval
from twostream.timelines.average_precision import T_IOUS, detections
from twostream.timelines.intervals import Interval
from twostream.timelines.measures import (
    OVERLAPS,
    Recording,
    boundary_errors,
    edit_score,
    frames_right,
    segmental_hits,
)

Weights = npt.NDArray[np.float64]
Measure = Callable[[Weights], Weights]
MAP = "map"
ONE_AT_A_TIME = ("frame_accuracy", "edit")


def measure_names() -> list[str]:
    """The measures, in the order in which they are told.

    >>> measure_names()[:4]
    ['frame_accuracy', 'f1_10', 'f1_25', 'f1_50']
    """
    f1 = [f"f1_{round(100 * overlap)}" for overlap in OVERLAPS]
    return ["frame_accuracy", *f1, "edit", *(f"map_{t:g}" for t in T_IOUS), MAP]


def measure_timelines(
    recordings: Sequence[Recording],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
    overlapping: bool = False,
) -> dict[str, Any]:
    """Every measure of the timelines of some recordings, as fractions, as ``results.json`` holds them.

    ``intervals`` are of 95 %, by measure; ``median_boundary_error_s`` is over starts and ends of all
    right intervals. F1 counts the intervals of all recordings together, and so does frame accuracy
    frames; the edit score is the mean over recordings; ``map`` is the mean over overlaps. A measure that
    nothing can be said of, as mAP without a true interval, is None. Where several labels may be
    `overlapping`, that is also frame accuracy and the edit score, which are of one label at a time.
    """
    measures = _measures(recordings)
    if overlapping:
        measures = {name: one for name, one in measures.items() if name not in ONE_AT_A_TIME}
    found = {name: float(measure(_once(recordings))[0]) for name, measure in measures.items()}
    draws = {name: np.empty(0) for name in measures}
    if len(recordings) > 1:
        for drawn in _draw(len(recordings), resamples=resamples, seed=seed):
            for name, measure in measures.items():
                draws[name] = np.concatenate([draws[name], measure(drawn)])
    errors = [error for each in recordings for error in boundary_errors(each.found, each.truth)]
    return {
        **dict.fromkeys(measure_names()),
        **{name: _known(value) for name, value in found.items()},
        "intervals": {
            name: list(percentile_interval(known, found[name], groups=len(recordings)))
            for name, values in draws.items()
            if len(known := values[np.isfinite(values)]) and np.isfinite(found[name])
        },
        "median_boundary_error_s": float(np.median(errors)) if errors else None,
        "recordings": len(recordings),
        "true_intervals": sum(len(each.truth) for each in recordings),
        "found_intervals": sum(len(each.found) for each in recordings),
        "seconds": float(sum(each.duration_s for each in recordings)),
    }


def commonest_everywhere(recordings: Sequence[Recording], label: str) -> list[Recording]:
    """The same recordings, in all of which one class is found from the first frame to the last."""
    return [
        Recording(
            name=each.name,
            truth=each.truth,
            found=[Interval(0.0, each.duration_s, label)],
            duration_s=each.duration_s,
            fps=each.fps,
        )
        for each in recordings
    ]


def _measures(recordings: Sequence[Recording]) -> dict[str, Measure]:
    """Functions from how often each recording counts (B, R) to a measure (B,)."""
    right, frames = np.array([frames_right(each) for each in recordings], np.float64).T
    measures: dict[str, Measure] = {"frame_accuracy": _ratio(right, frames)}
    for overlap in OVERLAPS:
        hits = [segmental_hits(each.found, each.truth, overlap=overlap) for each in recordings]
        measures[f"f1_{round(100 * overlap)}"] = _ratio(
            np.array([2.0 * one.right for one in hits]),
            np.array([2.0 * one.right + one.wrong + one.missed for one in hits]),
            where_empty=1.0,
        )
    edits = np.array([edit_score(each.found, each.truth) for each in recordings])
    measures["edit"] = _ratio(edits, np.ones(len(edits)))
    by_overlap = {f"map_{overlap:g}": _map(recordings, overlap) for overlap in T_IOUS}
    measures |= by_overlap
    measures[MAP] = lambda weights: np.mean([one(weights) for one in by_overlap.values()], axis=0)
    return measures


def _ratio(above: Weights, below: Weights, where_empty: float = np.nan) -> Measure:
    def measure(weights: Weights) -> Weights:
        total = weights @ below
        with np.errstate(invalid="ignore", divide="ignore"):
            share: Weights = np.where(total > 0, (weights @ above) / total, where_empty)
        return share

    return measure


def _map(recordings: Sequence[Recording], overlap: float) -> Measure:
    classes = sorted({one.label for each in recordings for one in each.truth})
    each_class = [detections(recordings, name, overlap=overlap) for name in classes]

    def measure(weights: Weights) -> Weights:
        areas = np.array([one.average_precision(weights) for one in each_class])
        if not len(areas):
            return np.full(len(weights), np.nan)
        known = np.isfinite(areas)
        with np.errstate(invalid="ignore"):
            mean: Weights = np.where(known, areas, 0.0).sum(axis=0) / known.sum(axis=0)
        return mean

    return measure


def _once(recordings: Sequence[Recording]) -> Weights:
    return np.ones((1, len(recordings)))


def _draw(recordings: int, *, resamples: int, seed: int) -> Iterator[Weights]:
    """How often each recording is drawn: (b, R), a limited number of rows at a time."""
    random = np.random.default_rng(seed)
    rows = max(1, min(resamples, DRAWN_AT_ONCE // 4000))
    for start in range(0, resamples, rows):
        count = min(rows, resamples - start)
        chosen = random.integers(0, recordings, (count, recordings))
        yield np.stack([np.bincount(row, minlength=recordings) for row in chosen]).astype(float)


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None
