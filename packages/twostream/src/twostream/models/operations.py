"""How many floating-point operations a network needs for one sample."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any


def floating_point_operations(model: Any) -> int:
    """Operations of all convolutions and dense layers of a Keras model for one sample.

    A multiplication and an addition are two. Everything else (normalisation, activation, pooling) is
    left out: a hundredth in a ResNet.
    """
    return sum(_of_layer(layer) for layer in leaf_layers(model))


def leaf_layers(model: Any) -> Iterator[Any]:
    """The layers of a Keras model, those of models within it instead of these models."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from leaf_layers(layer)
        else:
            yield layer


def _of_layer(layer: Any) -> int:
    """Each element of a kernel is used once at every place of the output."""
    kernels = [
        weight for weight in layer.weights if weight.path.rsplit("/", 1)[-1].endswith("kernel")
    ]
    if not kernels or isinstance(layer.output, list):
        return 0
    shape = layer.output.shape[1:]
    channels_first = getattr(layer, "data_format", None) == "channels_first"
    places = math.prod(shape[1:] if channels_first else shape[:-1])
    return sum(2 * places * math.prod(kernel.shape) for kernel in kernels)
