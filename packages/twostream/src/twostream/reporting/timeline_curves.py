"""Scores of a long video, small enough for a page."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.timelines.intervals import Interval
from twostream.timelines.window_scores import WindowScores

# An hour of 8 windows a second fits as it is for some thirty lanes; of more than that, the highest score
# of each stretch is kept.
MOST_BYTES = 2_400_000
MOST_POINTS = 40_000
MOST_LANES = 24


def lanes_of(
    scores: WindowScores, intervals: Sequence[Interval], truth: Sequence[Interval] = ()
) -> list[str]:
    """Classes that get a lane: those with intervals, then those that come nearest to one.

    The background has the last lane, where there is one.
    """
    known = {one.label for one in (*intervals, *truth)}
    with_any = [name for name in scores.class_names if name in known]
    without = sorted(known - set(scores.class_names))
    best = scores.streams[scores.deciding].max(axis=0, initial=0.0)
    others = [
        scores.class_names[k]
        for k in np.argsort(-best, kind="stable").tolist()
        if scores.class_names[k] not in (*with_any, scores.background)
    ]
    room = max(MOST_LANES - len(with_any) - len(without), 0)
    chosen = {*with_any, *others[:room]} - {scores.background}
    ordered = [name for name in scores.class_names if name in chosen]
    last = [scores.background] if scores.background is not None else []
    return [*ordered, *without, *last]


def curves_of(scores: WindowScores, lanes: Sequence[str]) -> dict[str, Any]:
    """The scores of each stream in the lanes, for the page's script: ``times`` and ``streams``.

    Scores are codes from 0 to 255 in base64, lane after lane; times are tenths of a millisecond, as
    differences.
    """
    windows = scores.windows_s
    columns = [scores.class_names.index(name) for name in lanes if name in scores.class_names]
    each = max(len(columns) * len(scores.streams), 1)
    points = max(min(MOST_BYTES // each, MOST_POINTS), 1)
    step = max(-(-len(windows) // points), 1)
    first = np.arange(0, len(windows), step)
    middles = windows.mean(axis=1)
    last = np.minimum(first + step, len(windows)) - 1
    times = (middles[first] + middles[last]) / 2 if len(first) else middles
    ticks = np.rint(times * 1e4).astype(np.int64)
    gaps = np.diff(ticks, prepend=0) if len(ticks) else ticks
    return {
        "lanes": [scores.class_names[k] for k in columns],
        "times": _text(gaps.astype("<u4")),
        "windows_a_point": step,
        "streams": {
            stream: _text(_codes(values[:, columns], first))
            for stream, values in scores.streams.items()
        },
    }


def _codes(values: npt.NDArray[np.float32], first: npt.NDArray[np.intp]) -> npt.NDArray[np.uint8]:
    """Codes (lanes, points): the highest score of each stretch."""
    if not len(first):
        return np.zeros((values.shape[1], 0), np.uint8)
    highest = np.maximum.reduceat(values, first, axis=0)
    codes: npt.NDArray[np.uint8] = np.rint(np.clip(highest, 0, 1) * 255).astype(np.uint8)
    return np.ascontiguousarray(codes.T)


def _text(array: npt.NDArray[Any]) -> str:
    return base64.b64encode(array.tobytes()).decode("ascii")
