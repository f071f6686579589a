"""Measures over recordings, and their intervals."""

from __future__ import annotations

import math

import pytest
from twostream.evaluation.timeline_measures import (
    commonest_everywhere,
    measure_names,
    measure_timelines,
)
from twostream.timelines.average_precision import mean_average_precision
from twostream.timelines.intervals import Interval
from twostream.timelines.measures import Recording

TRUTH = [Interval(1, 3, "run"), Interval(4, 8, "jump")]


def recordings(count=6, wrong=2):
    """Some are found as they are, in the others nothing is."""
    return [
        Recording(name=str(k), truth=TRUTH, found=[] if k < wrong else TRUTH, duration_s=10, fps=10)
        for k in range(count)
    ]


def test_intervals_count_together_and_scores_of_recordings_are_averaged():
    told = measure_timelines(recordings(), resamples=200)
    assert told["frame_accuracy"] == pytest.approx((4 * 100 + 2 * 40) / 600)
    assert told["f1_50"] == pytest.approx(2 * 8 / (2 * 8 + 4))
    assert told["edit"] == pytest.approx(4 / 6)
    assert told["map_0.5"] == pytest.approx(4 / 6)
    assert told["map"] == pytest.approx(4 / 6)
    assert told["median_boundary_error_s"] == 0
    assert (told["recordings"], told["true_intervals"], told["found_intervals"]) == (6, 12, 8)
    assert told["seconds"] == 60


def test_every_measure_has_an_interval_that_holds_it():
    told = measure_timelines(recordings(), resamples=500)
    assert set(told["intervals"]) == set(measure_names())
    for name in measure_names():
        low, high = told["intervals"][name]
        assert 0 <= low < told[name] < high <= 1
    assert told == measure_timelines(recordings(), resamples=500)


def test_more_recordings_make_intervals_narrower():
    few, many = (
        measure_timelines(recordings(3 * k, k), resamples=500)["intervals"]["edit"] for k in (2, 20)
    )
    assert many[1] - many[0] < (few[1] - few[0]) / 2


def test_one_recording_tells_nothing_of_others():
    told = measure_timelines(recordings(1, 0))
    assert told["f1_50"] == 1
    assert told["intervals"] == {}


def test_without_true_intervals_there_is_no_average_precision():
    told = measure_timelines([Recording(name="a", truth=[], found=[], duration_s=5)])
    assert told["map"] is None
    assert told["median_boundary_error_s"] is None
    assert told["f1_50"] == told["frame_accuracy"] == 1


def test_the_commonest_class_everywhere_is_rarely_right():
    told = measure_timelines(commonest_everywhere(recordings(), "jump"))
    assert told["frame_accuracy"] == pytest.approx(0.4)
    assert told["f1_50"] == 0
    assert told["f1_25"] == pytest.approx(2 * 6 / (2 * 6 + 6))


def test_the_mean_is_that_of_the_single_measures():
    some = recordings()
    told = measure_timelines(some)
    at = mean_average_precision(some, overlap=0.3)[0]
    assert math.isclose(told["map_0.3"], at)
