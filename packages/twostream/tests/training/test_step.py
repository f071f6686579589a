"""Fast steps: the same training as Keras's own, with the same state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers
from twostream.models.batch_norm import freeze_batch_norm
from twostream.models.classifier import HEAD_CLASSES
from twostream.training.checkpoints import load_checkpoint
from twostream.training.loss import SegmentConsensus
from twostream.training.optimizer import make_optimizer
from twostream.training.step import use_fast_steps

on_torch = pytest.mark.skipif(keras.backend.backend() != "torch", reason="for Keras on PyTorch")


def compiled(*, dropout: float = 0.0, norms: str = "partial", **options: Any) -> Any:
    # No biases in front of norms: their gradient is nothing but rounding, which Adam magnifies.
    keras.utils.set_random_seed(3)
    image = keras.Input((12, 12, 4))
    x = layers.Conv2D(6, 3, strides=2, use_bias=False)(image)
    x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    y = layers.BatchNormalization(momentum=0.9)(
        layers.Conv2D(6, 3, padding="same", use_bias=False)(x)
    )
    body = keras.Model(image, layers.ReLU()(layers.Add()([x, y])))
    if norms == "partial":
        freeze_batch_norm(body, keep_first=True)
    samples = keras.Input((12, 12, 4))
    x = layers.GlobalAveragePooling2D()(body(layers.Rescaling(1 / 255)(samples)))
    x = layers.Dropout(dropout, seed=5)(x)
    penalty = keras.regularizers.L2(0.01)
    x = layers.Dense(3, activation="softmax", kernel_regularizer=penalty, name=HEAD_CLASSES)(x)
    model = keras.Model(samples, x)
    model.compile(
        make_optimizer(0.01, weight_decay=0.05, **options),
        SegmentConsensus(2),
        metrics=["accuracy"],
    )
    return model


def batch(step: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(step)
    samples = rng.integers(0, 256, (8, 12, 12, 4)).astype(np.float32)
    return samples, np.repeat(np.eye(3, dtype=np.float32)[rng.integers(0, 3, 4)], 2, axis=0)


def train(model: Any, steps: range) -> list[dict[str, float]]:
    return [model.train_on_batch(*batch(step), return_dict=True) for step in steps]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"head_rate_factor": 10.0},
        {"accumulation_steps": 2},
        {"averaged_steps": 3},
        {"dropout": 0.5},
        {"norms": "all"},
    ],
    ids=str,
)
def test_weights_state_and_logs_are_those_of_kerass_own_steps(options: dict[str, Any]) -> None:
    own, fast = compiled(**options), compiled(**options)
    use_fast_steps(fast)
    for expected, found in zip(train(own, range(6)), train(fast, range(6)), strict=True):
        assert found == pytest.approx(expected, rel=1e-3)
    variables = zip(
        [*own.variables, *own.optimizer.variables],
        [*fast.variables, *fast.optimizer.variables],
        strict=True,
    )
    for expected, found in variables:
        np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=2e-3, atol=2e-5)
    np.testing.assert_allclose(
        fast.predict_on_batch(batch(9)[0]), own.predict_on_batch(batch(9)[0]), rtol=1e-3, atol=1e-5
    )


def test_a_training_goes_on_from_its_checkpoint_bit_by_bit(tmp_path: Path) -> None:
    undisturbed = compiled()
    use_fast_steps(undisturbed)
    train(undisturbed, range(3))
    undisturbed.save(tmp_path / "last.keras")
    train(undisturbed, range(3, 6))
    resumed = load_checkpoint(tmp_path / "last.keras")
    assert resumed is not None
    use_fast_steps(resumed)
    train(resumed, range(3, 6))
    for expected, found in zip(undisturbed.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)


@on_torch
def test_gradients_are_clipped_to_the_norm_and_bad_ones_spoil_the_weights() -> None:
    import torch
    from twostream.training.fused_adamw import fuse_adamw

    optimizer = make_optimizer(0.01, weight_decay=0.0)
    assert fuse_adamw(optimizer)
    small, large = [torch.ones(4)], [torch.full((4,), 50.0), torch.zeros(3)]
    torch.testing.assert_close(optimizer._clip_gradients(small), [torch.ones(4)])
    torch.testing.assert_close(optimizer._clip_gradients(large)[0], torch.full((4,), 2.5))
    spoilt = optimizer._clip_gradients([torch.tensor([1.0, float("nan")]), torch.ones(2)])
    assert all(bool(gradient.isnan().all()) for gradient in spoilt)


@on_torch
@pytest.mark.parametrize(
    "optimizer",
    [
        lambda: keras.optimizers.Adam(0.1),
        lambda: keras.optimizers.AdamW(0.1, amsgrad=True),
        lambda: keras.optimizers.AdamW(0.1, clipnorm=1.0),
    ],
)
def test_other_optimisers_are_left_alone(optimizer: Any) -> None:
    from twostream.training.fused_adamw import fuse_adamw

    assert not fuse_adamw(optimizer())


def test_a_model_that_is_no_graph_trains_as_before() -> None:
    class Subclassed(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(3, activation="softmax")

        def call(self, x: Any) -> Any:
            return self.dense(keras.ops.mean(x, axis=(1, 2)))

    def compiled_alike() -> Any:
        keras.utils.set_random_seed(3)
        model = Subclassed()
        model.build((None, 12, 12, 4))
        optimizer = make_optimizer(0.01, weight_decay=0.0)
        model.compile(optimizer, SegmentConsensus(2), metrics=["accuracy"])
        return model

    untouched, model = compiled_alike(), compiled_alike()
    use_fast_steps(model)
    assert "train_step" not in vars(model)
    assert train(model, range(3)) == train(untouched, range(3))
    for found, expected in zip(model.get_weights(), untouched.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)
