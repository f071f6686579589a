"""Cross-modality initialisation: a flow network begins as an image network."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twostream.errors import TwostreamError
from twostream.models.cross_modality import (
    cross_modality_kernel,
    first_convolution,
    swapped_kernel,
    with_input_channels,
)


def image_network(channels: int = 3, *, first: str = "conv") -> Any:
    image = keras.Input((16, 16, channels))
    x = keras.layers.ZeroPadding2D(1)(image)
    if first == "depthwise":
        x = keras.layers.DepthwiseConv2D(3)(x)
    x = keras.layers.Conv2D(4, 3, name="conv1")(x)
    x = keras.layers.BatchNormalization(name="bn1")(x)
    return keras.Model(image, keras.layers.Conv2D(2, 1, name="conv2")(x), name="resnet_tiny")


@given(st.integers(1, 40), st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_every_flow_channel_gets_the_mean_over_rgb(channels: int, seed: int) -> None:
    kernel = np.random.default_rng(seed).normal(size=(3, 3, 3, 5)).astype(np.float32)
    adapted = cross_modality_kernel(kernel, channels=channels)
    assert adapted.shape == (3, 3, channels, 5)
    for channel in range(channels):
        np.testing.assert_allclose(adapted[:, :, channel], kernel.mean(axis=2), atol=1e-6)


def test_the_rescaled_kernel_answers_equal_channels_as_a_grey_image() -> None:
    kernel = np.random.default_rng(3).normal(size=(3, 3, 3, 5)).astype(np.float32)
    rescaled = cross_modality_kernel(kernel, channels=20, kind="rescaled")
    np.testing.assert_allclose(rescaled.sum(axis=2), kernel.sum(axis=2), atol=1e-5)


def test_the_random_kernel_has_the_spread_and_nothing_else() -> None:
    kernel = np.random.default_rng(3).normal(0, 0.3, size=(7, 7, 3, 64)).astype(np.float32)
    drawn = cross_modality_kernel(kernel, channels=20, kind="random")
    assert drawn.shape == (7, 7, 20, 64)
    np.testing.assert_allclose(drawn.std(), 0.3, rtol=0.05)
    correlation = np.corrcoef(drawn.mean(axis=2).ravel(), kernel.mean(axis=2).ravel())[0, 1]
    assert abs(correlation) < 0.1


def test_all_other_weights_are_copied() -> None:
    model = image_network()
    flow = with_input_channels(model, channels=20, size_px=32, swap=False)
    assert flow.input_shape == (None, 32, 32, 20)
    for name in ("bn1", "conv2"):
        for old, new in zip(
            model.get_layer(name).get_weights(), flow.get_layer(name).get_weights(), strict=True
        ):
            np.testing.assert_array_equal(old, new)
    old_kernel, old_bias = model.get_layer("conv1").get_weights()
    new_kernel, new_bias = flow.get_layer("conv1").get_weights()
    np.testing.assert_allclose(new_kernel[:, :, 7], old_kernel.mean(axis=2), atol=1e-6)
    np.testing.assert_array_equal(old_bias, new_bias)


def test_what_was_frozen_when_it_was_saved_learns_again() -> None:
    model = image_network()
    model.trainable = False
    flow = with_input_channels(model, channels=20, size_px=32, swap=False)
    assert len(flow.trainable_variables) == 6  # kernel and bias twice, scale and offset


def test_a_bgr_network_reads_rgb_after_the_swap() -> None:
    model = image_network()
    rgb = with_input_channels(model, channels=3, size_px=16, swap=True)
    image = np.random.default_rng(0).normal(size=(2, 16, 16, 3)).astype(np.float32)
    bgr = np.ascontiguousarray(image[..., ::-1])
    np.testing.assert_allclose(
        rgb.predict_on_batch(image), model.predict_on_batch(bgr), rtol=1e-4, atol=1e-5
    )


def test_swapping_twice_is_the_identity() -> None:
    kernel = np.arange(54, dtype=np.float32).reshape(3, 3, 3, 2)
    np.testing.assert_array_equal(swapped_kernel(swapped_kernel(kernel)), kernel)


def test_the_first_convolution_is_found_behind_padding() -> None:
    model = image_network()
    assert first_convolution(model) is model.get_layer("conv1")


@pytest.mark.parametrize("model", [image_network(4), image_network(first="depthwise")])
def test_networks_that_do_not_begin_with_a_convolution_over_rgb_are_refused(model: Any) -> None:
    with pytest.raises(TwostreamError, match="choose another backbone"):
        with_input_channels(model, channels=20, size_px=16, swap=False)
