"""The smallest training of a stream that means anything, and what it left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
from twostream.training.checkpoints import load_checkpoint
from twostream.training.options import TrainingOptions


def options(**changes: Any) -> TrainingOptions:
    plain: dict[str, Any] = {
        "stream": "temporal",
        "backbone": "cnn-s",
        "epochs": 3,
        "head_epochs": 1,
        "batch_size": 8,
        "size_px": 32,
        "stack_length": 4,
        "feature_samples_per_clip": 2,
    }
    return TrainingOptions(**{**plain, **changes})


def weights(run: Path, stream: str = "temporal") -> list[np.ndarray]:
    model = keras.saving.load_model(run / stream / "model.keras", compile=False)
    found: list[np.ndarray] = model.get_weights()
    return found


def assert_same_weights(one: Path, other: Path, stream: str = "temporal") -> None:
    for a, b in zip(weights(one, stream), weights(other, stream), strict=True):
        np.testing.assert_array_equal(a, b)


def assert_same_checkpoint(one: Path, other: Path, stream: str = "temporal") -> None:
    """The last checkpoints hold the same: weights, the optimiser's state, the steps that were done."""
    states = []
    for run in (one, other):
        model = load_checkpoint(run / stream / "checkpoints" / "last.keras")
        assert model is not None
        values = (*model.weights, *model.optimizer.variables)
        states.append([keras.ops.convert_to_numpy(value) for value in values])
    for a, b in zip(*states, strict=True):
        np.testing.assert_array_equal(a, b)


def sharpen(network: Path) -> None:
    """Make a network that has learnt next to nothing sure of what it says, so that differences show."""
    model = keras.saving.load_model(network, compile=False)
    head = model.get_layer("classes")
    head.set_weights([300 * weights for weights in head.get_weights()])
    model.save(network)
