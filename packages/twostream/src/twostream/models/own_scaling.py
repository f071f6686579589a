"""The scaling that some networks do themselves in their first layers, taken out as numbers.

EfficientNet, MobileNetV3 and ConvNeXt begin with `Rescaling` and `Normalization` layers over three
channels, which no stack of flow could pass. As a scale and an offset they go in front of the network,
like those of all other families.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.models.scaling import InputConvention, InputScaling, convention_of, input_scaling

Floats = npt.NDArray[np.float64]


def scaling_layers(model: Any) -> list[Any]:
    """The `Rescaling` and `Normalization` layers that a network's input passes first."""
    import keras

    found: list[Any] = []
    for layer in model.layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        if not isinstance(layer, keras.layers.Rescaling | keras.layers.Normalization):
            break
        found.append(layer)
    return found


def network_scaling(
    model: Any, *, convention: InputConvention | None, subject: str
) -> InputScaling:
    """What a network whose `scaling_layers` are taken out needs in front of it.

    Where it has such layers, theirs after `convention`, which is ``raw`` unless said; where it has
    none, that of `convention`, or of the family that its name tells.
    """
    own = scaling_layers(model)
    if not own:
        return input_scaling(convention or convention_of(model, subject=subject))
    before = input_scaling(convention or "raw")
    order = -1 if before.swaps_channels else 1  # the network's channels are BGR then
    scale, offset = (np.asarray(x, np.float64) for x in (before.scale, before.offset))
    for layer in own:
        a, b = _affine(layer)
        scale, offset = scale * a[::order], offset * a[::order] + b[::order]
    return InputScaling(
        (float(scale[0]), float(scale[1]), float(scale[2])),
        (float(offset[0]), float(offset[1]), float(offset[2])),
        swaps_channels=before.swaps_channels,
    )


def _affine(layer: Any) -> tuple[Floats, Floats]:
    """Scale and offset (3,) of a `Rescaling` or `Normalization` layer."""
    import keras

    if isinstance(layer, keras.layers.Rescaling):
        return _rgb(layer.scale), _rgb(layer.offset)
    deviation = np.maximum(np.sqrt(_rgb(layer.variance)), keras.config.epsilon())
    mean = _rgb(layer.mean)
    return (deviation, mean) if layer.invert else (1.0 / deviation, -mean / deviation)


def _rgb(value: Any) -> Floats:
    import keras

    flat = np.asarray(keras.ops.convert_to_numpy(value), np.float64).reshape(-1)
    return np.broadcast_to(flat, (3,))
