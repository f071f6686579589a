"""The moments of a prediction that are worth explaining."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twostream.timelines.intervals import Interval
from twostream.timelines.window_scores import WindowScores

MOST = 24


@dataclass(frozen=True)
class Moment:
    """A window by its number, and the class that it is asked about."""

    window: int
    label: str


def moments_of(
    windows: WindowScores, intervals: tuple[Interval, ...], *, label: str | None = None
) -> list[Moment]:
    """The window of each interval that says its class most clearly, in the order of time; the best 24.

    Without intervals the one window that is surest of its own class. With `label`, instead, the window
    of each interval that says that class most clearly, whatever the interval is called.
    """
    scores = windows.streams[windows.deciding]
    names = list(windows.class_names)
    if not intervals:
        among = scores[:, names.index(label)] if label else scores.max(axis=1)
        best = int(among.argmax())
        return [Moment(best, label or names[int(scores[best].argmax())])]
    found = []
    for one in sorted(intervals, key=lambda one: one.score, reverse=True)[:MOST]:
        asked = label or one.label
        middle = windows.windows_s.mean(axis=1)
        inside = np.flatnonzero((middle >= one.start_s) & (middle <= one.end_s))
        if not len(inside):
            inside = np.asarray([np.abs(middle - (one.start_s + one.end_s) / 2).argmin()])
        found.append(Moment(int(inside[scores[inside, names.index(asked)].argmax()]), asked))
    return sorted(found, key=lambda one: one.window)


def moments_along(
    windows: WindowScores,
    intervals: Sequence[Interval],
    *,
    label: str | None = None,
    every_s: float,
) -> list[Moment]:
    """Windows so many seconds apart in each interval, asked about its class, in the order of time.

    With `label` about that one. Without intervals all windows are asked about `label`, if there is one.
    """
    middle = windows.windows_s.mean(axis=1)
    parts = [(one.start_s, one.end_s, label or one.label) for one in intervals]
    if not parts and label:
        parts = [(-np.inf, np.inf, label)]
    found: list[Moment] = []
    for start, end, asked in sorted(parts):
        last = -np.inf
        for k in np.flatnonzero((middle >= start) & (middle < end)).tolist():
            if middle[k] >= last + every_s - 1e-6:
                found.append(Moment(k, asked))
                last = middle[k]
    return found
