"""Intervals over source groups: what they hold, what they cannot know, how often they are right."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twostream.evaluation.bootstrap import MEASURES, Part, expanded_tail, resample
from twostream.evaluation.metrics import accuracy


def scores_of(labels: np.ndarray, right: np.ndarray, classes: int) -> np.ndarray:
    """Scores (n, C) whose first class is the label where `right`, else the next class."""
    values = np.full((len(labels), classes), 0.1 / classes, np.float32)
    rows = np.arange(len(labels))
    values[rows, labels] = 0.4
    values[rows, (labels + 1) % classes] = np.where(right, 0.2, 0.6)
    return values


def random_part(seed: int, clips: int, classes: int, groups: int) -> Part:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, clips)
    return Part(
        scores={
            name: rng.dirichlet(np.ones(classes), clips).astype(np.float32)
            for name in ("spatial", "temporal")
        },
        labels=labels,
        groups=[f"g{number}" for number in rng.integers(0, groups, clips)],
    )


SIZES = (st.integers(0, 2**31), st.integers(1, 60), st.integers(2, 12), st.integers(1, 30))


@given(*SIZES)
def test_intervals_hold_the_accuracy_and_stay_fractions(
    seed: int, clips: int, classes: int, groups: int
) -> None:
    part = random_part(seed, clips, classes, groups)
    found = resample([part], resamples=100)
    for stream, scores in part.scores.items():
        assert found.found[stream] == accuracy(scores, part.labels)
        for measure in MEASURES:
            low, high = found.interval(stream, measure)
            value = getattr(found.found[stream], measure)
            assert 0 <= low <= value + 1e-9
            assert value - 1e-9 <= high <= 1
    difference = found.difference("spatial", "temporal")
    assert -1 <= difference.low <= difference.difference + 1e-9
    assert difference.difference - 1e-9 <= difference.high <= 1
    mirrored = found.difference("temporal", "spatial")
    assert mirrored.difference == pytest.approx(-difference.difference)
    assert mirrored.low == pytest.approx(-difference.high)


@given(*SIZES)
def test_the_order_of_clips_and_the_names_of_groups_do_not_matter(
    seed: int, clips: int, classes: int, groups: int
) -> None:
    part = random_part(seed, clips, classes, groups)
    order = np.random.default_rng(seed).permutation(clips)
    shuffled = Part(
        scores={name: values[order] for name, values in part.scores.items()},
        labels=part.labels[order],
        groups=[f"video {part.groups[i]}" for i in order],
    )
    one, other = (resample([p], resamples=50) for p in (part, shuffled))
    for stream in part.scores:
        np.testing.assert_allclose(one.draws[stream], other.draws[stream], atol=1e-6)


def test_every_draw_is_what_counting_its_clips_gives() -> None:
    part = random_part(3, 40, 7, 9)
    found = resample([part], resamples=20, seed=5)
    names = sorted(set(part.groups))
    random = np.random.default_rng(5)
    for row, chosen in enumerate(random.integers(0, len(names), (20, len(names)))):
        clips = [i for k in chosen for i, g in enumerate(part.groups) if g == names[k]]
        values = accuracy(part.scores["spatial"][clips], part.labels[clips])
        expected = [values.top1, values.top5, values.mean_class]
        np.testing.assert_allclose(found.draws["spatial"][row], expected, atol=1e-6)


def test_a_seed_gives_the_same_interval_and_another_seed_a_similar_one() -> None:
    part = random_part(0, 300, 10, 60)
    one, same, other = (resample([part], seed=seed).intervals("spatial") for seed in (1, 1, 2))
    assert one == same
    assert one != other
    np.testing.assert_allclose(one["top1"], other["top1"], atol=0.02)


def test_memory_is_bounded_without_changing_the_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    part = random_part(0, 100, 5, 20)
    whole = resample([part], resamples=64)
    monkeypatch.setattr("twostream.evaluation.bootstrap.DRAWN_AT_ONCE", 7 * 20)
    np.testing.assert_allclose(
        resample([part], resamples=64).draws["spatial"], whole.draws["spatial"]
    )


@pytest.mark.parametrize("groups", [1, 3, 20])
def test_all_right_and_all_wrong_are_not_certain(groups: int) -> None:
    labels = np.arange(groups) % 6
    names = [str(k) for k in range(groups)]
    certain = {
        "good": scores_of(labels, np.ones(groups, bool), 6),
        "bad": scores_of(labels, np.zeros(groups, bool), 6),
    }
    found = resample([Part(scores=certain, labels=labels, groups=names)])
    # The exact binomial interval of as many independent videos.
    assert found.interval("good", "top1") == pytest.approx((0.025 ** (1 / groups), 1))
    assert found.interval("bad", "top1") == pytest.approx((0, 1 - 0.025 ** (1 / groups)))
    assert found.difference("good", "good").low == pytest.approx(0.025 ** (1 / groups) - 1)
    assert found.difference("good", "bad").share_not_above == 0
    assert found.difference("good", "good").share_not_above == 1


def test_a_single_group_tells_almost_nothing() -> None:
    labels = np.zeros(10, np.int64)
    right = np.arange(10) < 7
    part = Part(scores={"spatial": scores_of(labels, right, 6)}, labels=labels, groups=["a"] * 10)
    low, high = resample([part]).interval("spatial", "top1")
    assert low < 0.05
    assert high > 0.95


def test_top5_of_five_classes_is_certain() -> None:
    part = random_part(0, 30, 5, 10)
    found = resample([part])
    assert found.interval("spatial", "top5") == (1.0, 1.0)
    assert found.difference("spatial", "temporal", "top5").high == 0.0


def test_clips_of_one_video_widen_the_interval() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(30) % 6, 5)
    right = np.repeat(rng.random(30) < 0.5, 5)  # all clips of a video are alike
    scores = {"spatial": scores_of(labels, right, 6)}
    widths = []
    for groups in (np.repeat(np.arange(30), 5), np.arange(150)):
        part = Part(scores=scores, labels=labels, groups=[str(g) for g in groups])
        low, high = resample([part]).interval("spatial", "top1")
        widths.append(high - low)
    assert widths[0] > 1.8 * widths[1]


def test_a_paired_difference_is_narrower_than_an_unpaired_one() -> None:
    rng = np.random.default_rng(1)
    labels = np.arange(200) % 10
    base = rng.random(200) < 0.5
    better = base | (rng.random(200) < 0.1)
    part = Part(
        scores={"one": scores_of(labels, better, 10), "two": scores_of(labels, base, 10)},
        labels=labels,
        groups=[str(k) for k in range(200)],
    )
    found = resample([part])
    difference = found.difference("one", "two")
    assert difference.low > 0
    assert difference.share_not_above < 0.01
    low, high = found.interval("one", "top1")
    assert difference.high - difference.low < (high - low) / 1.5


@pytest.mark.parametrize("groups", [6, 15, 60])
def test_intervals_hold_the_truth_about_as_often_as_they_say(groups: int) -> None:
    """Videos differ in difficulty (beta(2, 1.5)), three clips each; 200 simulated test parts."""
    labels = np.repeat(np.arange(groups) % 6, 3)
    names = [str(k) for k in np.repeat(np.arange(groups), 3)]
    hit = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        chance = np.repeat(rng.beta(2, 1.5, groups), 3)
        scores = scores_of(labels, rng.random(3 * groups) < chance, 6)
        part = Part(scores={"spatial": scores}, labels=labels, groups=names)
        low, high = resample([part], resamples=400, seed=seed).interval("spatial", "top1")
        hit += low <= 2 / 3.5 <= high
    assert 0.89 <= hit / 200 <= 0.99


def test_percentiles_move_outwards_for_few_groups() -> None:
    tails = [expanded_tail(groups) for groups in (1, 2, 5, 20, 100, 10_000)]
    assert tails == sorted(tails)
    assert tails[-1] == pytest.approx(0.025, rel=1e-3)


def test_splits_are_averaged_and_share_their_videos() -> None:
    one, two = random_part(0, 80, 6, 20), random_part(1, 50, 6, 20)
    both = resample([one, two])
    separate = [resample([part]) for part in (one, two)]
    mean = np.mean([part.found["spatial"].top1 for part in separate])
    assert both.found["spatial"].top1 == pytest.approx(mean)
    assert both.groups == 20
    # The same clips twice are no more evidence than once.
    twice = resample([one, one], seed=3)
    np.testing.assert_allclose(twice.draws["spatial"], resample([one], seed=3).draws["spatial"])
