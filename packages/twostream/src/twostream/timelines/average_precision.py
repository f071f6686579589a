"""Mean average precision of found intervals, as the challenges THUMOS and ActivityNet measure it.

Found intervals of a class, of all recordings, by falling score: each is right where it overlaps a true one
of its recording by at least tIoU that no better one has taken, and takes the one that it overlaps most.
Average precision is the area below the precision, made monotonous, over the recall (the toolkit of
ActivityNet; Caba Heilbron et al., CVPR 2015); mAP is its mean over the classes, at tIoU 0.3 to 0.7
(Idrees et al., The THUMOS challenge on action recognition for videos "in the wild", CVIU 155, 2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twostream.timelines.intervals import Interval
from twostream.timelines.measures import ROUNDING, Recording, t_iou

T_IOUS = (0.3, 0.4, 0.5, 0.6, 0.7)
Weights = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Detections:
    """Found intervals of one class, the highest score first: whether each is right, and of which recording.

    `right` (n,) bool, `recording` (n,) numbers, `true` (R,): how many true intervals each recording has;
    `tied` (n,): the last one with the same score, since none of them comes before another.
    """

    right: npt.NDArray[np.bool_]
    tied: npt.NDArray[np.intp]
    recording: npt.NDArray[np.intp]
    true: npt.NDArray[np.intp]

    def average_precision(self, weights: Weights) -> Weights:
        """Average precision (B,) where each recording counts as often as `weights` (B, R) says.

        NaN where no true interval counts.
        """
        counts = weights[:, self.recording]
        hits = np.cumsum(counts * self.right, axis=1)[:, self.tied]
        found = np.cumsum(counts, axis=1)[:, self.tied]
        total = weights @ self.true
        with np.errstate(invalid="ignore", divide="ignore"):
            precision = np.nan_to_num(hits / found)
            # The best precision at this recall or a higher one.
            precision = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
            area: Weights = (counts * self.right * precision).sum(axis=1) / total
        return np.where(total > 0, area, np.nan)


def detections(recordings: Sequence[Recording], label: str, *, overlap: float) -> Detections:
    """The found intervals of a class in all recordings, and which of them are right."""
    found = [
        (one.score, number, is_right)
        for number, each in enumerate(recordings)
        for one, is_right in _of_recording(each, label, overlap)
    ]
    found.sort(key=lambda item: -item[0])
    true = [sum(one.label == label for one in each.truth) for each in recordings]
    scores = np.array([score for score, _, _ in found])
    return Detections(
        tied=np.searchsorted(-scores, -scores, side="right") - 1,
        right=np.array([right for _, _, right in found], np.bool_),
        recording=np.array([number for _, number, _ in found], np.intp),
        true=np.array(true, np.intp),
    )


def _of_recording(recording: Recording, label: str, overlap: float) -> list[tuple[Interval, bool]]:
    truth = [one for one in recording.truth if one.label == label]
    found = [one for one in recording.found if one.label == label]
    free = set(range(len(truth)))
    marked = []
    for one in sorted(found, key=lambda one: -one.score):
        overlaps = {n: t_iou(one, truth[n]) for n in free}
        best = max(overlaps, key=overlaps.__getitem__, default=None)
        is_right = best is not None and overlaps[best] >= overlap - ROUNDING
        if is_right and best is not None:
            free.remove(best)
        marked.append((one, is_right))
    return marked


def mean_average_precision(
    recordings: Sequence[Recording], *, overlap: float, weights: Weights | None = None
) -> Weights:
    """Average precision (B,), the mean over the classes that are true where it counts; NaN without any.

    `weights` (B, R): how often each recording counts; without them each counts once, and B is 1.

    >>> truth, other = Interval(0, 4, "run"), Interval(6, 8, "run")
    >>> found = [Interval(0, 4, "run", 0.9), Interval(10, 11, "run", 0.8), Interval(6, 8, "run", 0.7)]
    >>> one = Recording(name="a", truth=[truth, other], found=found, duration_s=12)
    >>> mean_average_precision([one], overlap=0.5).round(4).tolist()
    [0.8333]
    """
    if weights is None:
        weights = np.ones((1, len(recordings)))
    classes = sorted({one.label for each in recordings for one in each.truth})
    total, known = np.zeros(len(weights)), np.zeros(len(weights))
    for label in classes:
        area = detections(recordings, label, overlap=overlap).average_precision(weights)
        total += np.nan_to_num(area)
        known += np.isfinite(area)
    with np.errstate(invalid="ignore"):
        mean: Weights = total / known
    return mean
