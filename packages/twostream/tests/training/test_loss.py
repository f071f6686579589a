"""The consensus of a clip's segments, checked by hand."""

from __future__ import annotations

import keras
import numpy as np
from twostream.training.loss import SegmentConsensus


def softmax(scores: np.ndarray) -> np.ndarray:
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def test_with_one_segment_it_is_the_usual_cross_entropy() -> None:
    rng = np.random.default_rng(0)
    p = softmax(rng.normal(size=(6, 4))).astype(np.float32)
    targets = np.eye(4, dtype=np.float32)[[0, 1, 2, 3, 0, 1]]
    ours = float(SegmentConsensus(1)(targets, p))
    usual = float(-np.log(p[np.arange(6), [0, 1, 2, 3, 0, 1]]).mean())
    np.testing.assert_allclose(ours, usual, rtol=1e-5)


def test_scores_are_averaged_before_the_softmax() -> None:
    rng = np.random.default_rng(1)
    scores = rng.normal(0, 2, size=(2, 3, 5))  # clips, segments, classes
    p = softmax(scores).reshape(6, 5).astype(np.float32)
    labels = np.asarray([4, 2])
    targets = np.repeat(np.eye(5, dtype=np.float32)[labels], 3, axis=0)
    of_clip = softmax(scores.mean(axis=1))[np.arange(2), labels]
    np.testing.assert_allclose(
        float(SegmentConsensus(3)(targets, p)), -np.log(of_clip).mean(), rtol=1e-5
    )


def test_a_row_counts_as_much_as_its_targets_sum_to() -> None:
    p = np.full((2, 4), 0.25, np.float32)
    targets = np.asarray([[3, 0, 0, 0], [0, 1, 0, 0]], np.float32)
    np.testing.assert_allclose(
        float(SegmentConsensus(1)(targets, p)), np.log(4) * (3 + 1) / 2, rtol=1e-5
    )


def test_a_certain_mistake_costs_a_finite_amount() -> None:
    p = np.asarray([[1.0, 0.0]], np.float32)
    loss = float(SegmentConsensus(1)(np.asarray([[0, 1]], np.float32), p))
    assert np.isfinite(loss)
    assert loss > 10


def test_it_is_restored_from_its_configuration() -> None:
    restored = keras.losses.deserialize(keras.losses.serialize(SegmentConsensus(7)))
    assert restored.segments == 7
