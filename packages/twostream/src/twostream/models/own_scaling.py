"""The scaling that some networks do themselves in their first layers, taken out as numbers.

EfficientNet, MobileNetV3 and ConvNeXt begin with `Rescaling` and `Normalization` layers over three
channels, which no stack of flow could pass. As a scale and an offset they go in front of the network,
like those of all other families.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.errors import TwostreamError
from twostream.events import warn
from twostream.models.scaling import InputConvention, InputScaling, convention_of, input_scaling

Floats = npt.NDArray[np.float64]
LEVELS = 255.0
# The narrowest range that families of networks take is 1 wide.
LEAST_SPAN = 0.1
ARITHMETIC = {"Add", "Subtract", "Multiply", "Divide", "TrueDivide"}


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

    Where it has such layers, theirs after `convention`, which is ``raw`` unless said, or unless next to
    nothing would be left of pictures that are scaled twice, which is told. Where it has none, that of
    `convention`, or of the family that its name tells. Raises TwostreamError for another convention than
    ``raw`` of a network that begins with arithmetic.
    """
    own = scaling_layers(model)
    if not own:
        _refuse_arithmetic(model, convention, subject)
        return input_scaling(convention or convention_of(model, subject=subject))
    found = _behind(convention or "raw", own)
    if convention not in (None, "raw") and LEVELS * max(map(abs, found.scale)) < LEAST_SPAN:
        named = ", ".join(layer.name for layer in own)
        warn(
            f"{subject} scales pictures of 0 to 255 itself ({named}): --input-convention {convention} "
            "would scale them twice, raw is taken"
        )
        return _behind("raw", own)
    return found


def _behind(convention: InputConvention, own: Sequence[Any]) -> InputScaling:
    """The scaling of a network's `own` layers behind that of a convention."""
    before = input_scaling(convention)
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


def _refuse_arithmetic(model: Any, convention: InputConvention | None, subject: str) -> None:
    """Raise TwostreamError where a network begins with arithmetic, and pictures are scaled before it."""
    import keras

    if convention == "raw":
        return
    (image,) = model.inputs
    for operation in model.operations:
        alone = any(node.arguments.keras_tensors == [image] for node in operation._inbound_nodes)
        kind = type(operation).__name__
        if alone and kind in ARITHMETIC and not isinstance(operation, keras.layers.Layer):
            by = f"--input-convention {convention}" if convention else "what its name tells"
            raise TwostreamError(
                subject,
                expected="pictures that are scaled once",
                found=f"arithmetic at the beginning of the network ({operation.name}), and {by}",
                remedy="say --input-convention raw, or save the network without it",
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
