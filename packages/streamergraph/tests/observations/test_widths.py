from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamergraph.observations.widths import LONGEST_MINUTES, widths_of_looks

INTERVALS = st.sampled_from([5, 10, 15, 20, 30, 60])


# By a tenth of the interval, at most 55 s: more is told from another interval only mostly.
@given(INTERVALS, st.integers(4, 60), st.lists(st.floats(-1, 1), min_size=60, max_size=60))
def test_seconds_early_or_late_change_nothing(interval, count, parts):
    planned = interval * np.arange(count, dtype=float)
    seconds = min(55, 6 * interval) * np.array(parts[:count])
    found = widths_of_looks(planned + seconds / 60)
    assert round(found.sum()) == pytest.approx(interval * count, abs=1)


def test_a_late_look_makes_the_looks_around_it_no_shorter():
    seconds = np.array([0] * 28 + [26, 0, 0, -39, 55, 0])
    assert widths_of_looks(5 * np.arange(34) + seconds / 60).sum() == 5 * 34


@given(st.lists(st.tuples(INTERVALS, st.integers(4, 20)), min_size=1, max_size=4))
def test_intervals_that_follow_one_another_add_up(parts):
    times, now = [], 0
    for interval, count in parts:
        times += [now + interval * k for k in range(count)]
        now += interval * count
    assert widths_of_looks(np.array(times, float)).sum() == pytest.approx(now, abs=60)
    same = [interval for interval, _ in parts]
    if len(set(same)) == 1:
        assert widths_of_looks(np.array(times, float)).sum() == now


@given(INTERVALS, st.integers(6, 30), st.integers(6, 30), st.integers(2, 500))
def test_a_hole_is_a_hole(interval, before, after, missing):
    times = interval * np.concatenate(
        [np.arange(before), before + missing + np.arange(after)]
    ).astype(float)
    assert widths_of_looks(times).sum() == interval * (before + after)


def test_single_looks_that_are_missing_are_holes():
    times = np.array([m for m in range(0, 240, 5) if m not in (35, 100, 105)], float)
    assert set(widths_of_looks(times)) == {5.0}


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50, unique=True).map(sorted))
def test_no_look_stands_for_more_than_an_hour_nor_for_nothing(times):
    found = widths_of_looks(np.array(times))
    assert len(found) == len(times)
    assert (found > 0).all()
    assert (found <= LONGEST_MINUTES + 3).all()


def test_a_lone_look_stands_for_five_minutes():
    assert widths_of_looks(np.array([7.0])).tolist() == [5.0]
    assert widths_of_looks(np.array([7.0, 5000.0])).tolist() == [5.0, 5.0]


def test_looks_that_are_regular_and_far_apart_stand_for_an_hour():
    assert set(widths_of_looks(np.arange(0, 1200, 120.0))) == {60.0}
