"""Where mixed precision is used."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import torch
from twostream.models.device import PLAIN, Compute, Device
from twostream.training.precision import training_precision

needs_torch = pytest.mark.skipif(keras.backend.backend() != "torch", reason="of PyTorch")


@needs_torch
def test_mixed_computes_in_bfloat16_and_trains_float32_weights() -> None:
    made = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    made.compile("sgd", "mse")
    x, y = np.ones((2, 4), np.float32), np.zeros((2, 3), np.float32)
    with training_precision(Compute(precision="bf16")):
        product = torch.ones(2, 2) @ torch.ones(2, 2)
        made.train_on_batch(x, y)
    assert product.dtype == torch.bfloat16
    assert {str(w.dtype) for w in made.weights} == {"float32"}


@needs_torch
def test_float32_is_plain() -> None:
    with training_precision(PLAIN):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32


@needs_torch
@pytest.mark.parametrize("kind", ["cpu", "cuda", "mps", "xpu"])
def test_it_is_the_autocast_of_the_device_that_trains(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    opened: list[Any] = []
    monkeypatch.setattr(torch, "autocast", lambda *args, **kwargs: opened.append((args, kwargs)))
    training_precision(Compute(Device(kind), "bf16"))
    assert opened == [((kind,), {"dtype": torch.bfloat16})]
