"""Intervals of accuracies: a bootstrap over source groups, because clips of one video are alike.

All clips of a source video are drawn together (the cluster bootstrap; Efron and Tibshirani, An
Introduction to the Bootstrap, 1993, chapter 8). What an interval speaks of is other source videos of
the same kind. It says nothing about training again with another seed.

Few groups. Plain percentile intervals are too short where groups are few; here the percentiles are
moved outwards as Student's t asks for (Hesterberg, What Teachers Should Know About the Bootstrap, The
American Statistician 69, 2015, section 3.2), which no longer matters from some hundred groups on. A
class with a single group is drawn or not drawn as a whole: groups are drawn from all classes together, so
that such a class adds to the spread of the mean over classes instead of appearing certain. Where no
resample differs from another (a single group, or all clips right), resampling cannot tell anything. Then
up to ``1 - 0.025 ** (1 / groups)`` of all source videos might still be unlike those seen (Clopper and
Pearson, 1934), and the interval allows for that: three groups, all right, give 0.29 to 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from twostream.evaluation.metrics import Accuracy, Labels, Scores, accuracy, truth_ranks

MEASURES = ("top1", "top5", "mean_class")
RESAMPLES = 2000
TAIL = 0.025
DRAWN_AT_ONCE = 2_000_000
SAME = 1e-12

Draws = npt.NDArray[np.float64]
Interval = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Part:
    """Scores (n, C) of several streams on the same clips, their labels (n,) and source groups (n,)."""

    scores: Mapping[str, Scores]
    labels: Labels
    groups: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How far `first` is above `second` in `measure`, with its 95 % interval.

    `share_not_above` is the share of resamples in which `first` is not above `second`: near 0 where the
    advantage would survive other source videos, like a one-sided p value but not one.
    """

    first: str
    second: str
    measure: str
    difference: float
    low: float
    high: float
    share_not_above: float


@dataclass(frozen=True, kw_only=True)
class Resamples:
    """Accuracies of every stream in each resample (B, 3), columns as `MEASURES`, beside the found ones."""

    groups: int
    found: Mapping[str, Accuracy]
    draws: Mapping[str, Draws]
    top5_is_certain: bool

    def interval(self, stream: str, measure: str) -> Interval:
        """95 % interval of an accuracy, inside 0..1; it always holds the accuracy itself."""
        value = float(getattr(self.found[stream], measure))
        if measure == "top5" and self.top5_is_certain:
            return (1.0, 1.0)
        draws = self.draws[stream][:, MEASURES.index(measure)]
        return percentile_interval(draws, value, groups=self.groups, lowest=0.0)

    def intervals(self, stream: str) -> dict[str, list[float]]:
        """The intervals of all measures, as ``results.json`` holds them."""
        return {measure: list(self.interval(stream, measure)) for measure in MEASURES}

    def difference(self, first: str, second: str, measure: str = "top1") -> Difference:
        """The paired difference: both streams see the same source videos in every resample."""
        column = MEASURES.index(measure)
        draws = self.draws[first][:, column] - self.draws[second][:, column]
        value = float(getattr(self.found[first], measure) - getattr(self.found[second], measure))
        low, high = percentile_interval(draws, value, groups=self.groups, lowest=-1.0)
        if measure == "top5" and self.top5_is_certain:
            low = high = 0.0
        return Difference(
            first=first,
            second=second,
            measure=measure,
            difference=value,
            low=low,
            high=high,
            share_not_above=float(np.mean(draws <= SAME)),
        )


def resample(parts: Sequence[Part], *, resamples: int = RESAMPLES, seed: int = 0) -> Resamples:
    """Draw source groups with replacement `resamples` times and measure every stream in each draw.

    One part is the usual case. Several parts are splits of one data set: accuracies are means over them,
    and a source video that is in several splits is drawn alike in all. Classes that a draw leaves out
    do not count in its mean over classes. The order of the clips does not matter; the same `seed`
    gives the same draws. Only streams that all parts have are measured.

    >>> half = np.array([[.9, .1], [.2, .8], [.6, .4], [.9, .1]], np.float32)
    >>> part = Part(scores={"spatial": half}, labels=np.array([0, 0, 1, 0]), groups="aabc")
    >>> low, high = resample([part]).interval("spatial", "top1")
    >>> low < 0.5 < high
    True
    """
    names, places = np.unique(
        np.concatenate([np.asarray(list(part.groups), np.str_) for part in parts]),
        return_inverse=True,
    )
    ends = np.cumsum([len(part.labels) for part in parts])[:-1]
    of_part = np.split(places, ends)
    streams = [name for name in parts[0].scores if all(name in part.scores for part in parts)]
    tallies = [
        _Tally(part, place, groups=len(names), streams=streams)
        for part, place in zip(parts, of_part, strict=True)
    ]
    chunks = [
        [tally.accuracies(drawn) for tally in tallies]
        for drawn in draw_groups(len(names), resamples=resamples, seed=seed)
    ]
    means = np.concatenate([_mean(np.stack(chunk)) for chunk in chunks], axis=1)
    return Resamples(
        groups=len(names),
        found={name: _mean_accuracy(parts, name) for name in streams},
        draws=dict(zip(streams, means, strict=True)),
        top5_is_certain=all(next(iter(p.scores.values())).shape[1] <= 5 for p in parts),
    )


class _Tally:
    """Hits and clips of every group and class, from which any draw of groups is measured at once."""

    def __init__(
        self, part: Part, place: npt.NDArray[np.intp], *, groups: int, streams: Sequence[str]
    ) -> None:
        present, label = np.unique(part.labels, return_inverse=True)
        self.classes = len(present)
        self.clips = _count(place, label, None, groups=groups, classes=self.classes)
        self.hits: list[npt.NDArray[np.float32]] = []
        for stream in streams:
            ranks = truth_ranks(part.scores[stream], part.labels)
            first = _count(place, label, ranks == 0, groups=groups, classes=self.classes)
            five = np.bincount(place, weights=ranks < 5, minlength=groups)[:, None]
            self.hits.append(np.hstack([first, five.astype(np.float32)]))

    def accuracies(self, drawn: npt.NDArray[np.float32]) -> Draws:
        """Accuracies (streams, b, 3) where each group counts as often as `drawn` (b, G) says."""
        clips = (drawn @ self.clips).astype(np.float64)
        total = clips.sum(axis=1)
        found = []
        with np.errstate(invalid="ignore", divide="ignore"):
            there = np.maximum((clips > 0).sum(axis=1), 1)
            for hits in self.hits:
                right = (drawn @ hits).astype(np.float64)
                by_class = np.where(clips > 0, right[:, :-1] / clips, 0.0).sum(axis=1) / there
                first = right[:, :-1].sum(axis=1) / total
                mean_class = np.where(total > 0, by_class, np.nan)
                found.append(np.stack([first, right[:, -1] / total, mean_class], axis=1))
        return np.stack(found)


def _count(
    place: npt.NDArray[np.intp],
    label: npt.NDArray[np.intp],
    weights: npt.NDArray[np.bool_] | None,
    *,
    groups: int,
    classes: int,
) -> npt.NDArray[np.float32]:
    flat = np.bincount(place * classes + label, weights=weights, minlength=groups * classes)
    return flat.reshape(groups, classes).astype(np.float32)


def draw_groups(groups: int, *, resamples: int, seed: int) -> Iterator[npt.NDArray[np.float32]]:
    """How often each group is drawn: (b, G), a limited number of rows at a time."""
    random = np.random.default_rng(seed)
    rows = max(1, DRAWN_AT_ONCE // groups)
    for start in range(0, resamples, rows):
        b = min(rows, resamples - start)
        chosen = random.integers(0, groups, (b, groups)) + groups * np.arange(b)[:, None]
        counts = np.bincount(chosen.ravel(), minlength=b * groups).reshape(b, groups)
        yield counts.astype(np.float32)


def _mean(accuracies: Draws) -> Draws:
    """Mean (streams, b, 3) over parts (p, streams, b, 3); a part that was not drawn is left out."""
    known = np.isfinite(accuracies)
    total: Draws = np.where(known, accuracies, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return total


def _mean_accuracy(parts: Sequence[Part], stream: str) -> Accuracy:
    found = [accuracy(part.scores[stream], part.labels) for part in parts]
    return Accuracy(*(float(np.mean([getattr(one, m) for one in found])) for m in MEASURES))


def percentile_interval(
    draws: Draws, value: float, *, groups: int, lowest: float = 0.0
) -> Interval:
    """The 95 % interval of a `value` from its `draws`, of so many groups; it holds the value itself."""
    if np.ptp(draws) < SAME:
        unseen = 1.0 - TAIL ** (1.0 / groups)
        return (1 - unseen) * value + unseen * lowest, (1 - unseen) * value + unseen
    tail = expanded_tail(groups)
    low, high = np.quantile(draws, [tail, 1.0 - tail])
    return min(float(low), value), max(float(high), value)


def expanded_tail(groups: int) -> float:
    """Share of resamples to leave out on each side, for `groups` groups (Hesterberg 2015).

    >>> [round(expanded_tail(groups), 4) for groups in (5, 20, 100, 1000)]
    [0.001, 0.0159, 0.0231, 0.0248]
    """
    if groups < 2:
        return 0.0
    return NormalDist().cdf(-math.sqrt(groups / (groups - 1)) * student_t_975(groups - 1))


def student_t_975(freedom: int) -> float:
    """97.5 % point of Student's t (Abramowitz and Stegun 1964, 26.7.5: 1 % low for 2, good from 4 on).

    >>> round(student_t_975(10), 3), round(student_t_975(100), 3)
    (2.228, 1.984)
    """
    return _student_t(1.0 - TAIL, freedom)


def student_t_95(freedom: int) -> float:
    """95 % point of Student's t, for tests of one side.

    >>> round(student_t_95(10), 3), round(student_t_95(100), 3)
    (1.812, 1.66)
    """
    return _student_t(0.95, freedom)


def _student_t(share: float, freedom: int) -> float:
    x = NormalDist().inv_cdf(share)
    terms = (
        x,
        (x**3 + x) / 4,
        (5 * x**5 + 16 * x**3 + 3 * x) / 96,
        (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / 384,
        (79 * x**9 + 776 * x**7 + 1482 * x**5 - 1920 * x**3 - 945 * x) / 92160,
    )
    return sum(term / math.pow(freedom, power) for power, term in enumerate(terms))
