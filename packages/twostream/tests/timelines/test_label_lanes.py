"""Timelines of labels that hold by themselves."""

import numpy as np
import pytest
from twostream.prediction.going_on import GoingOn
from twostream.prediction.timeline import Collected
from twostream.prediction.windows import WindowBatch
from twostream.timelines.bouts import Bout
from twostream.timelines.intervals import intervals_from
from twostream.timelines.options import TimelineOptions
from twostream.timelines.review import AGAINST, second_looks
from twostream.timelines.window_scores import WindowScores

OPTIONS = TimelineOptions(smoothing_s=0, bridge_s=0, shortest_s=0.3)


def windows(values, *, step=0.5):
    times = np.arange(len(values)) * step
    return WindowScores(
        class_names=("walk", "wave"),
        windows_s=np.stack([times, times + step], axis=1),
        fused=np.float32(values),
        fps=20,
        multi_label=True,
    )


# Walk from 1 to 4 s, wave from 2 to 6 s.
BOTH = [[0.9 * (2 <= k < 8), 0.9 * (4 <= k < 12)] for k in range(16)]


def test_intervals_of_different_labels_overlap():
    found = intervals_from(windows(BOTH), OPTIONS, thresholds=(0.5, 0.5))
    assert [one.label for one in found] == ["walk", "wave"]
    assert [one.start_s for one in found] == pytest.approx([1, 2], abs=0.15)
    assert [one.end_s for one in found] == pytest.approx([4, 6], abs=0.15)


def test_each_label_has_its_own_threshold():
    scores = windows([[0.3, 0.3]] * 8)
    assert [i.label for i in intervals_from(scores, OPTIONS, thresholds=(0.2, 0.6))] == ["walk"]
    assert not intervals_from(scores, OPTIONS)  # one half where none is known


def test_a_threshold_that_is_asked_for_is_that_of_all():
    asked = TimelineOptions(smoothing_s=0, shortest_s=0.3, on_above=0.25)
    scores = windows([[0.3, 0.3]] * 8)
    assert len(intervals_from(scores, asked, thresholds=(0.9, 0.9))) == 2


def test_live_intervals_that_overlap_are_each_told_once_and_whole():
    scores = windows(BOTH + [[0.0, 0.0]] * 10)
    going_on = GoingOn(
        lambda some: intervals_from(some, OPTIONS, thresholds=(0.5, 0.5)),
        lambda collected: collected.windows(
            ("walk", "wave"), streams=["fused"], fps=20, multi_label=True
        ),
        settling_s=1.0,
        overlapping=True,
    )
    collected, told = Collected(), []
    for k in range(len(scores.windows_s)):
        part = slice(k, k + 1)
        collected.add(WindowBatch(scores.windows_s[part], {"fused": scores.fused[part]}))
        told += going_on.look(collected)
    assert told == intervals_from(scores, OPTIONS, thresholds=(0.5, 0.5))
    assert len(going_on.all(collected)) == 2


def test_a_label_that_a_person_missed_is_worth_a_second_look():
    labels = [Bout("a", "", 1.0, 4.0, "walk")]
    found = intervals_from(windows(BOTH), OPTIONS, thresholds=(0.5, 0.5))
    looks = second_looks(windows(BOTH), found, labels, thresholds=(0.5, 0.5))
    first = looks[0]
    assert (first.reason, first.labelled, first.predicted) == (AGAINST, "walk", "walk+wave")
    assert 1.9 < first.start_s < 2.3
