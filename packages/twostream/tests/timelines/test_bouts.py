"""Bouts and agreement beside values worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twostream.timelines.agreement import NOTHING, by_bout, by_frame, of_same_subjects
from twostream.timelines.bouts import ALL, Bout, joined, measures, transitions

# Ann waves 2-5 and 8-9, walks 5-8; Bob waves 0-4. In the second video Ann waves 10-16.
BOUTS = [
    Bout("a", "ann", 2, 5, "wave"),
    Bout("a", "ann", 5, 8, "walk"),
    Bout("a", "ann", 8, 9, "wave"),
    Bout("a", "bob", 0, 4, "wave"),
    Bout("b", "ann", 10, 16, "wave"),
]
OBSERVED = {"a": 10.0, "b": 20.0, "c": 30.0}


def test_measures_by_hand():
    found = {(m.video, m.subject, m.label): m for m in measures(BOUTS, OBSERVED)}
    one = found["a", "ann", "wave"]
    assert (one.bouts, one.total_s, one.mean_s, one.latency_s) == (2, 4, 2, 2)
    assert (one.share, one.per_minute) == (0.4, 12)
    # Three videos of 10, 20 and 30 s; waves last 3 + 1 + 6 s, first after 2 and after 10 s.
    pooled = found[ALL, "ann", "wave"]
    assert (pooled.bouts, pooled.total_s, pooled.latency_s) == (3, 10, 6)
    assert pooled.mean_s == pytest.approx(10 / 3)
    assert pooled.share == pytest.approx(10 / 60)
    # Two people have been watched for a minute each.
    everybody = found[ALL, ALL, "wave"]
    assert (everybody.bouts, everybody.total_s, everybody.latency_s) == (4, 14, 4)
    assert everybody.share == pytest.approx(14 / 120)


def test_moments_are_bouts_without_length():
    (one,) = measures([Bout("a", "", 3, 3, "clap")], {"a": 10.0})
    assert (one.bouts, one.total_s, one.mean_s, one.latency_s) == (1, 0, None, 3)


def test_transitions_by_hand():
    assert transitions(BOUTS) == {("wave", "walk"): 1, ("walk", "wave"): 1}


def test_touching_and_overlapping_intervals_are_one_bout():
    some = [Bout("a", "", 0, 2, "x"), Bout("a", "", 1, 4, "x"), Bout("a", "", 4.0004, 5, "x")]
    assert joined([*some, Bout("a", "", 5, 6, "y")]) == [
        Bout("a", "", 0, 5, "x"),
        Bout("a", "", 5, 6, "y"),
    ]


def test_kappa_of_frames_by_hand():
    # Of 10 frames one says x for 0-5, the other for 0-4 and y for 4-6; nothing else.
    first = [Bout("a", "", 0, 5, "x")]
    second = [Bout("a", "", 0, 4, "x"), Bout("a", "", 4, 6, "y")]
    found = by_frame(first, second, {"a": 10.0}, fps=1)
    assert found.table == {
        ("x", "x"): 4,
        ("x", "y"): 1,
        (NOTHING, "y"): 1,
        (NOTHING, NOTHING): 4,
    }
    # Observed 0.8; by chance 0.5 * 0.4 + 0.5 * 0.4 = 0.4.
    assert found.observed == pytest.approx(0.8)
    assert found.kappa == pytest.approx((0.8 - 0.4) / (1 - 0.4))
    only = by_frame(first, second, {"a": 10.0}, fps=1, only="x")
    # 4 both, 1 the first alone, 5 neither: (0.9 - 0.5) / 0.5.
    assert only.kappa == pytest.approx(0.8)


def test_two_labels_at_once_are_a_class_of_their_own():
    both = [Bout("a", "", 0, 2, "x"), Bout("a", "", 1, 2, "y")]
    found = by_frame(both, both, {"a": 3.0}, fps=1)
    assert set(found.table) == {("x", "x"), ("x+y", "x+y"), (NOTHING, NOTHING)}
    assert found.kappa == 1


def test_videos_that_neither_labels_count_as_agreed():
    found = by_frame([Bout("a", "", 0, 1, "x")], [], {"a": 2.0, "b": 3.0}, fps=1)
    assert found.table == {("x", NOTHING): 1, (NOTHING, NOTHING): 4}


def test_kappa_of_bouts_by_hand():
    first = [Bout("a", "", 0, 4, "x"), Bout("a", "", 6, 8, "x"), Bout("a", "", 10, 12, "y")]
    second = [Bout("a", "", 1, 4, "x"), Bout("a", "", 6, 8, "y"), Bout("a", "", 14, 15, "y")]
    found = by_bout(first, second)
    assert found.table == {
        ("x", "x"): 1,
        ("x", "y"): 1,
        ("y", NOTHING): 1,
        (NOTHING, "y"): 1,
    }
    # Observed 1 of 4; by chance (2*1 + 1*2 + 1*1) / 16.
    assert found.kappa == pytest.approx((1 / 4 - 5 / 16) / (1 - 5 / 16))


def test_one_class_has_no_kappa():
    same = [Bout("a", "", 0, 4, "x")]
    assert by_bout(same, same).kappa is None
    assert by_frame(same, same, {"a": 4.0}, fps=5).kappa is None


intervals = st.lists(
    st.builds(
        lambda start, length, label: Bout("a", "", start, start + length, label),
        st.integers(0, 20),
        st.integers(1, 6),
        st.sampled_from("xyz"),
    ),
    max_size=8,
)


@given(intervals, intervals)
def test_agreement_is_symmetric_and_perfect_with_oneself(one, other):
    one, other = joined(one), joined(other)
    forth = by_frame(one, other, {"a": 30.0}, fps=2)
    back = by_frame(other, one, {"a": 30.0}, fps=2)
    assert forth.kappa == back.kappa
    assert forth.units == 60
    assert by_frame(one, one, {"a": 30.0}, fps=2).observed == 1
    assert by_bout(one, one).kappa in (1, None)
    assert by_bout(one, other).table.total() >= max(len(one), len(other))


def test_the_only_subject_of_a_video_is_the_one_that_nobody_names() -> None:
    """A person writes who it is, a network does not: that is no disagreement."""
    person = [Bout("a", "ann", 0, 2, "x"), Bout("b", "ann", 0, 2, "x"), Bout("b", "bob", 2, 4, "y")]
    network = [Bout("a", "", 0, 2, "x"), Bout("b", "", 0, 2, "x")]
    one, other, apart = of_same_subjects(person, network)
    assert [b.subject for b in one] == ["", "ann", "bob"]
    assert apart == ["b"]
    assert by_bout(one[:1], other[:1]).observed == 1
    back, forth, _ = of_same_subjects(network, person)
    assert (back, forth) == (other, one)
    # Who names some people leaves the others unnamed: these stay apart, as do two names.
    for others in (
        [Bout("a", "", 0, 2, "x"), Bout("a", "ann", 3, 4, "x")],
        [Bout("a", "bob", 0, 2, "x")],
    ):
        assert of_same_subjects(person[:1], others) == (person[:1], others, [])
