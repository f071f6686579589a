"""Averaged weights: an exponential moving average over the steps, kept by the optimiser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def averaged_weights(model: Any) -> Iterator[None]:
    """Within it the model has its averaged weights; nothing happens where none are kept.

    Statistics of batch normalisations are not averaged: they are averages themselves.
    """
    optimizer = model.optimizer
    if not getattr(optimizer, "use_ema", False) or int(optimizer.iterations) == 0:
        yield
        return
    own = [variable.numpy() for variable in model.trainable_variables]
    averages = [v.numpy() for v in optimizer._model_variables_moving_average]
    try:
        for variable, average in zip(model.trainable_variables, averages, strict=True):
            variable.assign(average)
        yield
    finally:
        for variable, value in zip(model.trainable_variables, own, strict=True):
            variable.assign(value)


def use_averaged_weights(model: Any) -> None:
    """Give a model its averaged weights for good; nothing happens where none are kept."""
    optimizer = model.optimizer
    if getattr(optimizer, "use_ema", False) and int(optimizer.iterations) > 0:
        optimizer.finalize_variable_values(model.trainable_variables)
