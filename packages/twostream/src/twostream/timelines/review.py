"""Which stretches of a labelled video are worth a second look.

A window is looked at again where the network is sure of another class than the person; where the streams
are sure of different classes; or where two classes are nearly as likely. These are the usual queries of
active learning (disagreement and margin: Settles, Active Learning Literature Survey, 2009).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from twostream.timelines.bouts import Bout
from twostream.timelines.window_scores import Probabilities, WindowScores

Reason = Literal["against the labels", "streams disagree", "undecided"]
AGAINST: Reason = "against the labels"
DISAGREE: Reason = "streams disagree"
UNDECIDED: Reason = "undecided"
NOTHING = "(nothing)"
# Below, nobody would look: another class is that much likelier, streams are that sure, margins so small.
LEAST: dict[Reason, float] = {AGAINST: 0.2, DISAGREE: 0.4, UNDECIDED: 0.8}


@dataclass(frozen=True)
class SecondLook:
    """A stretch worth a second look: why, what the labels and the network say, and how much so (0 to 1)."""

    start_s: float
    end_s: float
    reason: Reason
    labelled: str
    predicted: str
    doubt: float


def second_looks(
    scores: WindowScores,
    labels: Sequence[Bout],
    *,
    most: int = 20,
    thresholds: Sequence[float] | None = None,
) -> list[SecondLook]:
    """The stretches most worth a second look, at most `most`.

    First those against the labels, then those of which the streams disagree, then undecided ones; of each
    the one with the most doubt first.

    Neighbouring windows of one reason and the same classes are one stretch, which reaches from the middle
    to the window before to the middle to the one after. Labels that the network does not know are those of
    a person who may be right: they are looked at only for other reasons. With `thresholds` each label is
    asked by itself: whether its score is on the side of the threshold on which the person has it, and how
    far beyond.
    """
    found: list[SecondLook] = []
    edges = _edges(scores)
    for n in range(len(scores.windows_s)):
        start, end = edges[n], edges[n + 1]
        if thresholds is None:
            one = _look(scores, labels, n, start, end)
        else:
            one = _look_at_labels(scores, labels, thresholds, n, start, end)
        if one is None:
            continue
        last = found[-1] if found else None
        if last is not None and last.end_s == start and _same(last, one):
            found[-1] = replace(last, end_s=end, doubt=max(last.doubt, one.doubt))
        else:
            found.append(one)
    order = list(LEAST)
    found.sort(key=lambda one: (order.index(one.reason), -one.doubt, one.start_s))
    return found[:most]


def _same(one: SecondLook, other: SecondLook) -> bool:
    return (one.reason, one.labelled, one.predicted) == (
        other.reason,
        other.labelled,
        other.predicted,
    )


def _edges(scores: WindowScores) -> list[float]:
    windows = scores.windows_s
    if not len(windows):
        return [0.0]
    middles = windows.mean(axis=1)
    between = (middles[1:] + middles[:-1]) / 2
    return [float(windows[0, 0]), *map(float, between), float(windows[-1, 1])]


def _look(
    scores: WindowScores, labels: Sequence[Bout], n: int, start: float, end: float
) -> SecondLook | None:
    names = list(scores.class_names)
    fused = scores.streams[scores.deciding][n]
    best = int(fused.argmax())
    labelled = _label_at(labels, (start + end) / 2)
    of_person = names.index(labelled) if labelled in names else None
    if labelled == NOTHING and scores.background is not None:
        of_person = names.index(scores.background)
    candidates: list[tuple[float, Reason]] = []
    if of_person is not None and of_person != best:
        candidates.append((float(fused[best] - fused[of_person]), AGAINST))
    streams = [s for s in (scores.spatial, scores.temporal) if s is not None]
    if len(streams) == 2:
        candidates.append((_disagreement(streams, n), DISAGREE))
    candidates.append((_undecided(fused), UNDECIDED))
    enough = [(doubt, reason) for doubt, reason in candidates if doubt >= LEAST[reason]]
    if not enough:
        return None
    doubt, reason = max(enough, key=lambda item: (item[1] == AGAINST, item[0]))
    predicted = NOTHING if names[best] == scores.background else names[best]
    return SecondLook(start, end, reason, labelled, predicted, doubt)


def _look_at_labels(
    scores: WindowScores,
    labels: Sequence[Bout],
    thresholds: Sequence[float],
    n: int,
    start: float,
    end: float,
) -> SecondLook | None:
    names = list(scores.class_names)
    levels = np.clip(np.asarray(thresholds, np.float64), 1e-6, 1 - 1e-6)
    middle = (start + end) / 2
    held = {one.label for one in labels if one.start_s <= middle < one.end_s}
    of_person = np.asarray([name in held for name in names])

    def beyond(values: Probabilities) -> npt.NDArray[np.float64]:
        """How far each score is beyond its threshold, -1 to 1."""
        above = values - levels
        return np.where(above >= 0, above / (1 - levels), above / levels)

    fused = beyond(scores.streams[scores.deciding][n])
    says = fused >= 0
    against = np.where(says != of_person, np.abs(fused), 0.0)
    candidates: list[tuple[float, Reason]] = [(float(against.max(initial=0.0)), AGAINST)]
    streams = [beyond(s[n]) for s in (scores.spatial, scores.temporal) if s is not None]
    if len(streams) == 2:
        one, other = streams
        apart = np.where((one >= 0) != (other >= 0), np.minimum(np.abs(one), np.abs(other)), 0.0)
        candidates.append((float(apart.max(initial=0.0)), DISAGREE))
    candidates.append((float((1 - np.abs(fused)).max(initial=0.0)), UNDECIDED))
    enough = [(doubt, reason) for doubt, reason in candidates if doubt >= LEAST[reason]]
    if not enough:
        return None
    doubt, reason = max(enough, key=lambda item: (item[1] == AGAINST, item[0]))
    predicted = "+".join(sorted(name for name, holds in zip(names, says, strict=True) if holds))
    return SecondLook(start, end, reason, _label_at(labels, middle), predicted or NOTHING, doubt)


def _label_at(labels: Sequence[Bout], time_s: float) -> str:
    held = sorted({one.label for one in labels if one.start_s <= time_s < one.end_s})
    return "+".join(held) or NOTHING


def _disagreement(streams: Sequence[Probabilities], n: int) -> float:
    """How sure both streams are, where they are of different classes; else 0."""
    one, other = (stream[n] for stream in streams)
    return 0.0 if one.argmax() == other.argmax() else float(min(one.max(), other.max()))


def _undecided(fused: npt.NDArray[np.float32]) -> float:
    """1 less the margin between the two likeliest classes."""
    if len(fused) < 2:
        return 0.0
    second, first = np.sort(fused)[-2:]
    return float(1 - (first - second))
