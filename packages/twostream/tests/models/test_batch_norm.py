"""Batch normalisation that meets flow."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from twostream.models.batch_norm import adapt_batch_norm, batch_norm_layers, freeze_batch_norm


def network(**options: Any) -> Any:
    image = keras.Input((4, 4, 2))
    x = keras.layers.BatchNormalization(name="first")(image)
    x = keras.layers.Conv2D(3, 1, **options)(x)
    x = keras.layers.BatchNormalization(name="second")(x)
    return keras.Model(image, x)


def test_statistics_become_the_mean_over_the_batches_and_nothing_else_changes() -> None:
    model = network()
    kernel = model.layers[2].get_weights()[0]
    rng = np.random.default_rng(0)
    batches = [rng.normal(5, 3, (8, 4, 4, 2)).astype(np.float32) for _ in range(4)]
    adapt_batch_norm(model, iter(batches))
    layer = model.get_layer("first")
    means = np.mean([batch.mean(axis=(0, 1, 2)) for batch in batches], axis=0)
    np.testing.assert_allclose(np.asarray(layer.moving_mean), means, rtol=1e-4)
    assert layer.momentum == 0.99
    np.testing.assert_array_equal(model.layers[2].get_weights()[0], kernel)


def test_a_network_that_only_keras_can_run_is_measured_all_the_same() -> None:
    """A loss of its activity keeps a network from PyTorch's own operators."""
    plain, penalised = network(), network(activity_regularizer="l2")
    penalised.set_weights(plain.get_weights())
    batches = [np.random.default_rng(k).normal(9, 2, (8, 4, 4, 2)).astype("f4") for k in range(3)]
    for model in (plain, penalised):
        adapt_batch_norm(model, iter(batches))
    for found, expected in zip(penalised.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert abs(float(np.mean(penalised.get_layer("first").moving_mean.numpy())) - 9) < 0.5


def test_an_adapted_network_standardises_flow() -> None:
    model = network()
    batch = np.random.default_rng(1).normal(40, 7, (64, 4, 4, 2)).astype(np.float32)
    adapt_batch_norm(model, [batch])
    features = keras.Model(model.input, model.get_layer("first").output).predict_on_batch(batch)
    assert abs(float(np.mean(features))) < 0.05
    assert abs(float(np.std(features)) - 1) < 0.05


def test_partial_batch_normalisation_keeps_the_first_layer_learning() -> None:
    model = network()
    freeze_batch_norm(model, keep_first=True)
    assert [layer.trainable for layer in batch_norm_layers(model)] == [True, False]
    model = network()
    freeze_batch_norm(model, keep_first=False)
    assert [layer.trainable for layer in batch_norm_layers(model)] == [False, False]
