from __future__ import annotations

import numpy as np
import pytest
from twostream.timelines.bouts import Bout
from twostream.timelines.review import second_looks
from twostream.timelines.window_scores import WindowScores


def scores(fused, spatial=None, temporal=None, background=None):
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


SURE = [0.9, 0.05, 0.05]


def test_what_is_against_the_labels_comes_first_and_neighbours_are_one():
    found = second_looks(
        scores([SURE, SURE, [0.05, 0.9, 0.05], [0.02, 0.96, 0.02], [0.5, 0.5, 0]]),
        [Bout("a", "", 0, 5, "run")],
    )
    second, first = found
    assert (first.start_s, first.end_s) == (4, 5)
    assert (first.reason, first.doubt) == ("undecided", 1)
    assert (second.start_s, second.end_s, second.labelled, second.predicted) == (
        2,
        4,
        "run",
        "walk",
    )
    assert second.reason == "against the labels"
    assert second.doubt == pytest.approx(0.94)


def test_streams_that_are_sure_of_different_classes():
    (one,) = second_looks(
        scores([[0.55, 0.3, 0.15]], spatial=[[0.9, 0.1, 0]], temporal=[[0.2, 0.8, 0]]),
        [Bout("a", "", 0, 1, "run")],
    )
    assert one.reason == "streams disagree"
    assert one.doubt == pytest.approx(0.8)


def test_the_unlabelled_is_compared_with_the_background():
    labels = [Bout("a", "", 1, 2, "walk")]
    found = second_looks(scores([SURE, [0, 0.1, 0.9]], background="background"), labels)
    assert [(one.labelled, one.predicted) for one in found] == [
        ("(nothing)", "run"),
        ("walk", "(nothing)"),
    ]
    # A run without background knows nothing of what is unlabelled.
    assert second_looks(scores([SURE]), []) == []


def test_labels_that_the_network_does_not_know_are_a_persons():
    assert second_looks(scores([SURE]), [Bout("a", "", 0, 1, "juggle")]) == []


def test_at_most_so_many():
    found = second_looks(scores([[0.5, 0.5, 0], SURE] * 3), [Bout("a", "", 0, 6, "run")], most=2)
    assert len(found) == 2
