"""Which stretches of a labelled video are worth a second look.

A stretch is looked at again where the network's timeline says something else than the person; where the
streams are sure of different classes; or where two classes are nearly as likely. These are the usual
queries of active learning (disagreement and margin: Settles, Active Learning Literature Survey, 2009).
Single windows say too little: it is the timeline that is compared with the labels, smoothed and without
short pieces, and streams are averaged over as long as a timeline is.

Whoever looks at a stretch watches a moment before and after it, too. Of stretches of one kind that comes
first in which most of what is watched is probably wrong: the doubt, times the share of the watching that is
the stretch itself. A network is never right about boundaries to the frame, so that each label has a short
stretch at either end in which both differ; these come last by themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt

from twostream.timelines.bouts import Bout
from twostream.timelines.intervals import Interval
from twostream.timelines.options import TimelineOptions
from twostream.timelines.window_scores import Probabilities, WindowScores

Reason = Literal["against the labels", "streams disagree", "undecided"]
AGAINST: Reason = "against the labels"
DISAGREE: Reason = "streams disagree"
UNDECIDED: Reason = "undecided"
NOTHING = "(nothing)"
# Below, nobody would look: another class is likelier, streams are that sure, margins so small.
LEAST: dict[Reason, float] = {AGAINST: 0.5, DISAGREE: 0.4, UNDECIDED: 0.8}
# A label alone is asked how far its score is beyond its threshold.
LEAST_OF_LABELS: dict[Reason, float] = {**LEAST, AGAINST: 0.2}
AROUND_S = 0.5
AVERAGED_S = TimelineOptions().smoothing_s


@dataclass(frozen=True)
class SecondLook:
    """A stretch worth a second look: why, what the labels and the network say, and how much so (0 to 1)."""

    video: str
    start_s: float
    end_s: float
    reason: Reason
    labelled: str
    predicted: str
    doubt: float

    @property
    def worth(self) -> float:
        """The share of what is watched for it that is probably wrong, half a second around it included.

        >>> one = SecondLook("a.mp4", 2.0, 5.0, AGAINST, "run", "walk", 0.8)
        >>> round(one.worth, 3)
        0.6
        """
        length = self.end_s - self.start_s
        return self.doubt * length / (length + 2 * AROUND_S)


def second_looks(
    scores: WindowScores,
    intervals: Sequence[Interval],
    labels: Sequence[Bout],
    *,
    video: str = "",
    thresholds: Sequence[float] | None = None,
) -> list[SecondLook]:
    """All stretches of a `video` that are worth a second look, the most worth first (see `ranked`).

    `intervals` are those that the network finds in the video. Neighbouring windows of one reason and the
    same classes are one stretch, which reaches from the middle to the window before to the middle to the
    one after; its doubt is their mean. Labels that the network does not know are those of a person who may
    be right: they are looked at only for other reasons. With `thresholds` each label is asked by itself:
    whether the network finds it where the person has it, and how far its score is beyond the threshold.
    """
    if not len(scores.windows_s):
        return []
    least = LEAST if thresholds is None else LEAST_OF_LABELS
    windows = list(
        _windows(scores, intervals, labels)
        if thresholds is None
        else _windows_of_labels(scores, intervals, labels, thresholds)
    )
    edges = _edges(scores)
    found: list[SecondLook] = []
    first = 0
    for last in range(1, len(windows) + 1):
        if last < len(windows) and windows[last].kind == windows[first].kind:
            continue
        one = windows[first]
        doubt = float(np.mean([other.doubt for other in windows[first:last]]))
        if one.reason is not None and doubt >= least[one.reason]:
            times = edges[first], edges[last]
            found.append(SecondLook(video, *times, one.reason, one.labelled, one.predicted, doubt))
        first = last
    return ranked(found)


def ranked(looks: Sequence[SecondLook]) -> list[SecondLook]:
    """Stretches of one video or of several, those first that are most worth a look.

    First those against the labels, then those of which the streams disagree, then undecided ones; of each
    kind by `SecondLook.worth`.
    """
    order = list(LEAST)
    return sorted(
        looks, key=lambda one: (order.index(one.reason), -one.worth, one.video, one.start_s)
    )


@dataclass(frozen=True)
class _Window:
    """What one window says; `reason` None where it gives none to look again."""

    reason: Reason | None
    labelled: str
    predicted: str
    doubt: float

    @property
    def kind(self) -> tuple[Reason | None, str, str]:
        """What neighbours must have in common to be one stretch."""
        return self.reason, self.labelled, self.predicted


def _edges(scores: WindowScores) -> list[float]:
    windows = scores.windows_s
    middles = windows.mean(axis=1)
    between = (middles[1:] + middles[:-1]) / 2
    return [float(windows[0, 0]), *map(float, between), float(windows[-1, 1])]


def _middles(scores: WindowScores) -> list[float]:
    return [(start + end) / 2 for start, end in pairwise(_edges(scores))]


def _windows(
    scores: WindowScores, intervals: Sequence[Interval], labels: Sequence[Bout]
) -> Iterator[_Window]:
    names = list(scores.class_names)
    weighed = _averaged(scores, scores.together(slice(None)))
    fused = _averaged(scores, scores.streams[scores.deciding])
    streams = [_averaged(scores, s) for s in (scores.spatial, scores.temporal) if s is not None]
    times = _middles(scores)
    for n, (held, said) in enumerate(
        zip(_held(labels, times), _held(intervals, times), strict=True)
    ):
        labelled, predicted = _in_words(held), _in_words(said)
        if scores.background is None:
            # Nothing stands for nothing: the best class is compared, found or not.
            predicted = names[int(fused[n].argmax())]
        of_person = _number(names, scores.background, labelled)
        of_network = _number(names, scores.background, predicted)
        if None not in (of_person, of_network) and of_person != of_network:
            ours, theirs = float(weighed[n, of_network]), float(weighed[n, of_person])
            doubt = ours / (ours + theirs) if ours + theirs > 0 else 0.0
            yield _Window(AGAINST, labelled, predicted, doubt)
            continue
        apart = _disagreement([one[n] for one in streams]) if len(streams) == 2 else 0.0
        yield _of_network(apart, _undecided(fused[n]), labelled, predicted)


def _windows_of_labels(
    scores: WindowScores,
    intervals: Sequence[Interval],
    labels: Sequence[Bout],
    thresholds: Sequence[float],
) -> Iterator[_Window]:
    names = scores.class_names
    levels = np.clip(np.asarray(thresholds, np.float64), 1e-6, 1 - 1e-6)

    def beyond(values: Probabilities) -> npt.NDArray[np.float64]:
        """How far each score is beyond its threshold, -1 to 1."""
        above = _averaged(scores, values) - levels
        return np.where(above >= 0, above / (1 - levels), above / levels)

    fused = beyond(scores.streams[scores.deciding])
    streams = [beyond(one) for one in (scores.spatial, scores.temporal) if one is not None]
    times = _middles(scores)
    for n, (held, said) in enumerate(
        zip(_held(labels, times), _held(intervals, times), strict=True)
    ):
        of_person, of_network = ([name in some for name in names] for some in (held, said))
        labelled, predicted = _in_words(held), _in_words(said)
        sides = np.where(of_network, fused[n], -fused[n]).clip(min=0.0)
        against = np.where(np.not_equal(of_person, of_network), sides, 0.0).max(initial=0.0)
        if of_person != of_network and against >= LEAST_OF_LABELS[AGAINST]:
            yield _Window(AGAINST, labelled, predicted, float(against))
            continue
        apart = 0.0
        if len(streams) == 2:
            one, other = (stream[n] for stream in streams)
            surer = np.minimum(np.abs(one), np.abs(other))
            apart = float(np.where((one >= 0) != (other >= 0), surer, 0.0).max(initial=0.0))
        undecided = float((1 - np.abs(fused[n])).max(initial=0.0))
        yield _of_network(apart, undecided, labelled, predicted)


def _of_network(apart: float, undecided: float, labelled: str, predicted: str) -> _Window:
    """What a window says whose network and labels say the same."""
    candidates: list[tuple[float, Reason]] = [(apart, DISAGREE), (undecided, UNDECIDED)]
    enough = [(doubt, reason) for doubt, reason in candidates if doubt >= LEAST[reason]]
    doubt, reason = max(enough, key=lambda item: item[0], default=(0.0, None))
    return _Window(reason, labelled, predicted, doubt)


def _averaged(scores: WindowScores, values: Probabilities) -> npt.NDArray[np.float64]:
    """The mean of `values` (n, C) over the windows whose middles are near, so long as a timeline's is."""
    middles = scores.windows_s.mean(axis=1)
    low = np.searchsorted(middles, middles - AVERAGED_S / 2)
    high = np.searchsorted(middles, middles + AVERAGED_S / 2, side="right")
    total = np.cumsum(np.vstack([np.zeros(values.shape[1]), values]), axis=0, dtype=np.float64)
    mean: npt.NDArray[np.float64] = (total[high] - total[low]) / (high - low)[:, None]
    return mean


def _number(names: Sequence[str], background: str | None, label: str) -> int | None:
    """The class that a label means; None where the network knows none."""
    if label == NOTHING:
        return None if background is None else names.index(background)
    return names.index(label) if label in names else None


def _held(some: Sequence[Bout] | Sequence[Interval], times: Sequence[float]) -> list[set[str]]:
    """The labels that hold at each of `times`, which rise."""
    held: list[set[str]] = [set() for _ in times]
    for one in some:
        first, end = np.searchsorted(times, (one.start_s, one.end_s))
        for n in range(first, end):
            held[n].add(one.label)
    return held


def _in_words(labels: Collection[str]) -> str:
    return "+".join(sorted(labels)) or NOTHING


def _disagreement(streams: Sequence[npt.NDArray[np.float64]]) -> float:
    """How sure both streams are, where they are of different classes; else 0."""
    one, other = streams
    return 0.0 if one.argmax() == other.argmax() else float(min(one.max(), other.max()))


def _undecided(fused: npt.NDArray[np.float64]) -> float:
    """1 less the margin between the two likeliest classes."""
    if len(fused) < 2:
        return 0.0
    second, first = np.sort(fused)[-2:]
    return float(1 - (first - second))
