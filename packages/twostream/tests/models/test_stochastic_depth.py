"""Stochastic depth."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers
from twostream.errors import TwostreamError
from twostream.models.backbones import load_backbone
from twostream.models.efficientnet_lite import VARIANTS, blocks_of, efficientnet_lite
from twostream.models.stochastic_depth import (
    SUFFIX,
    Residual,
    residuals_of,
    with_stochastic_depth,
    without_stochastic_depth,
)

SAMPLES = np.random.default_rng(0).random((64, 8, 8, 3)).astype(np.float32)


def network(*, blocks: int = 4) -> Any:
    """Blocks whose branches add 1, 10, 100, …, so that it can be seen which of them were there."""
    image = x = keras.Input((8, 8, 3))
    for number in range(blocks):
        y = layers.Conv2D(
            3,
            1,
            kernel_initializer="zeros",
            bias_initializer=keras.initializers.Constant(10.0**number),
        )(x)
        x = layers.Add(name=f"sum{number}")([y, x] if number % 2 else [x, y])
    return keras.Model(image, x)


def branches_there(output: Any, *, rate: float, blocks: int = 4) -> np.ndarray:
    """Which branches (n, blocks) were there for samples, from what was added to them."""
    added = (keras.ops.convert_to_numpy(output) - SAMPLES)[:, 0, 0, 0]
    found = np.zeros((len(added), blocks), bool)
    for number in reversed(range(blocks)):
        one = 10.0**number / (1 - rate * (number + 1) / blocks)
        found[:, number] = added > 0.6 * one
        added = added - one * found[:, number]
    return found


def test_the_deeper_a_branch_the_more_samples_lose_it() -> None:
    keras.utils.set_random_seed(0)
    made = with_stochastic_depth(network(), 0.8, subject="it")
    shares = [one.rate for one in made.layers if one.name.endswith(SUFFIX)]
    np.testing.assert_allclose(shares, [0.2, 0.4, 0.6, 0.8])
    runs = [branches_there(made(SAMPLES, training=True), rate=0.8) for _ in range(8)]
    left_out = 1 - np.concatenate(runs).mean(axis=0)
    np.testing.assert_allclose(left_out, shares, atol=0.1)
    assert len(np.unique(runs[0], axis=0)) > 4  # each sample has draws of its own


def test_when_nothing_is_left_out_it_is_the_network_itself_with_the_same_weights() -> None:
    plain = network()
    made = with_stochastic_depth(plain, 0.5, subject="it")
    np.testing.assert_array_equal(made.predict_on_batch(SAMPLES), plain.predict_on_batch(SAMPLES))
    for model in (made, without_stochastic_depth(made)):
        assert {id(v) for v in model.trainable_variables} == {
            id(v) for v in plain.trainable_variables
        }


def test_taken_out_again_nothing_of_it_is_left_in_nested_networks_either() -> None:
    inner = with_stochastic_depth(network(), 0.5, subject="it")
    samples = keras.Input((8, 8, 3))
    x = layers.Dropout(0.5, name="dropout")(layers.GlobalAveragePooling2D()(inner(samples)))
    model = keras.Model(samples, layers.Dense(2)(x))
    found = without_stochastic_depth(model)
    names = [layer.name for layer in found._flatten_layers()]
    assert not any(name.endswith(SUFFIX) for name in names)
    assert "dropout" in names
    np.testing.assert_array_equal(found.predict_on_batch(SAMPLES), model.predict_on_batch(SAMPLES))


def test_every_block_of_efficientnet_lite_that_has_a_sum_is_found() -> None:
    variant = VARIANTS["EfficientNetLite0"]
    found = residuals_of(efficientnet_lite(variant))
    repeated = [one.name for one in blocks_of(variant) if not one.name.endswith("a")]
    assert found == [Residual(f"{name}_add", 0) for name in repeated]


@pytest.mark.slow
def test_every_block_of_resnets_is_found_with_its_projections() -> None:
    for name, last in (("ResNet50", "add"), ("ResNet50V2", "out")):
        network = load_backbone(name, weights="none", channels=3, size_px=64).model
        blocks = [
            (stage, k) for stage, n in ((2, 3), (3, 4), (4, 6), (5, 3)) for k in range(1, n + 1)
        ]
        wanted = [Residual(f"conv{stage}_block{k}_{last}", 1) for stage, k in blocks]
        assert residuals_of(network) == wanted


def test_sums_of_other_things_are_no_residuals() -> None:
    image = keras.Input((8, 8, 3))
    a, b = (layers.ReLU()(layers.Conv2D(3, 1)(image)) for _ in range(2))
    assert residuals_of(keras.Model(image, layers.Add()([a, b]))) == []


def test_networks_without_residuals_and_those_that_do_it_themselves_are_refused() -> None:
    image = keras.Input((8, 8, 3))
    with pytest.raises(TwostreamError, match="found the subject, which has none"):
        with_stochastic_depth(
            keras.Model(image, layers.Conv2D(2, 1)(image)), 0.1, subject="the subject"
        )
    own = layers.Dropout(0.1, noise_shape=(None, 1, 1, 1), name="own")(layers.Conv2D(3, 1)(image))
    with pytest.raises(TwostreamError, match=r"leaves branches out by itself \(own\)"):
        with_stochastic_depth(keras.Model(image, layers.Add()([own, image])), 0.1, subject="it")
