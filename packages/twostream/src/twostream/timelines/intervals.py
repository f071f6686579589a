"""Scores of windows become intervals with a label: smoothing, two thresholds, a shortest length.

The score of a class between the middles of two windows is interpolated, so that boundaries lie closer
than windows do: a window that is half inside an action tells that the action begins at its middle. An
interval is found where the score reaches the upper threshold and lasts while it is above the lower one
(hysteresis, as in edge linking; Canny, A Computational Approach to Edge Detection, 1986). Its ends are
where the score crosses the middle between both: the lower threshold alone would make every interval too
long. Two intervals of one class with a short pause between them are one: who bows down stands still before
coming up again.

What a score is. Without a class of background it is the class's probability, since nothing else says that
nothing happens. With one it is the probability beside that of the strongest rival, background or not,
``p / (p + rival)``: half where both are as likely, however sure of themselves the networks are. Where the
fusion of the streams is a plain average, nothing having been chosen, p and rival are those of their
geometric mean: a class must be likely by both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from twostream.timelines.options import TimelineOptions
from twostream.timelines.pieces import NONE, Run, without_short_pieces
from twostream.timelines.window_scores import WindowScores

ROUNDING = 1e-9  # a mean of equal scores may come out a little lower
Curve = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A part of a video with a label: seconds from its first frame, and the mean score in it."""

    start_s: float
    end_s: float
    label: str
    score: float = 1.0

    @property
    def duration_s(self) -> float:
        """How long it is, in seconds."""
        return self.end_s - self.start_s


def intervals_from(
    scores: WindowScores,
    options: TimelineOptions | None = None,
    *,
    threshold: float | None = None,
    thresholds: Sequence[float] = (),
) -> list[Interval]:
    """The intervals in a video, in the order of time; no two of them overlap.

    `threshold` is that of a run without a class of background, where `options` say none. Where each class
    is a label by itself (`WindowScores.multi_label`), `thresholds` are those of the labels, in their order,
    and intervals of different labels may overlap. The background never becomes an interval, none goes on
    over a cut, and there is none where windows are missing. An interval's score is the mean probability of
    its class.

    >>> scores = np.float32([[.1], [.9], [.9], [.4], [.9], [.1], [.1]])
    >>> windows = np.stack([np.arange(7), np.arange(1, 8)], axis=1)
    >>> found = intervals_from(WindowScores(class_names=["jump"], windows_s=windows, fused=scores, fps=10))
    >>> [(round(one.start_s, 2), round(one.end_s, 2), one.label) for one in found]
    [(0.9, 5.1, 'jump')]
    """
    options = options or TimelineOptions()
    if scores.multi_label:
        return _of_labels(scores, options, thresholds)
    of_run = threshold if scores.background is None else None
    on, off = (level - ROUNDING for level in options.thresholds(of_run))
    found = []
    for shot in _shots(scores):
        found += _Shot(scores, shot, options, on, off).intervals()
    return found


def _of_labels(
    scores: WindowScores, options: TimelineOptions, thresholds: Sequence[float]
) -> list[Interval]:
    """The intervals of each label by itself, by its own threshold; one half where none is known."""
    found: list[Interval] = []
    for shot in _shots(scores):
        for label in range(len(scores.class_names)):
            of_label = thresholds[label] if label < len(thresholds) else None
            on, off = (level - ROUNDING for level in options.thresholds(of_label))
            found += _Shot(scores, shot, options, on, off).intervals_of(label)
    return sorted(found, key=lambda one: (one.start_s, one.end_s, one.label))


def _shots(scores: WindowScores) -> Iterator[slice]:
    """The stretches of windows that lie between the same two cuts and leave no moment between them out."""
    windows = scores.windows_s
    if not len(windows):
        return
    shot = np.searchsorted(np.asarray(scores.cuts_s), windows.mean(axis=1), side="right")
    covered = np.maximum.accumulate(windows[:-1, 1])
    strides = np.diff(windows[:, 0])
    # Windows may be shorter than they are apart: only where some are missing is nothing known.
    usual = 1.5 * float(np.median(strides)) if len(strides) else 0.0
    gap = (windows[1:, 0] > covered + 0.5 / scores.fps) & (strides > usual)
    ends = np.flatnonzero((np.diff(shot) != 0) | gap) + 1
    for first, end in pairwise([0, *ends.tolist(), len(windows)]):
        yield slice(first, end)


class _Shot:
    """A stretch of windows, and its frames: frame k is shown from k / fps on."""

    def __init__(
        self,
        scores: WindowScores,
        windows: slice,
        options: TimelineOptions,
        on: float,
        off: float,
    ) -> None:
        self.names, self.fps = scores.class_names, scores.fps
        self.background = scores.background
        self.on, self.off, self.middle = on, off, (on + off) / 2
        self.shortest = options.shortest() * scores.fps
        self.bridge = options.bridge_s * scores.fps
        self.smoothing = max(1, round(options.smoothing_s * scores.fps) // 2 * 2 + 1)
        times = scores.windows_s[windows]
        self.scores = scores.streams[scores.deciding][windows]
        self.weighed = self.scores if self.background is None else scores.together(windows)
        self.middles = times.mean(axis=1)
        start, end = times[:, 0].min(), times[:, 1].max()
        cuts = np.asarray(scores.cuts_s)
        middle = self.middles[0]
        start = max(start, cuts[cuts <= middle].max(initial=-np.inf))
        end = min(end, cuts[cuts > middle].min(initial=np.inf))
        self.first = round(start * self.fps)
        self.length = max(round(end * self.fps) - self.first, 0)

    def intervals(self) -> list[Interval]:
        """All intervals, in the order of time."""
        found = []
        of_label: tuple[int, Curve] | None = None
        for label, (start, end) in sorted(without_short_pieces(self._labels(), self.shortest)):
            if of_label is None or of_label[0] != label:
                of_label = label, self._curve(label)
            score = min(float(of_label[1][start:end].mean()), 1.0)
            times = (self.first + start) / self.fps, (self.first + end) / self.fps
            found.append(Interval(*times, self.names[label], score))
        return sorted(found, key=lambda one: one.start_s)

    def intervals_of(self, label: int) -> list[Interval]:
        """Those of one label, whatever others there are."""
        if self._never_reaches(label):
            return []
        curve = self._curve(label)
        return [
            Interval(
                (self.first + start) / self.fps,
                (self.first + end) / self.fps,
                self.names[label],
                min(float(curve[start:end].mean()), 1.0),
            )
            for start, end in self._runs(curve)
        ]

    def _curve(self, label: int) -> Curve:
        """The smoothed probability of a class at the middle of every frame."""
        return self._smooth(self.scores[:, label])

    def _smooth(self, values: npt.NDArray[np.float32]) -> Curve:
        frames = (self.first + np.arange(self.length) + 0.5) / self.fps
        curve = np.interp(frames, self.middles, values)
        return np.clip(_smoothed(curve, self.smoothing), 0.0, 1.0)

    def _labels(self) -> npt.NDArray[np.intp]:
        """The class of every frame: of those whose interval it is in, the one with the highest score."""
        best = np.full(self.length, -np.inf)
        labels = np.full(self.length, NONE, np.intp)
        score = self._beside_rivals() if self.background is not None else self._curve
        for label, name in enumerate(self.names):
            alone = self.background is None
            if name == self.background or (alone and self._never_reaches(label)):
                continue
            curve = score(label)
            for start, end in self._runs(curve):
                better = curve[start:end] > best[start:end]
                labels[start:end][better] = label
                best[start:end][better] = curve[start:end][better]
        return labels

    def _never_reaches(self, label: int) -> bool:
        return bool(self.scores[:, label].max(initial=0.0) < self.on)

    def _beside_rivals(self) -> Callable[[int], Curve]:
        """A function that gives a class's score beside that of its strongest rival at every frame."""
        first, second = np.zeros(self.length), np.zeros(self.length)
        leader = np.full(self.length, NONE, np.intp)
        for label in range(len(self.names)):
            curve = self._smooth(self.weighed[:, label])
            leads = curve > first
            second = np.where(leads, first, np.maximum(second, curve))
            first[leads], leader[leads] = curve[leads], label

        def score(label: int) -> Curve:
            curve = self._smooth(self.weighed[:, label])
            both = curve + np.where(leader == label, second, first)
            return np.divide(curve, both, out=np.zeros(self.length), where=both > 0)

        return score

    def _runs(self, curve: Curve) -> list[Run]:
        """Where one class is, by both thresholds; without those that are too short."""
        runs: list[Run] = []
        for start, end in _runs_of(curve >= self.off):
            if curve[start:end].max() >= self.on:
                inside = np.flatnonzero(curve[start:end] >= self.middle)
                first, last = start + int(inside[0]), start + int(inside[-1]) + 1
                if runs and first - runs[-1][1] < self.bridge:
                    first = runs.pop()[0]
                runs.append((first, last))
        return [run for run in runs if run[1] - run[0] >= self.shortest]


def _runs_of(mask: npt.NDArray[np.bool_]) -> list[Run]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _smoothed(curve: Curve, width: int) -> Curve:
    """The mean over `width` frames, an odd number, around each one; near the ends over those there are."""
    if width <= 1 or not len(curve):
        return curve
    total = np.concatenate([[0.0], np.cumsum(curve)])
    half, n = width // 2, len(curve)
    frames = np.arange(n)
    # As many on either side, so that a slope is not bent where there is no more on one of them.
    reach = np.minimum(half, np.minimum(frames, n - 1 - frames))
    low, high = frames - reach, frames + reach + 1
    smoothed: Curve = (total[high] - total[low]) / (high - low)
    return smoothed
