"""Cross-modality initialisation: a flow network that begins as an image network.

Wang et al. 2016 (temporal segment networks), section 3.2: the first convolution's kernels are
averaged over RGB and the average is copied to every flow channel; all other weights stay.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from twostream.errors import TwostreamError

CrossModality = Literal["mean", "rescaled", "random"]


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
) -> Any:
    """A copy of the image network `model` for input (size_px, size_px, channels).

    All weights are copied; the first convolution's kernel goes through `swapped_kernel` if `swap`, then,
    where `channels` is not 3, through `cross_modality_kernel`. Raises TwostreamError for a network
    that does not begin with one ordinary convolution.
    """
    import keras

    first = first_convolution(model)
    copy = keras.models.clone_model(model, input_tensors=keras.Input((size_px, size_px, channels)))
    for source, target in zip(weighted_layers(model), weighted_layers(copy), strict=True):
        values = source.get_weights()
        if source is first:
            values[0] = swapped_kernel(values[0]) if swap else values[0]
            values[0] = (
                cross_modality_kernel(values[0], channels=channels, kind=cross_modality)
                if channels != 3
                else values[0]
            )
        if any(a.shape != b.shape for a, b in zip(values, target.get_weights(), strict=True)):
            raise _unsuitable(model, f"a layer {source.name!r} that depends on 3 input channels")
        target.set_weights(values)
    return copy


def first_convolution(model: Any) -> Any:
    """The convolution that reads the image: the first layer with a kernel (kh, kw, 3, filters)."""
    for layer in weighted_layers(model):
        shape = tuple(layer.weights[0].shape)
        if len(shape) == 4:
            if shape[2] != 3 or shape[3] == 1:
                break
            return layer
    raise _unsuitable(model, "none over 3 channels")


def weighted_layers(model: Any) -> list[Any]:
    """The layers of a model that have weights, in order."""
    return [layer for layer in model.layers if layer.weights]


def _unsuitable(model: Any, found: str) -> TwostreamError:
    return TwostreamError(
        model.name,
        expected="an image network whose first weights are a convolution over RGB",
        found=found,
        remedy="choose another backbone",
    )
