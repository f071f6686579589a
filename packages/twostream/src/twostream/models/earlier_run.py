"""The network of an earlier run: its backbone as a start, and its classifier where classes go on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.errors import TwostreamError
from twostream.locks import RUN_LOCK, sole_user
from twostream.models.backbones import Backbone
from twostream.models.classifier import HEAD_CLASSES, HEAD_STANDARDISATION, UNIT_LENGTH
from twostream.models.files import load_model_file
from twostream.models.scaling import InputScaling
from twostream.staging import settle_before_reading


def earlier_model_file(run: Path, *, stream: str) -> Path:
    """The model of a stream of an earlier run; raises TwostreamError where there is none."""
    settle_before_reading(run, partial(sole_user, lock_name=RUN_LOCK))
    path = run / stream / "model.keras"
    if not path.is_file():
        raise TwostreamError(
            path,
            expected=f"the {stream} stream of an earlier run",
            found="no such file",
            remedy="check --from or --temporal-from, or train that stream: "
            f"`twostream train {stream} DATA --out {run}`",
        )
    return path


def load_earlier_backbone(path: Path, *, channels: int, size_px: int) -> Backbone:
    """The trained backbone in a stream's ``model.keras``, for input (size_px, size_px, channels).

    The classifier is left behind, so the classes need not be the same; the channels must be.
    """
    import keras

    model = load_model_file(path)
    network = next(layer for layer in model.layers if isinstance(layer, keras.Model))
    if network.input_shape[-1] != channels:
        raise TwostreamError(
            path,
            expected=f"a network over the {channels} channels of a sample",
            found=f"one over {network.input_shape[-1]}",
            remedy="train with the --flow-input, and the --stack-length, of the earlier run",
        )
    copy = keras.models.clone_model(
        network, input_tensors=keras.Input((size_px, size_px, channels))
    )
    copy.set_weights(network.get_weights())
    copy.trainable = True  # what the earlier training froze is this one's to decide
    return Backbone(copy, _scaling_of(model), pretrained=True)


@dataclass(frozen=True)
class EarlierHead:
    """The classifier of a trained stream: `kernel` (D, K) and `bias` (K,) of its K classes.

    Pooled features come to it less `mean` (D,) over the root of `variance` (D,), None where they come as
    they are, and with `unit_length` then stretched to the length sqrt(D).
    """

    kernel: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    mean: npt.NDArray[np.float32] | None
    variance: npt.NDArray[np.float32] | None
    unit_length: bool


def load_earlier_head(path: Path) -> EarlierHead:
    """The classifier in a stream's ``model.keras``."""
    model = load_model_file(path)
    names = {layer.name for layer in model.layers}
    kernel, bias = model.get_layer(HEAD_CLASSES).get_weights()
    mean = variance = None
    if HEAD_STANDARDISATION in names:
        layer = model.get_layer(HEAD_STANDARDISATION)
        mean, variance = (
            np.asarray(value, np.float32).ravel() for value in (layer.mean, layer.variance)
        )
    return EarlierHead(kernel, bias, mean, variance, UNIT_LENGTH in names)


def _scaling_of(model: Any) -> InputScaling:
    layer = model.get_layer("scaling")
    scale = np.broadcast_to(np.asarray(layer.scale, np.float64), (model.input_shape[-1],))
    offset = np.broadcast_to(np.asarray(layer.offset, np.float64), (model.input_shape[-1],))
    r, g, b = (float(value) for value in scale[:3])
    r0, g0, b0 = (float(value) for value in offset[:3])
    scales_itself = bool((scale == 1).all() and (offset == 0).all())
    return InputScaling((r, g, b), (r0, g0, b0), scales_itself=scales_itself)
