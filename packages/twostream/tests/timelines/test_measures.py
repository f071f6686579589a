"""Measures of timelines: values by hand, and slow references that follow the definitions."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twostream.timelines.average_precision import mean_average_precision
from twostream.timelines.intervals import Interval
from twostream.timelines.measures import (
    Recording,
    boundary_errors,
    edit_score,
    frames_right,
    segmental_hits,
)

TRUTH = [Interval(1, 3, "run"), Interval(4, 8, "jump"), Interval(9, 10, "run")]


def recording(found, truth=TRUTH, *, duration_s=12.0, fps=10.0):
    return Recording(name="a", truth=truth, found=found, duration_s=duration_s, fps=fps)


def test_the_truth_itself_is_perfect():
    assert frames_right(recording(TRUTH)) == (120, 120)
    assert segmental_hits(TRUTH, TRUTH, overlap=0.5).f1 == 1
    assert edit_score(TRUTH, TRUTH) == 1
    assert mean_average_precision([recording(TRUTH)], overlap=0.7).tolist() == [1]
    assert boundary_errors(TRUTH, TRUTH) == [0] * 6


def test_nothing_found_is_right_only_where_there_is_nothing():
    assert frames_right(recording([])) == (50, 120)
    assert segmental_hits([], TRUTH, overlap=0.1).f1 == 0
    assert edit_score([], TRUTH) == 0
    assert mean_average_precision([recording([])], overlap=0.3).tolist() == [0]
    assert segmental_hits([], [], overlap=0.1).f1 == 1
    assert edit_score([], []) == 1
    assert np.isnan(mean_average_precision([recording([], [])], overlap=0.3)).all()


def test_values_by_hand():
    found = [
        Interval(1, 2, "run", 0.9),  # half of the true one: tIoU 0.5
        Interval(4, 7, "jump", 0.8),  # 3 of 4
        Interval(7, 8, "run", 0.7),  # wrong
        Interval(8.5, 10, "run", 0.6),  # 1 of 1.5
    ]
    # Wrong frames: 2-3 (none found), 7-8 (run instead of jump), 8.5-9 (run instead of nothing).
    assert frames_right(recording(found)) == (120 - 10 - 10 - 5, 120)
    assert [segmental_hits(found, TRUTH, overlap=o).right for o in (0.1, 0.5, 0.51, 0.7)] == [
        3,
        3,
        2,
        1,
    ]
    assert segmental_hits(found, TRUTH, overlap=0.5).f1 == pytest.approx(2 * 3 / (4 + 3))
    # run jump run run against run jump run: one deletion of four.
    assert edit_score(found, TRUTH) == 0.75
    assert boundary_errors(found, TRUTH) == [0, 1, 0, 1, 0.5, 0]
    # run: right at ranks 1 and 3 of 3, two true ones: (1 + 2/3) / 2; jump: 1.
    at_half = mean_average_precision([recording(found)], overlap=0.5)
    assert at_half.tolist() == [pytest.approx((5 / 6 + 1) / 2)]
    # At 0.7 only the jump is right.
    assert mean_average_precision([recording(found)], overlap=0.7).tolist() == [0.5]


def test_an_interval_cut_in_two_is_right_once():
    halves = [Interval(4, 6, "jump", 0.9), Interval(6, 8, "jump", 0.9)]
    hits = segmental_hits(halves, TRUTH[1:2], overlap=0.5)
    assert (hits.right, hits.wrong, hits.missed) == (1, 1, 0)


def test_true_intervals_of_one_recording_are_not_found_in_another():
    first = recording([Interval(1, 3, "run", 0.9)], [])
    second = recording([], [Interval(1, 3, "run")])
    assert mean_average_precision([first, second], overlap=0.3).tolist() == [0]


def test_of_equal_scores_none_comes_first():
    right = recording([Interval(1, 3, "run", 0.5)], TRUTH[:1])
    wrong = recording([Interval(5, 6, "run", 0.5)], [])
    for some in ([right, wrong], [wrong, right]):
        assert mean_average_precision(some, overlap=0.5).tolist() == [0.5]


labels = st.sampled_from(["a", "b", "c"])


@st.composite
def timelines(draw, most=4):
    """Intervals on whole tenths of seconds that do not overlap."""
    times = sorted(draw(st.sets(st.integers(0, 60), max_size=2 * most)))
    pairs = zip(times[::2], times[1::2], strict=False)
    scores = iter(draw(st.permutations([k / 16 for k in range(1, 16)])))
    return [Interval(s / 10, e / 10, draw(labels), next(scores)) for s, e in pairs]


@settings(max_examples=40)
@given(timelines(), timelines())
def test_frames_are_counted_one_by_one(found, truth):
    def label_at(time, intervals):
        inside = (one.label for one in intervals if one.start_s <= time < one.end_s)
        return next(inside, None)

    middles = [(k + 0.5) / 10 for k in range(60)]
    right = sum(label_at(t, found) == label_at(t, truth) for t in middles)
    assert frames_right(recording(found, truth, duration_s=6.0)) == (right, 60)


@settings(max_examples=40)
@given(timelines(4), timelines(4))
def test_the_edit_score_is_the_shortest_way_between_the_labels(found, truth):
    first, second = [one.label for one in found], [one.label for one in truth]
    # Keep some pairs in order, replace those that differ, insert and delete the rest.
    best = max(len(first), len(second))
    for kept in range(min(len(first), len(second)) + 1):
        for ours in itertools.combinations(first, kept):
            for theirs in itertools.combinations(second, kept):
                replaced = sum(a != b for a, b in zip(ours, theirs, strict=True))
                best = min(best, replaced + len(first) + len(second) - 2 * kept)
    expected = 1 - best / max(len(first), len(second), 1)
    assert edit_score(found, truth) == pytest.approx(expected)


@settings(max_examples=40)
@given(timelines(), timelines(), st.sampled_from([0.1, 0.25, 0.5]))
def test_segmental_hits_as_the_definition_says(found, truth, overlap):
    def frames(one):
        return set(range(round(one.start_s * 10), round(one.end_s * 10)))

    taken: list[Interval] = []
    for one in found:
        same = [true for true in truth if true.label == one.label]
        shares = [len(frames(one) & frames(t)) / len(frames(one) | frames(t)) for t in same]
        if shares and max(shares) >= overlap and same[shares.index(max(shares))] not in taken:
            taken.append(same[shares.index(max(shares))])
    assert segmental_hits(found, truth, overlap=overlap).right == len(taken)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(timelines(3), timelines(3)), min_size=1, max_size=3),
    st.lists(st.integers(0, 2), min_size=3, max_size=3),
)
def test_mean_average_precision_of_recordings_that_count_several_times(pairs, counts):
    recordings = [
        Recording(name=str(k), truth=truth, found=found, duration_s=6)
        for k, (found, truth) in enumerate(pairs)
    ]
    counts = counts[: len(recordings)]
    repeated = [one for one, count in zip(recordings, counts, strict=True) for _ in range(count)]
    weighted = mean_average_precision(recordings, overlap=0.5, weights=np.float64([counts]))
    assert weighted == pytest.approx(_reference(repeated, 0.5), nan_ok=True)


def _reference(recordings, overlap):
    """mAP from the precision at every threshold of the score."""
    areas = []
    for label in {one.label for each in recordings for one in each.truth}:
        scores = sorted({o.score for each in recordings for o in each.found if o.label == label})
        points = []
        for threshold in scores:
            right = wrong = true = 0
            for each in recordings:
                truth = [one for one in each.truth if one.label == label]
                true += len(truth)
                free = list(truth)
                for one in sorted(each.found, key=lambda one: -one.score):
                    if one.label != label or one.score < threshold:
                        continue
                    shares = [_share(one, other) for other in free]
                    if shares and max(shares) >= overlap - 1e-9:
                        free.pop(shares.index(max(shares)))
                        right += 1
                    else:
                        wrong += 1
            points.append((right / true, right / (right + wrong)))
        recalls = sorted({recall for recall, _ in points})
        area, before = 0.0, 0.0
        for recall in recalls:
            area += (recall - before) * max(p for r, p in points if r >= recall)
            before = recall
        areas.append(area)
    return [np.mean(areas)] if areas else [float("nan")]


def _share(one, other):
    shared = max(0, min(one.end_s, other.end_s) - max(one.start_s, other.start_s))
    hull = max(one.end_s, other.end_s) - min(one.start_s, other.start_s)
    return shared / hull
