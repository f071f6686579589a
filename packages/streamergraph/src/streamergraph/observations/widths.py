"""How long a look at the platform stands for: until the next one of its series, and no longer than usual.

Whatever the collector's interval is, and wherever it changed, the widths of the looks add up to the time
that was watched. A look that comes some seconds early or late, or a little apart from its plan,
loses nothing; where looks are missing the time between is a hole, which no look stands for.

Considered and left: a grid (it loses what lies between its points, and all time where the collector is
slower than it), the interval as a setting (nobody knows that of somebody else's collector, and it changes),
and the plain time to the next look (a night without a collector would be a broadcast).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Minutes = NDArray[np.float64]

NEIGHBOURS = 4  # gaps on either side that say what is usual
ANOTHER, ANOTHER_MINUTES = 0.08, 1.0  # by how much a run of gaps is of another interval
RUN = 3  # gaps alike, one after the other, are an interval, whatever is usual around them
LONGEST_MINUTES = 60.0  # nothing tells what happened longer than that after a look
LONE_MINUTES = 5.0  # a look without neighbours: the interval of the published data
TOLERANCE, LARGEST_TOLERANCE_MINUTES = 0.4, 3.0  # of a width
LONGEST_TICK_MINUTES, PAUSE_OF_A_TICK = 1.0, 4  # pages of one tick; the pause in spans of them
HOLE = 1.75  # times the usual gap
# Intervals for which collectors are set up; another one is a whole number of minutes.
PLANNED = np.array([1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60], float)
LIKE_PLANNED = 0.12


def widths_of_looks(minutes: Minutes) -> Minutes:
    """For how many minutes each look stands, from the sorted, distinct times of a series in minutes.

    A gap like the usual one is taken as that, a shorter or a somewhat longer one as it is; before a hole a
    look stands for the usual gap, at most an hour. The usual gap is that of three or more gaps alike
    in a row, else what is usual among the nine around. Looks that come regularly and more than an hour
    apart stand for an hour each.

    >>> widths_of_looks(np.array([0, 5.2, 9.9, 15.0, 120.0, 125.1])).tolist()
    [5.0, 5.0, 5.0, 5.0, 5.0, 5.0]
    >>> widths_of_looks(np.array([0.0, 5, 10, 40, 70, 100])).tolist()
    [5.0, 5.0, 30.0, 30.0, 30.0, 30.0]
    """
    gaps = np.diff(minutes)
    usable = np.where(gaps <= LONGEST_MINUTES + LARGEST_TOLERANCE_MINUTES, gaps, np.nan)
    if np.isnan(usable).all():
        regular = len(gaps) >= RUN and gaps.max() < HOLE * gaps.min()
        return np.full(len(minutes), LONGEST_MINUTES if regular else LONE_MINUTES)
    usual = _before_holes(usable, _as_planned(_in_runs(usable, _around(usable))))
    like_it = np.abs(gaps - usual) <= tolerance_minutes(usual)
    widths = np.where(~like_it & (gaps < HOLE * usual), gaps, usual)
    return np.append(widths, usual[-1])


def widths_by_tick(minutes: Minutes) -> Minutes:
    """`widths_of_looks`, where several looks may be of one tick: its pages, or a file for each channel.

    Looks follow one another within a minute, and the pause behind them is four times as long: each of them
    stands for the time to the next tick, not to the next page.

    >>> widths_by_tick(np.array([0, 0.1, 5, 5.2, 10, 10.1])).tolist()
    [5.0, 5.0, 5.0, 5.0, 5.0, 5.0]
    """
    begins = np.ones(len(minutes), bool)
    close = np.append(np.diff(minutes) <= LONGEST_TICK_MINUTES, False)
    starts = np.flatnonzero(close & ~np.append(False, close[:-1]))
    ends = np.flatnonzero(~close & np.append(False, close[:-1]))
    for start, end in zip(starts, ends, strict=True):
        span = minutes[end] - minutes[start]
        pause = minutes[end + 1] - minutes[end] if end + 1 < len(minutes) else np.inf
        if span <= LONGEST_TICK_MINUTES and pause >= PAUSE_OF_A_TICK * span:
            begins[start + 1 : end + 1] = False
    widths: Minutes = widths_of_looks(minutes[begins])[np.cumsum(begins) - 1]
    return widths


def tolerance_minutes(width: Minutes) -> Minutes:
    """How far from its plan the next look may be without changing what one stands for."""
    tolerance: Minutes = np.minimum(TOLERANCE * width, LARGEST_TOLERANCE_MINUTES)
    return tolerance


def _around(gaps: Minutes) -> Minutes:
    """What is usual around each gap: the mean of those like the smaller ones of the nine.

    The smaller ones are told by means of two, for a look that is late makes one gap longer and the
    next one shorter; of few gaps the lower median is taken.
    """
    pairs = np.append((gaps[:-1] + gaps[1:]) / 2, np.nan)
    lower, counts = _ordered(pairs, lambda count: (count - 1) // 4)
    single, _ = _ordered(gaps, lambda count: (count - 1) // 2)
    rough = np.where(counts >= RUN, lower, single)
    rough = np.where(np.isnan(rough), np.nanmedian(gaps), rough)
    around, tolerance = _neighbours(gaps), TOLERANCE * rough[:, None]
    together = np.fmin(_neighbours(pairs), _neighbours(np.append(np.nan, pairs[:-1])))
    alike = np.abs(around - rough[:, None]) <= tolerance
    # A gap that is longer because its look was late counts with the shorter one beside it,
    # by their mean where the shorter one does not count itself.
    late = ~alike & (around > together) & (np.abs(together - rough[:, None]) <= tolerance)
    shorter_counts = np.abs(2 * together - around - rough[:, None]) <= tolerance
    counted = np.where(late & ~shorter_counts, together, around)
    number = (alike | late).sum(axis=1)
    total = np.where(alike | late, counted, 0).sum(axis=1)
    return np.where(number >= RUN, total / np.maximum(number, 1), rough)


def _neighbours(values: Minutes) -> Minutes:
    padded = np.pad(values, NEIGHBOURS, constant_values=np.nan)
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * NEIGHBOURS + 1)


def _ordered(
    values: Minutes, place: Callable[[NDArray[np.int64]], NDArray[np.int64]]
) -> tuple[Minutes, NDArray[np.int64]]:
    """The value at that place in the order of the neighbours of each, and how many these are."""
    around = _neighbours(values)
    counts = np.count_nonzero(~np.isnan(around), axis=1)
    ordered = np.sort(around, axis=1)  # what is no gap goes to the end
    return ordered[np.arange(len(values)), place(np.maximum(counts, 1))], counts


def _in_runs(gaps: Minutes, usual: Minutes) -> Minutes:
    """`usual`, and within runs of gaps alike that are clearly others the mean of the run."""
    changes = np.abs(np.diff(gaps)) > tolerance_minutes(np.minimum(gaps[:-1], gaps[1:]))
    changes |= np.isnan(gaps[:-1]) | np.isnan(gaps[1:])
    found = usual.copy()
    for run in np.split(np.arange(len(gaps)), np.flatnonzero(changes) + 1):
        mean = gaps[run].mean()
        other = np.abs(mean - usual[run]) > np.maximum(ANOTHER * usual[run], ANOTHER_MINUTES)
        if len(run) >= RUN:
            found[run[other]] = mean
    return found


def _before_holes(gaps: Minutes, usual: Minutes) -> Minutes:
    """`usual`, and where a gap is none at all, what was usual up to there."""
    latest = np.maximum.accumulate(np.where(np.isnan(gaps), -1, np.arange(len(gaps))))
    return np.where(latest >= 0, usual[latest], usual)


def _as_planned(usual: Minutes) -> Minutes:
    nearest = PLANNED[np.abs(PLANNED[None, :] - usual[:, None]).argmin(axis=1)]
    whole = np.where(usual >= 1, np.round(usual), usual)
    return np.where(np.abs(nearest - usual) <= LIKE_PLANNED * usual, nearest, whole)
