from __future__ import annotations

import numpy as np
import pytest
from twostream.timelines.bouts import Bout
from twostream.timelines.intervals import Interval
from twostream.timelines.review import second_looks
from twostream.timelines.window_scores import WindowScores


def scores(fused, spatial=None, temporal=None, background=None):
    """Windows of a second each; without a background the best class is what the network says."""
    fused = np.float32(fused)
    windows = np.stack([np.arange(len(fused)), np.arange(len(fused)) + 1], axis=1)
    streams = {
        name: None if values is None else np.float32(values)
        for name, values in (("spatial", spatial), ("temporal", temporal))
    }
    names = ["run", "walk", background or "sit"]
    return WindowScores(
        class_names=names, windows_s=windows, fused=fused, background=background, fps=1, **streams
    )


RUN, WALK, NONE = [0.9, 0.05, 0.05], [0.05, 0.9, 0.05], [0.05, 0.05, 0.9]


def test_what_is_against_the_labels_comes_first_and_neighbours_are_one():
    found = second_looks(
        scores([RUN, RUN, WALK, [0.1, 0.6, 0.3], [0.5, 0.5, 0]]), [], [Bout("a", "", 0, 5, "run")]
    )
    first, second = found
    assert (first.start_s, first.end_s, first.labelled, first.predicted) == (2, 4, "run", "walk")
    assert first.reason == "against the labels"
    # How likely the network's class is beside the label's, the mean of both windows.
    assert first.doubt == pytest.approx((0.9 / 0.95 + 0.6 / 0.7) / 2)
    assert (second.start_s, second.end_s) == (4, 5)
    assert (second.reason, second.doubt) == ("undecided", 1)


def test_streams_that_are_sure_of_different_classes():
    (one,) = second_looks(
        scores([[0.55, 0.3, 0.15]], spatial=[[0.9, 0.1, 0]], temporal=[[0.2, 0.8, 0]]),
        [],
        [Bout("a", "", 0, 1, "run")],
    )
    assert one.reason == "streams disagree"
    assert one.doubt == pytest.approx(0.8)


def test_the_timeline_is_compared_with_the_labels_and_not_single_windows():
    labels = [Bout("a", "", 1, 5, "run")]
    windows = scores([NONE, RUN, RUN, WALK, RUN, NONE], background="background")
    assert second_looks(windows, [Interval(1, 5, "run")], labels) == []
    windows = scores([NONE, RUN, RUN, NONE, NONE, NONE], background="background")
    (late,) = second_looks(windows, [Interval(1, 3, "run")], labels)
    assert (late.start_s, late.end_s, late.labelled, late.predicted) == (3, 5, "run", "(nothing)")


def test_a_label_that_the_network_finds_likelier_than_its_own_timeline_is_left_alone():
    windows = scores([RUN, RUN], background="background")
    assert second_looks(windows, [], [Bout("a", "", 0, 2, "run")]) == []


def test_long_stretches_come_before_short_ones_since_the_moment_around_them_is_watched_too():
    windows = scores([NONE, WALK, NONE, NONE, *[[0.3, 0.1, 0.6]] * 4], background="background")
    labels = [Bout("a", "", 1, 2, "run"), Bout("a", "", 4, 8, "run")]
    long, short = second_looks(windows, [Interval(1, 2, "walk")], labels)
    assert (short.start_s, short.end_s) == (1, 2)
    assert short.doubt > long.doubt
    assert long.worth > short.worth


def test_the_unlabelled_is_compared_with_the_background():
    labels = [Bout("a", "", 1, 2, "walk")]
    windows = scores([RUN, [0, 0.1, 0.9]], background="background")
    found = second_looks(windows, [Interval(0, 1, "run")], labels)
    assert [(one.labelled, one.predicted) for one in found] == [
        ("(nothing)", "run"),
        ("walk", "(nothing)"),
    ]
    # A run without background knows nothing of what is unlabelled.
    assert second_looks(scores([RUN]), [Interval(0, 1, "run")], []) == []


def test_labels_that_the_network_does_not_know_are_a_persons():
    assert second_looks(scores([RUN]), [], [Bout("a", "", 0, 1, "juggle")]) == []


def test_a_video_without_windows_has_nothing_to_look_at():
    assert second_looks(scores(np.zeros((0, 3))), [], []) == []
