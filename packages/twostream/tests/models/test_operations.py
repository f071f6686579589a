"""Operations are counted as by hand."""

from __future__ import annotations

import pytest
from twostream.models.operations import floating_point_operations


def test_convolutions_and_dense_layers_are_counted_as_by_hand() -> None:
    import keras
    from keras import layers

    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, padding="same")(inputs)
    x = layers.BatchNormalization()(x)
    x = layers.DepthwiseConv2D(3, strides=2, padding="same")(x)
    inner = keras.Sequential([keras.Input((4, 4, 4)), layers.Conv2D(6, 1)])
    x = layers.GlobalAveragePooling2D()(inner(x))
    model = keras.Model(inputs, layers.Dense(5)(x))
    products = 64 * 9 * 3 * 4 + 16 * 9 * 4 + 16 * 4 * 6 + 6 * 5
    assert floating_point_operations(model) == 2 * products


def test_resnet50_needs_what_is_published() -> None:
    import keras

    # He et al. 2016, table 1: 3.8 billion multiply-adds, there without the bottlenecks' shortcuts.
    model = keras.applications.ResNet50(weights=None)
    assert floating_point_operations(model) / 2 == pytest.approx(3.86e9, rel=0.01)
