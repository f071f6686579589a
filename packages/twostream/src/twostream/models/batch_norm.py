"""Batch normalisation when a network meets another kind of image than it was trained on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt


def batch_norm_layers(model: Any) -> list[Any]:
    """The batch-normalisation layers of a model and its nested models, in order."""
    import keras

    found: list[Any] = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            found += batch_norm_layers(layer)
        elif isinstance(layer, keras.layers.BatchNormalization):
            found.append(layer)
    return found


def adapt_batch_norm(model: Any, batches: Iterable[npt.NDArray[np.float32]]) -> None:
    """Replace the moving statistics of every batch normalisation by those over `batches`.

    Adaptive batch normalisation (Li et al. 2016): an image network that is shown flow keeps its
    filters but measures anew how strongly each responds. The result is the plain mean over the
    batches, so it does not depend on the momentum. No other weight changes. A network without batch
    normalisation (VGG, ConvNeXt) stays as it is.
    """
    layers = batch_norm_layers(model)
    if not layers:
        return
    run = _in_training(model)
    momenta = [layer.momentum for layer in layers]
    try:
        for count, batch in enumerate(batches):
            for layer in layers:
                layer.momentum = count / (count + 1)
            run(np.asarray(batch, np.float32))
    finally:
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum


def _in_training(model: Any) -> Callable[[npt.NDArray[np.float32]], object]:
    """The model on a batch as in training, without gradients where that saves anything."""
    import keras

    if keras.backend.backend() != "torch":
        return lambda batch: model(batch, training=True)
    import torch

    from twostream.models.channels_last import ChannelsLastForward

    try:
        forward: Any = ChannelsLastForward(model)
    except NotImplementedError:
        forward = model

    def run(batch: npt.NDArray[np.float32]) -> object:
        with torch.no_grad():
            return forward(keras.ops.convert_to_tensor(batch), training=True)

    return run


def freeze_batch_norm(model: Any, *, keep_first: bool) -> None:
    """Fix the statistics and scales of all batch normalisations, except the first if `keep_first`.

    Partial batch normalisation (Wang et al. 2016, section 3.2): with small data sets the statistics of
    a few clips are worse than the pretrained ones, save in the first layer of a flow network.
    """
    for layer in batch_norm_layers(model)[1 if keep_first else 0 :]:
        layer.trainable = False
