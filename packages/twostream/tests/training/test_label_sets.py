"""Heads, losses and measures of several labels at once."""

import keras
import numpy as np
import pytest
from twostream.training.label_logistic import fit_label_logistic, label_probabilities
from twostream.training.label_sets import (
    average_precisions,
    binary_cross_entropy,
    label_weights,
    set_targets,
)
from twostream.training.loss import SegmentBinaryCrossEntropy
from twostream.training.measures import clip_measures


def by_ranks(scores, right):
    """Average precision from its definition: precision at each threshold times the step in recall."""
    area = recall = 0.0
    for threshold in sorted(set(scores), reverse=True):
        said = scores >= threshold
        hits = (said & right).sum()
        area += (hits / right.sum() - recall) * hits / said.sum()
        recall = hits / right.sum()
    return area


@pytest.mark.parametrize("seed", range(5))
def test_average_precision_is_its_definition_with_ties_too(seed):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 8, (30, 3)).astype(np.float32) / 8
    truth = rng.random((30, 3)) < 0.3
    truth[0] = True
    expected = [by_ranks(scores[:, k], truth[:, k]) for k in range(3)]
    assert average_precisions(scores, truth) == pytest.approx(expected)


def test_a_label_that_no_clip_has_has_no_average_precision():
    assert average_precisions(np.ones((2, 1)), np.zeros((2, 1), bool)) == [None]


def test_each_label_is_a_regression_of_its_own():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 5)).astype(np.float32)
    truth = np.stack([x[:, 0] > 0, x[:, 1] + x[:, 2] > 0.5, x[:, 3] > 1], axis=1)
    kernel, bias = fit_label_logistic(x, truth, penalty=0.01, tolerance=1e-8)
    for k in range(3):
        alone, of_alone = fit_label_logistic(x, truth[:, k : k + 1], penalty=0.01, tolerance=1e-8)
        assert kernel[:, k] == pytest.approx(alone[:, 0], abs=2e-3)
        assert bias[k] == pytest.approx(of_alone[0], abs=2e-3)
    assert average_precisions(label_probabilities(x, kernel, bias), truth) > [0.9] * 3


def test_more_dimensions_than_samples_change_nothing():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(12, 30)).astype(np.float32)
    truth = rng.random((12, 2)) < 0.5
    kernel, bias = fit_label_logistic(x, truth, penalty=0.05, tolerance=1e-8)
    wide = np.concatenate([x, np.zeros((12, 3), np.float32)], axis=1)
    more, of_more = fit_label_logistic(wide, truth, penalty=0.05, tolerance=1e-8)
    assert more[:30] == pytest.approx(kernel, abs=1e-3)
    assert of_more == pytest.approx(bias, abs=1e-3)


def test_a_label_that_nothing_has_stays_finite_and_unlikely():
    x = np.random.default_rng(2).normal(size=(20, 4)).astype(np.float32)
    kernel, bias = fit_label_logistic(x, np.zeros((20, 1), bool), penalty=0.01)
    found = label_probabilities(x, kernel, bias)
    assert np.isfinite(found).all()
    assert found.max() < 0.05


def test_the_loss_is_the_binary_cross_entropy_of_the_mean_log_odds():
    rng = np.random.default_rng(3)
    p = rng.uniform(0.05, 0.95, (4, 3)).astype(np.float32)
    truth = np.array([[1, 0, 1], [0, 0, 1]], np.float32)
    odds = np.log(p / (1 - p)).reshape(2, 2, 3).mean(axis=1)
    together = 1 / (1 + np.exp(-odds))
    expected = binary_cross_entropy(together, truth.astype(bool))
    loss = SegmentBinaryCrossEntropy(2)(np.repeat(truth, 2, axis=0), p)
    assert float(loss) == pytest.approx(expected, rel=1e-5)


def test_the_loss_survives_saving():
    loss = SegmentBinaryCrossEntropy(3, [[1.0, 2.0], [3.0, 4.0]])
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert (again.segments, again.weights) == (3, [[1.0, 2.0], [3.0, 4.0]])


def test_balanced_weights_give_clips_with_and_without_a_label_the_same_sum():
    sets = np.array([[False, False], [True, False], [True, True]])
    labels = [0, 1, 1, 1, 2]
    weights = label_weights(labels, sets=sets, kind="balanced")
    truth = sets[labels]
    sums = np.where(truth, weights[1], weights[0]).sum(axis=0), truth.sum(axis=0) * weights[1]
    assert sums[0] == pytest.approx([5.0, 5.0])
    assert sums[1] == pytest.approx([2.5, 2.5])
    assert (label_weights(labels, sets=sets, kind="none") == 1).all()


def test_what_is_told_of_training_is_told_with_plain_labels():
    sets = np.array([[True, False, False], [True, True, False]])
    p = np.float32([[0.7, 0.4, 0.1], [0.3, 0.2, 0.6]])
    told = clip_measures(segments=1, smoothing=0.2, multi_label=True)
    targets = set_targets(np.array([0, 1]), sets=sets, smoothing=0.2)
    for one in told:
        one.update_state(targets, p)
    found = {one.name: float(one.result()) for one in told}
    assert found["cross_entropy"] == pytest.approx(binary_cross_entropy(p, sets), rel=1e-5)
    assert found["accuracy"] == pytest.approx(0.5)
