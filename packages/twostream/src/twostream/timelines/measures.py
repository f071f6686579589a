"""How good found intervals are, beside true ones.

- Frame accuracy: the share of frames with the right label, background among them.
- Segmental F1 at an overlap of 10, 25 and 50 %: Lea et al., Temporal Convolutional Networks for Action
  Segmentation and Detection, CVPR 2017, section 4.1. A found interval is right where the one true interval
  of its class that it overlaps most (intersection over union) is overlapped enough and not taken yet;
  found ones are gone through in the order of time.
- Edit score: Lea et al., Learning Convolutional Action Primitives for Fine-grained Action Recognition, ICRA
  2016: 1 less the share of labels that must be inserted, deleted or replaced, of the longer sequence.

The background is no class here but what lies between intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twostream.timelines.intervals import Interval

OVERLAPS = (0.10, 0.25, 0.50)
# Times are rounded differently by different programs: an overlap of exactly half is half.
ROUNDING = 1e-9
NONE = -1
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Recording:
    """One long video: its true intervals and the found ones, its length, and its frames a second."""

    name: str
    truth: Sequence[Interval]
    found: Sequence[Interval]
    duration_s: float
    fps: float = 25.0


@dataclass(frozen=True)
class Hits:
    """Right, wrong and missed intervals."""

    right: int
    wrong: int
    missed: int

    def __add__(self, other: Hits) -> Hits:
        return Hits(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 1 where there is nothing and nothing is found.

        >>> Hits(right=3, wrong=1, missed=1).f1
        0.75
        """
        total = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / total if total else 1.0


def t_iou(one: Interval, other: Interval) -> float:
    """Intersection over union of two intervals in time.

    >>> t_iou(Interval(0, 4, "a"), Interval(2, 6, "b"))
    0.3333333333333333
    """
    shared = min(one.end_s, other.end_s) - max(one.start_s, other.start_s)
    if shared <= 0:
        return 0.0
    return shared / (one.duration_s + other.duration_s - shared)


def t_ious(found: Sequence[Interval], truth: Sequence[Interval]) -> Matrix:
    """Intersection over union (found, truth) of every pair of the same label; 0 for others."""
    overlap = np.zeros((len(found), len(truth)))
    for k, one in enumerate(found):
        for n, true in enumerate(truth):
            if one.label == true.label:
                overlap[k, n] = t_iou(one, true)
    return overlap


def frames_right(recording: Recording) -> tuple[int, int]:
    """Frames with the right label, and all frames, of a recording.

    A frame belongs to the interval that holds its middle; the last of overlapping ones.

    >>> frames_right(Recording(name="a", truth=[Interval(0, 1, "run")], found=[Interval(0.5, 1, "run")],
    ...                        duration_s=2.0, fps=10))
    (15, 20)
    """
    truth, found = label_lanes(recording)
    return int((truth == found).sum()), len(truth)


def label_lanes(recording: Recording) -> npt.NDArray[np.intp]:
    """The true and the found label of every frame (2, frames) as numbers; 0 is none."""
    count = max(round(recording.duration_s * recording.fps), 0)
    names = sorted({one.label for one in (*recording.truth, *recording.found)})
    number = {name: k for k, name in enumerate(names, start=1)}
    lanes = np.zeros((2, count), np.intp)
    for lane, intervals in zip(lanes, (recording.truth, recording.found), strict=True):
        for one in intervals:
            start, end = (_first_frame(time, recording.fps) for time in (one.start_s, one.end_s))
            lane[start:end] = number[one.label]
    return lanes


def _first_frame(time_s: float, fps: float) -> int:
    """The first frame whose middle is not before a time."""
    return max(int(np.ceil(time_s * fps - 0.5 - ROUNDING)), 0)


def matches(
    found: Sequence[Interval], truth: Sequence[Interval], *, overlap: float
) -> list[tuple[Interval, Interval]]:
    """Right intervals and the true ones they stand for, by the rule of the segmental F1."""
    taken: set[int] = set()
    pairs = []
    in_time = _in_time(found)
    for one, row in zip(in_time, t_ious(in_time, truth), strict=True):
        best = int(row.argmax()) if len(row) else NONE
        if best not in taken and best != NONE and row[best] >= overlap - ROUNDING and row[best] > 0:
            taken.add(best)
            pairs.append((one, truth[best]))
    return pairs


def segmental_hits(found: Sequence[Interval], truth: Sequence[Interval], *, overlap: float) -> Hits:
    """Right, wrong and missed intervals of one recording, by the rule of the segmental F1."""
    right = len(matches(found, truth, overlap=overlap))
    return Hits(right, len(found) - right, len(truth) - right)


def edit_score(found: Sequence[Interval], truth: Sequence[Interval]) -> float:
    """The edit score of the two sequences of labels, as a fraction: 1 where they are the same.

    >>> edit_score([Interval(0, 1, "a")], [Interval(0, 1, "a"), Interval(1, 2, "b")])
    0.5
    """
    first, second = ([one.label for one in _in_time(some)] for some in (found, truth))
    if not first and not second:
        return 1.0
    costs = list(range(len(second) + 1))
    for k, label in enumerate(first, start=1):
        diagonal, costs[0] = costs[0], k
        for n, other in enumerate(second, start=1):
            change = diagonal + (label != other)
            diagonal, costs[n] = costs[n], min(costs[n] + 1, costs[n - 1] + 1, change)
    return 1.0 - costs[-1] / max(len(first), len(second))


def boundary_errors(
    found: Sequence[Interval], truth: Sequence[Interval], *, overlap: float = 0.5
) -> list[float]:
    """How far starts and ends of right intervals are from the true ones, in seconds, two an interval.

    >>> boundary_errors([Interval(1.0, 4.0, "a")], [Interval(1.5, 4.0, "a")])
    [0.5, 0.0]
    """
    return [
        error
        for one, true in matches(found, truth, overlap=overlap)
        for error in (abs(one.start_s - true.start_s), abs(one.end_s - true.end_s))
    ]


def _in_time(intervals: Sequence[Interval]) -> list[Interval]:
    return sorted(intervals, key=lambda one: (one.start_s, one.end_s))
