"""Scores in fewer digits stand beside those in float32 once, and stay what they are."""

from __future__ import annotations

import numpy as np
from twostream.models.computation import Computation
from twostream.models.engines.beside_float32 import beside_float32
from twostream.models.engines.engine import Outputs, Predictor, Samples


def predictor(shift: float, precision: str) -> Predictor:
    told = Computation(engine="torch", library="", precision=precision, device="cpu", threads=1)

    def one_batch(samples: Samples) -> Outputs:
        first = np.full(len(samples), 0.45 + shift, np.float32)
        return np.stack([first, 1 - first], axis=1)

    return Predictor(one_batch, told, batch_samples=4)


def test_the_first_batch_is_scored_twice_and_told_and_outputs_are_those_asked_for() -> None:
    made, told = [], []

    def exact() -> Predictor:
        made.append(1)
        return predictor(0.1, "float32")

    both = beside_float32(predictor(0.0, "bfloat16"), exact, told.append)
    assert not made
    outputs = both(np.zeros((10, 2, 2, 3), np.uint8))
    both(np.zeros((3, 2, 2, 3), np.uint8))
    assert np.allclose(outputs[:, 0], 0.45)
    assert len(made) == len(told) == 1
    assert told[0]["samples"] == told[0]["top_classes_that_differ"] == 4
    assert np.isclose(told[0]["largest_difference"], 0.1)
