"""Grad-CAM: the places of a sample that speak for a class (Selvaraju et al. 2017).

For a class c and a layer's activations A (h, w, K): each channel's weight is the mean over all places of
the gradient of the class's logit, and the map is relu(sum_k weight_k A_k). Of the last layer before the
pooling that is the class activation map of Zhou et al. 2016, times a constant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.errors import TwostreamError
from twostream.models.classifier import FEATURES, HEAD_CLASSES
from twostream.models.keras_graph import Call, read_graph
from twostream.suggestions import did_you_mean

Floats = npt.NDArray[np.float32]
Samples = npt.NDArray[np.uint8]
BATCH = 8


@dataclass(frozen=True)
class GradCam:
    """The maps of a classifier as `build_classifier` makes it, at one of its layers.

    `layer` names the layer whose activations are weighed; None takes the last one before the pooling.
    Raises TwostreamError for a layer that is not there or has no places.
    """

    model: Any
    layer: str | None = None

    def __post_init__(self) -> None:
        """Refuse a layer that no map can be made of."""
        _ = self._place

    @property
    def layer_name(self) -> str:
        """The layer that the maps are of."""
        place = self._place
        return str(next(one.operation.name for one in self._calls if one.outputs[0] == place))

    def maps(self, samples: Samples, classes: npt.NDArray[np.int64]) -> Floats:
        """Maps (n, h, w), at least 0, of samples (n, S, S, C) uint8 and the class of each (n,).

        Their scale is that of logits: compare maps of one network and layer only.
        """
        parts = [
            self._batch(samples[k : k + BATCH], classes[k : k + BATCH])
            for k in range(0, len(samples), BATCH)
        ]
        return np.concatenate(parts)

    def _batch(self, samples: Samples, classes: npt.NDArray[np.int64]) -> Floats:
        from keras import ops

        n_classes = self.model.output_shape[-1]
        chosen = ops.convert_to_tensor(np.eye(n_classes, dtype=np.float32)[classes])
        images = ops.convert_to_tensor(samples.astype(np.float32))
        values, rest = self._until(images)
        activations, gradients = _gradient(
            values[self._place], lambda a: ops.sum(self._after(values, rest, a) * chosen)
        )
        weights = gradients.mean(axis=(1, 2), keepdims=True)
        maps: Floats = np.maximum((weights * activations).sum(axis=-1), 0.0)
        return maps

    @property
    def _calls(self) -> list[Call]:
        return read_graph(self.model)[0]

    @property
    def _place(self) -> int:
        """The number of the value that the maps are made of."""
        calls = self._calls
        if self.layer is None:
            pooling = next((one for one in calls if one.operation.name == FEATURES), None)
            if pooling is not None:
                return pooling.inputs[0]
        images = {
            one.operation.name: one.outputs[0]
            for one in calls
            if len(one.outputs) == 1 and len(one.node.outputs[0].shape) == 4
        }
        if self.layer not in images:
            raise TwostreamError(
                f"layer {self.layer}",
                expected=f"a layer of {self.model.name} whose outputs are maps",
                found="none of them",
                remedy=did_you_mean(
                    str(self.layer), list(images), otherwise=f"try {list(images)[-1]}"
                ),
            )
        return images[str(self.layer)]

    def _until(self, images: Any) -> tuple[dict[int, Any], list[Call]]:
        """All values up to the layer's, and the calls that come after it."""
        values: dict[int, Any] = {0: images}
        calls, place = self._calls, self._place
        last = next(k for k, one in enumerate(calls) if place in one.outputs)
        with _without_gradients():
            for call in calls[: last + 1]:
                _run(call, values)
        return values, calls[last + 1 :]

    def _after(self, values: dict[int, Any], rest: list[Call], activations: Any) -> Any:
        """The logits, where the layer's values are `activations`."""
        values = {**values, self._place: activations}
        for call in rest:
            if call.operation.name == HEAD_CLASSES:  # its logits, without the softmax
                head = call.operation
                return values[call.inputs[0]] @ head.kernel + (head.bias if head.use_bias else 0.0)
            _run(call, values)
        raise TwostreamError(
            str(self.model.name),
            expected="a network that `twostream train` made",
            found=f"one without a layer {HEAD_CLASSES!r}",
            remedy="train the stream again",
        )


def _run(call: Call, values: dict[int, Any]) -> None:
    tensors = {
        id(tensor): values[place]
        for tensor, place in zip(call.node.input_tensors, call.inputs, strict=True)
    }
    args, kwargs = call.node.arguments.fill_in(tensors)
    if getattr(call.operation, "_call_has_training_arg", False):
        kwargs["training"] = False
    result = call.operation(*args, **kwargs)
    values.update(zip(call.outputs, [result] if len(call.outputs) == 1 else result, strict=True))


def _without_gradients() -> Any:
    import keras

    if keras.backend.backend() == "torch":
        import torch

        return torch.no_grad()
    from contextlib import nullcontext

    return nullcontext()


def _gradient(activations: Any, score: Callable[[Any], Any]) -> tuple[Floats, Floats]:
    """The activations, and the gradient of their `score`, as arrays."""
    import keras

    backend = keras.backend.backend()
    if backend == "torch":
        import torch

        with torch.enable_grad():
            leaf = activations.detach().requires_grad_()
            (found,) = torch.autograd.grad(score(leaf), leaf)
    elif backend == "jax":
        import jax

        found = jax.grad(score)(activations)
    else:
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(activations)
            total = score(activations)
        found = tape.gradient(total, activations)
    numpy = keras.ops.convert_to_numpy
    return np.asarray(numpy(activations), np.float32), np.asarray(numpy(found), np.float32)
