"""How scores of windows become intervals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from twostream.errors import TwostreamError
from twostream.timelines.intervals import Interval, intervals_from
from twostream.timelines.options import TimelineOptions
from twostream.timelines.window_scores import WindowScores

PLAIN = TimelineOptions(on_above=0.5, off_below=0.5, shortest_s=0, smoothing_s=0, bridge_s=0)
FPS = 25.0


def video_with(truth: list[Interval], *, seconds: float, window_s: float, stride_s: float, **more):
    """What networks would say that see which share of a window is of which class."""
    names = sorted({one.label for one in truth} | {"background"})
    starts = np.arange(0, seconds - window_s + 1e-9, stride_s)
    windows = np.stack([starts, starts + window_s], axis=1)
    scores = np.zeros((len(windows), len(names)), np.float32)
    for one in truth:
        shared = np.minimum(windows[:, 1], one.end_s) - np.maximum(windows[:, 0], one.start_s)
        scores[:, names.index(one.label)] += np.clip(shared, 0, None) / window_s
    scores[:, names.index("background")] = 1 - scores.sum(axis=1)
    return WindowScores(
        class_names=names, windows_s=windows, fused=scores, background="background", fps=FPS, **more
    )


def as_rows(intervals):
    return [(round(one.start_s, 6), round(one.end_s, 6), one.label) for one in intervals]


@pytest.mark.parametrize(
    ("window_s", "stride_s"), [(1.0, 0.125), (1.0, 0.5), (0.5, 0.5), (0.4, 1.0)]
)
def test_boundaries_are_where_actions_begin_and_end_closer_than_windows_lie(window_s, stride_s):
    truth = [Interval(2.0, 5.2, "run"), Interval(8.4, 11.0, "jump"), Interval(14.0, 17.0, "run")]
    scores = video_with(truth, seconds=20, window_s=window_s, stride_s=stride_s)
    found = intervals_from(scores, PLAIN)
    assert [one.label for one in found] == ["run", "jump", "run"]
    allowed = 1 / FPS if window_s >= 2 * stride_s else stride_s / 2 + 1 / FPS
    for one, true in zip(found, truth, strict=True):
        assert one.start_s == pytest.approx(true.start_s, abs=allowed + 1e-6)
        assert one.end_s == pytest.approx(true.end_s, abs=allowed + 1e-6)


def one_class(*values: float, stride_s: float = 1.0, **more) -> WindowScores:
    starts = np.arange(len(values)) * stride_s
    return WindowScores(
        class_names=["run"],
        windows_s=np.stack([starts, starts + stride_s], axis=1),
        fused=np.float32(values)[:, None],
        fps=FPS,
        **more,
    )


def test_a_dip_above_the_lower_threshold_does_not_cut_an_interval():
    scores = one_class(0, 0.9, 0.9, 0.35, 0.9, 0.9, 0)
    wide = TimelineOptions(on_above=0.5, off_below=0.3, shortest_s=0, smoothing_s=0)
    assert len(intervals_from(scores, wide)) == 1
    assert len(intervals_from(scores, PLAIN)) == 2


def test_a_short_pause_does_not_cut_an_interval_and_a_long_one_does():
    scores = one_class(0, 0.9, 0.9, 0.1, 0.9, 0.9, 0, stride_s=0.5)
    for bridge_s, found in ((0, 2), (0.3, 2), (1.0, 1)):
        options = TimelineOptions(on_above=0.5, smoothing_s=0, bridge_s=bridge_s)
        assert len(intervals_from(scores, options)) == found
    names = ["run", "jump"]
    other = np.float32([0, 0, 0, 0.9, 0, 0, 0])[:, None]
    both = WindowScores(
        class_names=names,
        windows_s=scores.windows_s,
        fused=np.concatenate([scores.fused, other], axis=1),
        fps=FPS,
    )
    options = TimelineOptions(on_above=0.5, smoothing_s=0, shortest_s=0.3)
    assert [one.label for one in intervals_from(both, options)] == ["run", "jump", "run"]


def test_what_never_reaches_the_upper_threshold_is_none():
    wide = TimelineOptions(on_above=0.5, off_below=0.3, shortest_s=0, smoothing_s=0)
    assert intervals_from(one_class(0.45, 0.45, 0.45), wide) == []


def test_the_threshold_of_the_run_counts_where_the_options_have_none():
    scores = one_class(0.1, 0.4, 0.4, 0.1)
    assert intervals_from(scores) == []
    assert len(intervals_from(scores, threshold=0.3)) == 1
    assert intervals_from(scores, TimelineOptions(on_above=0.6), threshold=0.3) == []


def test_the_background_is_never_told():
    scores = video_with([Interval(4, 6, "run")], seconds=10, window_s=1, stride_s=0.25)
    assert {one.label for one in intervals_from(scores)} == {"run"}


def test_with_a_background_the_strongest_rival_decides_however_unsure_networks_are():
    starts = np.arange(9.0)
    run = np.float32([0.1, 0.2, 0.4, 0.4, 0.4, 0.4, 0.2, 0.1, 0.1])
    other = np.full(9, 0.3, np.float32)
    scores = WindowScores(
        class_names=["run", "jump", "none"],
        windows_s=np.stack([starts, starts + 1], axis=1),
        fused=np.stack([run, other / 3, other], axis=1),
        fps=FPS,
    )
    wide = TimelineOptions(smoothing_s=0, off_below=0.45)
    assert intervals_from(scores, wide) == []  # nobody said which class is the background
    (one,) = intervals_from(replace(scores, background="none"), wide)
    assert one.label == "run"
    assert (one.start_s, one.end_s) == (pytest.approx(2, abs=0.2), pytest.approx(6, abs=0.2))
    assert one.score == pytest.approx(0.39, abs=0.02)  # still a probability


def test_a_rival_that_never_leads_is_never_told():
    names = ["a", "b", "none"]
    starts = np.arange(6.0)
    values = np.tile(np.float32([0.5, 0.4, 0.1]), (6, 1))
    scores = WindowScores(
        class_names=names,
        windows_s=np.stack([starts, starts + 1], axis=1),
        fused=values,
        background="none",
    )
    assert as_rows(intervals_from(scores)) == [(0, 6, "a")]


def test_short_intervals_are_left_out_and_do_not_cut_those_around_them():
    names = ["jump", "run"]
    run = np.float32([0.1, 0.8, 0.8, 0.8, 0.4, 0.8, 0.8, 0.8, 0.1])
    jump = np.float32([0, 0, 0, 0, 0.6, 0, 0, 0, 0])
    starts = np.arange(9.0)
    scores = WindowScores(
        class_names=names,
        windows_s=np.stack([starts, starts + 1], axis=1),
        fused=np.stack([jump, run], axis=1),
    )
    kept = TimelineOptions(shortest_s=1.5, smoothing_s=0)
    assert [one.label for one in intervals_from(scores, kept)] == ["run"]
    assert [one.label for one in intervals_from(scores, PLAIN)] == ["run", "jump", "run"]


def test_a_cut_ends_an_interval_and_the_next_shot_does_not_smear_over_it():
    scores = one_class(0.9, 0.9, 0.9, 0.9, 0.9, 0.9, cuts_s=[3.0])
    assert as_rows(intervals_from(scores)) == [(0, 3, "run"), (3, 6, "run")]
    scores = one_class(0.9, 0.9, 0.9, 0.0, 0.0, 0.0, cuts_s=[3.0])
    smooth = TimelineOptions(smoothing_s=2.0)
    assert as_rows(intervals_from(scores, smooth)) == [(0, 3, "run")]


def test_where_windows_are_missing_there_is_no_label():
    scores = WindowScores(
        class_names=["run"],
        windows_s=np.float64([[0, 1], [1, 2], [5, 6], [6, 7]]),
        fused=np.full((4, 1), 0.9, np.float32),
    )
    assert as_rows(intervals_from(scores)) == [(0, 2, "run"), (5, 7, "run")]


def test_a_video_without_windows_has_no_intervals():
    scores = WindowScores(
        class_names=["run"], windows_s=np.empty((0, 2)), fused=np.empty((0, 1), np.float32)
    )
    assert intervals_from(scores) == []


def test_the_only_stream_decides_where_there_is_no_fusion():
    windows = np.float64([[0, 1], [1, 2]])
    high = np.full((2, 1), 0.9, np.float32)
    scores = WindowScores(class_names=["run"], windows_s=windows, temporal=high)
    assert scores.deciding == "temporal"
    assert len(intervals_from(scores)) == 1


def test_a_lower_threshold_above_the_upper_one_is_refused():
    with pytest.raises(TwostreamError, match=r"--off-below: expected at most 0\.4"):
        TimelineOptions(on_above=0.4, off_below=0.5)
    with pytest.raises(TwostreamError, match=r"--off-below: expected at most 0\.4"):
        intervals_from(one_class(0.9), TimelineOptions(off_below=0.5), threshold=0.4)


@settings(max_examples=30)
@given(
    arrays(np.float32, (30, 3), elements=st.floats(0, 1, width=32)),
    st.lists(st.floats(0, 16), max_size=3).map(sorted),
    st.floats(0, 2),
    st.floats(0, 2),
)
def test_intervals_are_in_order_do_not_overlap_cross_no_cut_and_are_long_enough(
    values, cuts, shortest_s, smoothing_s
):
    starts = np.arange(30) * 0.5
    scores = WindowScores(
        class_names=["a", "b", "c"],
        windows_s=np.stack([starts, starts + 1], axis=1),
        fused=values,
        cuts_s=cuts,
        background="c",
        fps=FPS,
    )
    options = TimelineOptions(shortest_s=shortest_s, smoothing_s=smoothing_s)
    found = intervals_from(scores, options)
    times = [time for one in found for time in (one.start_s, one.end_s)]
    assert times == sorted(times)
    for one in found:
        assert one.label != "c"
        assert one.duration_s >= shortest_s - 0.5 / FPS
        assert one.duration_s > 0
        assert 0 < one.score <= 1
        assert not any(one.start_s + 1 / FPS < cut < one.end_s - 1 / FPS for cut in cuts)
        assert one.start_s * FPS == pytest.approx(round(one.start_s * FPS))


def test_where_both_streams_must_agree_the_surer_one_does_not_outvote_the_other():
    windows = np.stack([np.arange(8), np.arange(1, 9)], axis=1).astype(float)
    sure, unsure = [0.02, 0.96, 0.02], [0.55, 0.05, 0.4]  # run, jump, background
    spatial = np.float32([unsure] * 8)
    temporal = np.float32([[0.05, 0.05, 0.9]] * 2 + [sure] * 4 + [[0.05, 0.05, 0.9]] * 2)
    spatial[2:6] = [0.21, 0.01, 0.78]
    scores = WindowScores(
        class_names=["run", "jump", "background"],
        windows_s=windows,
        spatial=spatial,
        temporal=temporal,
        fused=(spatial + temporal) / 2,
        background="background",
        fps=FPS,
    )
    options = TimelineOptions(smoothing_s=0)
    (averaged,) = intervals_from(scores, options)
    assert averaged.label == "jump"
    assert intervals_from(replace(scores, agreement=True), options) == []
    alone = replace(scores, spatial=None, agreement=True)  # there is nobody to agree with
    assert len(intervals_from(alone, options)) == 1


def test_the_shortest_interval_is_the_one_asked_for_else_that_of_the_run():
    assert TimelineOptions(shortest_s=2).shortest(of_run=0.9) == 2
    assert TimelineOptions().shortest(of_run=0.9) == 0.9
    assert TimelineOptions().shortest() == 0.5
