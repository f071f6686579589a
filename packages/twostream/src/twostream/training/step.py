"""The training step of a Keras model on PyTorch at the speed of PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twostream.models.any_size import sizes_kept
from twostream.models.keras_graph import function_of


def use_fast_steps(model: Any) -> Callable[[Any], Any]:
    """Let a compiled model train and predict through PyTorch's own operators.

    `train_on_batch` and `predict_on_batch` of this model then run the network as
    `models.channels_last` does and update its weights as `fused_adamw` does: the same numbers up to
    rounding, in about half of the time for ResNet-50 on a CPU (`twostream bench training`). What is
    saved is the same. On other backends, and for models that are no graph from one input to one output,
    nothing changes. What comes back predicts: samples (n, h, w, C) float32 of any height and width to the
    model's outputs.
    """
    import keras

    if keras.backend.backend() != "torch":
        return _by_keras(model)
    from twostream.models.channels_last import ChannelsLastForward, lay_out_kernels
    from twostream.training.fused_adamw import fuse_adamw

    try:
        forward = ChannelsLastForward(model)
    except NotImplementedError:
        return _by_keras(model)
    lay_out_kernels(model)
    fuse_adamw(model.optimizer)
    # Keras calls these two of the model with what it was given.
    model.train_step = lambda data: _train_step(model, forward, data)
    model.predict_step = lambda data: _predict_step(forward, data)
    predict: Callable[[Any], Any] = model.predict_on_batch
    return predict


def _by_keras(model: Any) -> Callable[[Any], Any]:
    """Prediction by Keras's own steps, which take samples of the size of a graph's input alone."""
    if function_of(model) is None:
        return lambda samples: model.predict_on_batch(samples)
    of = sizes_kept(model, lambda sized: sized)
    return lambda samples: of(*samples.shape[1:3]).predict_on_batch(samples)


def _train_step(model: Any, forward: Any, data: Any) -> Any:
    import keras
    import torch

    samples, targets, weights = keras.utils.unpack_x_y_sample_weight(data)
    samples = keras.ops.convert_to_tensor(samples)
    outputs = forward(samples, training=True)
    model.zero_grad()
    loss = model.compute_loss(
        x=samples, y=targets, y_pred=outputs, sample_weight=weights, training=True
    )
    model._loss_tracker.update_state(loss, sample_weight=len(samples))
    model.optimizer.scale_loss(loss).backward()
    variables = model.trainable_variables
    with torch.no_grad():
        model.optimizer.apply([variable.value.grad for variable in variables], variables)
    return model.compute_metrics(samples, targets, outputs, sample_weight=weights)


def _predict_step(forward: Any, data: Any) -> Any:
    import keras

    samples, _, _ = keras.utils.unpack_x_y_sample_weight(data)
    return forward(keras.ops.convert_to_tensor(samples), training=False)
