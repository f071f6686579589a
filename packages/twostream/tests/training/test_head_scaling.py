"""How features come to the head."""

from __future__ import annotations

import numpy as np
from twostream.training.features import Features
from twostream.training.head_scaling import head_scaling, standardisation


def test_a_constant_feature_is_left_alone() -> None:
    mean, variance = standardisation(Features(np.full((5, 2), 7, np.float32), np.zeros(5, int)))
    assert mean.tolist() == [7, 7]
    assert variance.tolist() == [1, 1]


def test_features_of_unit_length_have_one_deviation_and_one_length() -> None:
    values = np.random.default_rng(0).normal(3, 2, (80, 16)).astype(np.float32)
    features = Features(values, np.repeat(np.arange(4), 20))
    scaled = head_scaling(features, head="logistic-unit")(features)
    np.testing.assert_allclose(np.linalg.norm(scaled, axis=1), 4, rtol=1e-5)
    centred = features.values - features.values.mean(axis=0)
    ratio = scaled / centred
    np.testing.assert_allclose(ratio, ratio[:, :1].repeat(16, axis=1), rtol=1e-3)
