"""Layers of a saved network as they are trained: in float32, and none that change pictures at random."""

from __future__ import annotations

from typing import Any

from twostream.errors import TwostreamError

# Layers that change pictures at random while a network trains are called so, or begin with `Random`.
AUGMENTATIONS = {"AugMix", "CutMix", "MixUp", "RandAugment"}
POLICY, FLOAT32 = "DTypePolicy", "float32"


def random_layers(model: Any) -> list[Any]:
    """The layers of a network, and of sequences within it, that change pictures at random."""
    import keras

    found: list[Any] = []
    for layer in model.layers:
        if isinstance(layer, keras.Sequential):
            found += random_layers(layer)
        elif type(layer).__name__.startswith("Random") or type(layer).__name__ in AUGMENTATIONS:
            found.append(layer)
    return found


def in_float32(config: Any) -> Any:
    """The configuration of a layer, and of layers within it, with float32 in the place of any other type.

    >>> half = {"class_name": "DTypePolicy", "config": {"name": "mixed_float16"}}
    >>> in_float32({"filters": 8, "dtype": half})["dtype"]["config"]
    {'name': 'float32'}
    """
    if isinstance(config, dict):
        if config.get("class_name") == POLICY:
            return {**config, "config": {**config["config"], "name": FLOAT32}}
        return {
            name: FLOAT32 if name == "dtype" and isinstance(value, str) else in_float32(value)
            for name, value in config.items()
        }
    if isinstance(config, list | tuple):
        return type(config)(in_float32(value) for value in config)
    return config


def refuse_quantised(model: Any, *, subject: str) -> None:
    """Raise TwostreamError for a network with layers in 8 bits or less, which do not learn."""
    modes = {
        str(layer.quantization_mode)
        for layer in model._flatten_layers()
        if getattr(layer, "quantization_mode", None)
    }
    if modes:
        raise TwostreamError(
            subject,
            expected="a network in floating point, whose layers all can learn",
            found=f"layers in {' and '.join(sorted(modes))}",
            remedy="save it before it is quantised",
        )
