"""Which moments are explained."""

from __future__ import annotations

import numpy as np
from twostream.explanation.moments import MOST, Moment, moments_along, moments_of
from twostream.timelines.intervals import Interval
from twostream.timelines.window_scores import WindowScores


def windows(run: list[float]) -> WindowScores:
    times = np.stack([np.arange(len(run)), np.arange(1, len(run) + 1)], axis=1).astype(float)
    scores = np.stack([np.float32(run), 1 - np.float32(run)], axis=1)
    return WindowScores(class_names=["run", "jump"], windows_s=times, fused=scores)


def test_each_interval_has_the_moment_that_says_its_class_most_clearly() -> None:
    scores = windows([0.6, 0.9, 0.7, 0.1, 0.2, 0.8])
    intervals = (Interval(0, 3, "run"), Interval(3, 5, "jump"))
    assert moments_of(scores, intervals) == [Moment(1, "run"), Moment(3, "jump")]
    assert moments_of(scores, intervals, label="jump") == [Moment(0, "jump"), Moment(3, "jump")]


def test_without_intervals_it_is_the_surest_moment() -> None:
    scores = windows([0.6, 0.3, 0.05, 0.8])
    assert moments_of(scores, ()) == [Moment(2, "jump")]
    assert moments_of(scores, (), label="run") == [Moment(3, "run")]


def test_of_many_intervals_the_best_are_explained() -> None:
    scores = windows([0.9] * 40)
    intervals = tuple(Interval(k, k + 1, "run", score=k / 40) for k in range(40))
    found = moments_of(scores, intervals)
    assert [one.window for one in found] == list(range(40 - MOST, 40))


def test_along_intervals_windows_are_so_far_apart_and_ask_each_for_its_class() -> None:
    scores = windows([0.6] * 8)
    intervals = (Interval(4, 6.4, "jump"), Interval(0, 4, "run"))
    found = moments_along(scores, intervals, every_s=2)
    assert found == [Moment(0, "run"), Moment(2, "run"), Moment(4, "jump")]
    found = moments_along(scores, (), label="run", every_s=3)
    assert found == [Moment(0, "run"), Moment(3, "run"), Moment(6, "run")]
    assert moments_along(scores, (), every_s=1) == []
