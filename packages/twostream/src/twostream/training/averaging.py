"""Averaged weights: over the steps of a training, kept by the optimiser; and with those of the start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


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


EARLIER_SHARE = 0.5


def half_way(earlier: Sequence[Floats], later: Sequence[Floats]) -> list[Floats]:
    """The mean of the weights that a training began with and those that it ended with, array by array.

    What goes on from an earlier run with few clips gains from these nearly what all of the way would bring,
    and loses less of what the run knew of other recordings (Wortsman et al., Robust fine-tuning of
    zero-shot models, 2022, where one half is the share to take when nothing chooses it).

    >>> half_way([np.zeros(2, np.float32)], [np.ones(2, np.float32)])
    [array([0.5, 0.5], dtype=float32)]
    """
    pairs = zip(earlier, later, strict=True)
    return [(EARLIER_SHARE * a + (1 - EARLIER_SHARE) * b).astype(b.dtype) for a, b in pairs]
