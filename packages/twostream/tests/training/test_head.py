"""The head on cached features."""

from __future__ import annotations

import numpy as np
from twostream.training.features import Features
from twostream.training.head import head_l2, standardisation, train_head
from twostream.training.history import EpochRecord


def blobs(seed: int, per_class: int = 20) -> Features:
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(0, 3, (4, 16))
    labels = np.repeat(np.arange(4), per_class)
    values = centres[labels] + rng.normal(0, 1, (len(labels), 16))
    return Features((values * 10 + 100).astype(np.float32), labels)


def test_a_head_learns_classes_that_features_separate() -> None:
    records: list[EpochRecord] = []
    kernel, bias = train_head(
        blobs(0),
        blobs(1),
        n_classes=4,
        epochs=5,
        dropout=0.2,
        label_smoothing=0.1,
        class_weights=np.ones(4, np.float32),
        seed=0,
        on_epoch=records.append,
    )
    assert kernel.shape == (16, 4)
    assert bias.shape == (4,)
    assert records[-1].top1 > 0.9
    assert records[-1].validation_top1 is not None
    assert records[-1].validation_top1 > 0.9
    assert {record.phase for record in records} == {"head"}


def test_the_penalty_fades_with_the_number_of_samples() -> None:
    # Multinomial logistic regression with C = 0.01 penalises the mean loss by |w|² / (2 C n).
    assert head_l2(50) == 1.0
    assert head_l2(50_000) == 0.001


def test_a_constant_feature_is_left_alone() -> None:
    mean, variance = standardisation(Features(np.full((5, 2), 7, np.float32), np.zeros(5, int)))
    assert mean.tolist() == [7, 7]
    assert variance.tolist() == [1, 1]
