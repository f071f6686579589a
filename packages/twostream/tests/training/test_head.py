"""The head on cached features."""

from __future__ import annotations

import numpy as np
import pytest
from twostream.models.backbones import load_backbone
from twostream.models.classifier import build_classifier, feature_extractor
from twostream.training.features import Features
from twostream.training.head import (
    head_l2,
    logistic_head,
    train_head,
)
from twostream.training.head_scaling import head_scaling
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


def test_a_feature_that_hardly_varies_among_few_videos_does_not_decide() -> None:
    """Standardised, what varied by a thousandth and is 1 in another video hides all the others."""
    rng = np.random.default_rng(0)
    values = np.where(np.eye(2)[[0, 0, 1, 1]] > 0, 1.0, 0.0).repeat(8, axis=1)
    values = np.concatenate([values, 1e-3 * rng.normal(size=(4, 4))], axis=1)
    training = Features(values.astype(np.float32), np.array([0, 0, 1, 1]))
    other = values[[0, 2]].copy()
    other[:, 16:] = rng.normal(size=4)
    asked = Features(other.astype(np.float32), np.array([0, 1]))
    unit, standard = (
        head_scaling(training, head=head)(asked) for head in ("logistic-unit", "logistic")
    )
    assert np.abs(unit[:, :16]).sum() > np.abs(unit[:, 16:]).sum()
    assert np.abs(standard[:, :16]).sum() < 0.1 * np.abs(standard[:, 16:]).sum()


@pytest.mark.parametrize("head", ["logistic", "logistic-unit"])
def test_the_network_scales_features_as_its_head_learnt_them(head: str) -> None:
    samples = np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3)).astype(np.float32)
    labels = np.array([0, 0, 1, 1, 2, 2])
    backbone = load_backbone("cnn-s", weights=None, channels=3, size_px=32)
    pooled = np.asarray(feature_extractor(backbone).predict_on_batch(samples))
    features = Features(pooled, labels)
    scaling = head_scaling(features, head=head)
    kernel, bias = logistic_head(
        features, None, scaling=scaling, n_classes=3, class_weights=np.ones(3, np.float32),
        on_epoch=lambda _: None,
    )  # fmt: skip
    model = build_classifier(
        backbone, n_classes=3, dropout=0.5, head_l2=0.0, feature_mean=scaling.mean,
        feature_variance=scaling.variance, unit_length=scaling.unit_length,
    )  # fmt: skip
    model.get_layer("classes").set_weights([kernel, bias])
    logits = scaling(features) @ kernel + bias
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    expected = powers / powers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.predict_on_batch(samples), expected, atol=1e-5)
