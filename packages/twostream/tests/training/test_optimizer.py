"""The optimiser, its two rates and its averages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from twostream.models.classifier import HEAD_CLASSES
from twostream.training.averaging import averaged_weights, use_averaged_weights
from twostream.training.checkpoints import load_checkpoint
from twostream.training.loss import SegmentConsensus
from twostream.training.optimizer import make_optimizer

X = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
Y = np.eye(2, dtype=np.float32)[np.arange(8) % 2]


def model(**options: Any) -> Any:
    keras.utils.set_random_seed(1)
    inputs = keras.Input((3,))
    hidden = keras.layers.Dense(4, name="body")(inputs)
    outputs = keras.layers.Dense(2, activation="softmax", name=HEAD_CLASSES)(hidden)
    made = keras.Model(inputs, outputs)
    made.compile(make_optimizer(1e-3, weight_decay=0.0, **options), SegmentConsensus(1))
    return made


def kernel(of: Any, layer: str) -> np.ndarray:
    return np.asarray(of.get_layer(layer).get_weights()[0])


def moved(of: Any, layer: str, steps: int = 1) -> np.ndarray:
    before = kernel(of, layer)
    for _ in range(steps):
        of.train_on_batch(X, Y)
    return kernel(of, layer) - before


@pytest.mark.parametrize("kind", ["adamw", "sgd"])
def test_the_classifier_learns_faster_by_the_factor_and_the_rest_as_before(kind: str) -> None:
    for layer, factor in (("body", 1.0), (HEAD_CLASSES, 5.0)):
        plain = moved(model(kind=kind), layer)
        fast = moved(model(kind=kind, head_rate_factor=5.0), layer)
        np.testing.assert_allclose(fast, factor * plain, rtol=1e-4, atol=1e-6)


def test_two_steps_of_half_a_batch_make_the_update_of_a_whole_one() -> None:
    whole, halves = model(), model(accumulation_steps=2)
    whole.train_on_batch(X, Y)
    before = kernel(halves, "body")
    halves.train_on_batch(X[:4], Y[:4])
    np.testing.assert_array_equal(kernel(halves, "body"), before)
    halves.train_on_batch(X[4:], Y[4:])
    np.testing.assert_allclose(kernel(halves, "body"), kernel(whole, "body"), atol=1e-6)


def test_averages_lie_between_the_weights_they_average_and_are_only_lent() -> None:
    made = model(averaged_steps=4)
    seen = [kernel(made, "body")]
    for _ in range(6):
        made.train_on_batch(X, Y)
        seen.append(kernel(made, "body"))
    expected = seen[1]
    for weights in seen[2:]:
        expected = 0.75 * expected + 0.25 * weights
    with averaged_weights(made):
        np.testing.assert_allclose(kernel(made, "body"), expected, rtol=1e-5, atol=1e-7)
    np.testing.assert_array_equal(kernel(made, "body"), seen[-1])
    use_averaged_weights(made)
    np.testing.assert_allclose(kernel(made, "body"), expected, rtol=1e-5, atol=1e-7)


def test_without_averaging_nothing_is_lent() -> None:
    made = model()
    made.train_on_batch(X, Y)
    before = kernel(made, "body")
    with averaged_weights(made):
        np.testing.assert_array_equal(kernel(made, "body"), before)


@pytest.mark.parametrize(
    "options",
    [
        {"head_rate_factor": 5.0},
        {"kind": "sgd", "head_rate_factor": 2.0},
        {"averaged_steps": 3},
        {"accumulation_steps": 3},
    ],
)
def test_a_checkpoint_goes_on_as_if_nothing_had_happened(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    made = model(**options)
    moved(made, "body", steps=4)
    made.save(tmp_path / "last.keras")
    loaded = load_checkpoint(tmp_path / "last.keras")
    np.testing.assert_allclose(
        moved(loaded, "body", 4), moved(made, "body", 4), rtol=1e-4, atol=1e-7
    )
    with averaged_weights(made), averaged_weights(loaded):
        np.testing.assert_allclose(kernel(loaded, "body"), kernel(made, "body"), atol=1e-6)
