"""mAP, F1 and thresholds of labels."""

import numpy as np
import pytest
from twostream.evaluation.choosing import HeldOut, choose_rule
from twostream.evaluation.chosen import chosen_scores
from twostream.evaluation.label_measures import (
    chance,
    label_accuracy,
    label_intervals,
    label_results,
)
from twostream.evaluation.label_thresholds import (
    choose_thresholds,
    highest_f1,
    read_label_thresholds,
    write_label_thresholds,
)
from twostream.evaluation.scores import ClipScores, load_scores, save_scores
from twostream.training.fusion_rule import FusionSpecification


def scores_of(values, truth):
    n = len(values)
    classes = tuple("abcdef"[: np.shape(values)[1]])
    return ClipScores(
        tuple(map(str, range(n))),
        classes,
        np.arange(n),
        np.float32(values),
        np.asarray(truth, bool),
    )


def noisy(seed=0, n=60, labels=3):
    rng = np.random.default_rng(seed)
    truth = rng.random((n, labels)) < 0.4
    values = np.clip(0.35 * truth + rng.uniform(0, 0.65, truth.shape), 0, 1)
    return scores_of(values, truth)


def test_f1_is_of_decisions_by_each_labels_threshold():
    scores = scores_of(
        [[0.9, 0.2], [0.6, 0.8], [0.3, 0.7], [0.8, 0.1]], [[1, 0], [1, 1], [0, 0], [0, 0]]
    )
    found = label_accuracy(scores, np.array([0.5, 0.75]))
    # a: said 3, right 2 of 2, F1 4/5; b: said 1, right 1 of 1, F1 1.
    assert found.f1_macro == pytest.approx(0.9)
    assert found.f1_micro == pytest.approx(2 * 3 / (4 + 3))
    # a ranks 0.9 right, 0.8 wrong, 0.6 right: 1/2 + 1/2 * 2/3; b is perfect.
    assert found.map == pytest.approx((0.5 + 1 / 3 + 1.0) / 2)


def test_labels_without_test_clips_do_not_count():
    scores = scores_of([[0.9, 0.8], [0.1, 0.7]], [[1, 0], [0, 0]])
    assert label_accuracy(scores, np.array([0.5, 0.5])).f1_macro == 1.0
    rows = label_results(scores, np.array([0.5, 0.5]), ["x", "y"])
    assert (rows[1].clips, rows[1].average_precision, rows[1].f1) == (0, None, None)


def test_intervals_hold_the_measures_and_come_again():
    scores = {"spatial": noisy()}
    levels = {"spatial": np.full(3, 0.5)}
    found = {"spatial": label_accuracy(scores["spatial"], levels["spatial"])}
    groups = [str(k // 5) for k in range(60)]
    one, other = (label_intervals(scores, levels, groups, found, resamples=200) for _ in range(2))
    assert one == other
    for measure, (low, high) in one["spatial"].items():
        assert 0 <= low <= getattr(found["spatial"], measure) <= high <= 1


def test_chance_is_what_constant_scores_reach():
    truth = noisy().truth
    assert label_accuracy(scores_of(np.full(truth.shape, 0.5), truth), np.ones(3)).map == (
        pytest.approx(chance(truth))
    )


def test_a_threshold_has_the_highest_f1_there_is():
    scores = noisy(seed=4)
    for values, right in zip(scores.values.T, scores.truth.T, strict=True):

        def f1(level, values=values, right=right):
            said = values >= level
            return 2 * (said & right).sum() / (said.sum() + right.sum())

        best = max(f1(level) for level in np.linspace(0, 1, 2001))
        assert f1(highest_f1(values, right)) == pytest.approx(best)


def test_thresholds_of_labels_that_nothing_shows_are_one_half_and_named(tmp_path):
    scores = noisy()
    truth = scores.truth.copy()
    truth[:, 2] = False
    found = choose_thresholds(
        {"spatial": scores.values}, truth, "abc", trainings={"spatial": "f"},
        chosen_on="validation", told="validation clips",
    )  # fmt: skip
    assert found.of("spatial", "abc")[2] == 0.5
    assert "none of them has c" in found.reason
    write_label_thresholds(tmp_path, found)
    assert read_label_thresholds(tmp_path, trainings={"spatial": "f"}) == found
    assert read_label_thresholds(tmp_path, trainings={"spatial": "another"}) is None


def test_scores_of_sets_are_kept_with_their_truth(tmp_path):
    scores = noisy()
    save_scores(tmp_path / "a.npz", {"spatial": scores})
    (again,) = load_scores(tmp_path / "a.npz").values()
    np.testing.assert_array_equal(again.truth, scores.truth)


@pytest.mark.parametrize("pool", ["average", "product"])
def test_labels_are_fused_each_by_itself(pool):
    one, other = noisy(1).values, noisy(2).values
    rule = FusionSpecification(pool=pool, temperature=1.5, multi_label=True)
    whole = chosen_scores(one, other, rule)
    for k in range(3):
        alone = chosen_scores(one[:, k : k + 1], other[:, k : k + 1], rule)
        np.testing.assert_allclose(whole[:, k : k + 1], alone, rtol=1e-6)
    assert not np.allclose(whole.sum(axis=1), 1)


def test_flow_gets_weight_where_it_tells_of_labels():
    rng = np.random.default_rng(0)
    truth = rng.random((80, 2)) < 0.5
    blind = np.full(truth.shape, 0.5, np.float32)
    seeing = np.where(truth, 0.9, 0.1).astype(np.float32)
    sources = tuple(str(k // 4) for k in range(80))
    held = HeldOut(blind, seeing, np.zeros(80, np.int64), sources, truth)
    choice = choose_rule(held, told="validation clips")
    assert choice.rule.multi_label
    assert choice.rule.temporal_weight > 0.5
    held = HeldOut(seeing, blind, np.zeros(80, np.int64), sources, truth)
    assert choose_rule(held, told="validation clips").rule.temporal_weight == 0
