"""Cross-modality initialisation: a flow network that begins as an image network.

Wang et al. 2016 (temporal segment networks), section 3.2: the first convolution's kernels are
averaged over RGB and the average is copied to every flow channel; all other weights stay.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.choices import CrossModality as CrossModality
from twostream.errors import TwostreamError
from twostream.models.as_trained import in_float32
from twostream.models.reasons import reason

# A network that finds no room for its windows in a smaller picture finds it here.
LARGE_PX = 512


def cross_modality_kernel(
    kernel: npt.NDArray[np.float32], *, channels: int, kind: CrossModality = "mean"
) -> npt.NDArray[np.float32]:
    """First-layer kernel for `channels` flow channels from an RGB one (kh, kw, 3, filters).

    ``mean``: the mean over RGB, copied to each channel without rescaling (the batch normalisation behind
    it is adapted to flow afterwards). ``rescaled``: the same times ``3 / channels``, so that equal
    channels give the response that a grey image gave. ``random``: none of it but its spread, drawn
    with a fixed seed, to measure what the initialisation is worth.

    >>> cross_modality_kernel(np.ones((7, 7, 3, 64), np.float32), channels=20).shape
    (7, 7, 20, 64)
    """
    if kind == "random":
        shape = (*kernel.shape[:2], channels, kernel.shape[3])
        drawn = np.random.default_rng(0).normal(kernel.mean(), kernel.std(), shape)
        return drawn.astype(kernel.dtype)
    mean = kernel.mean(axis=2, keepdims=True, dtype=np.float64)
    scale = 3.0 / channels if kind == "rescaled" else 1.0
    return np.repeat((mean * scale).astype(kernel.dtype), channels, axis=2)


def swapped_kernel(kernel: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """First-layer kernel (kh, kw, 3, filters) for RGB input from one for BGR input."""
    return np.ascontiguousarray(kernel[:, :, ::-1, :])


def with_input_channels(
    model: Any,
    *,
    channels: int,
    size_px: int,
    swap: bool,
    cross_modality: CrossModality = "mean",
    without: Container[str] = (),
    keep_weights: bool = True,
) -> Any:
    """A copy of the image network `model` for input (size_px, size_px, channels).

    All weights are copied unless `keep_weights` is false; the first convolution's kernel goes through
    `swapped_kernel` if `swap`, then, where `channels` is not 3, through `cross_modality_kernel`. Layers
    named in `without` do nothing in the copy. Raises TwostreamError for a network that does not begin
    with one ordinary convolution, or that needs larger images.
    """
    first = first_convolution(model, without=without)
    copy = copied_network(model, channels=channels, size_px=size_px, without=without)
    if not keep_weights:
        return copy
    targets = {layer.name: layer for layer in weighted_layers(copy)}
    for source in weighted_layers(model):
        if source.name in without:
            continue
        values = source.get_weights()
        if source is first:
            values[0] = swapped_kernel(values[0]) if swap else values[0]
            values[0] = (
                cross_modality_kernel(values[0], channels=channels, kind=cross_modality)
                if channels != 3
                else values[0]
            )
        target = targets[source.name]
        if any(a.shape != b.shape for a, b in zip(values, target.get_weights(), strict=True)):
            raise _unsuitable(
                model, f"a layer {source.name!r} that depends on the input's channels or size"
            )
        target.set_weights(values)
    return copy


def copied_network(model: Any, *, channels: int, size_px: int, without: Container[str]) -> Any:
    """The layers of `model`, with fresh weights, on input (size_px, size_px, channels).

    All are in float32, whatever they were saved in: how they train is chosen elsewhere. All of them learn,
    whatever was frozen when the model was saved: a frozen one would stay as it is in every phase without a
    word, and a frozen batch normalisation could not be adapted to flow. Layers named in `without` do
    nothing. Sequences within it are taken apart: they know the number of channels that they were made for.
    """
    import keras

    def fresh(layer: Any) -> Any:
        if isinstance(layer, keras.Sequential):
            return layer
        if layer.name in without:
            return keras.layers.Identity(name=layer.name)
        return type(layer).from_config(in_float32(layer.get_config()))

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(layer, keras.Sequential):
            return layer(*args, **kwargs)
        (x,) = args
        for inner in layer.layers:
            x = fresh(inner)(x)
        return x

    def copy_for(size_px: int) -> Any:
        image = keras.Input((size_px, size_px, channels))
        return keras.models.clone_model(
            model, input_tensors=image, clone_function=fresh, call_function=call
        )

    try:
        copy = copy_for(size_px)
    except Exception as error:  # Keras raises whatever its layers raise
        try:
            copy_for(max(LARGE_PX, 2 * size_px))
        except Exception:  # the size is not what is wrong
            raise _unsuitable(model, f"one that cannot be built anew ({reason(error)})") from error
        raise TwostreamError(  # there was no room for a window
            "--size",
            expected=f"images that are large enough for {model.name}",
            found=f"{size_px} px ({reason(error)})",
            remedy="raise --size or choose another backbone",
        ) from error
    copy.trainable = True
    return copy


def first_convolution(model: Any, *, without: Container[str] = ()) -> Any:
    """The convolution that reads the image: the first layer with a kernel (kh, kw, 3, filters)."""
    for layer in weighted_layers(model):
        if layer.name in without:
            continue
        shape = tuple(layer.weights[0].shape)
        if len(shape) == 4:
            if shape[2] != 3 or shape[3] == 1:
                break
            return layer
    raise _unsuitable(model, "none over 3 channels")


def weighted_layers(model: Any) -> list[Any]:
    """The layers of a model, and of sequences within it, that have weights, in order."""
    import keras

    found: list[Any] = []
    for layer in model.layers:
        if isinstance(layer, keras.Sequential):
            found += weighted_layers(layer)
        elif layer.weights:
            found.append(layer)
    return found


def _unsuitable(model: Any, found: str) -> TwostreamError:
    return TwostreamError(
        model.name,
        expected="an image network whose first weights are a convolution over RGB",
        found=found,
        remedy="choose another backbone",
    )
