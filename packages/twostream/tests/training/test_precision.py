"""Where mixed precision is used."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch
from twostream.training.precision import training_precision

needs_torch = pytest.mark.skipif(keras.backend.backend() != "torch", reason="of PyTorch")


@needs_torch
def test_mixed_computes_in_bfloat16_and_trains_float32_weights() -> None:
    made = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    made.compile("sgd", "mse")
    x, y = np.ones((2, 4), np.float32), np.zeros((2, 3), np.float32)
    with training_precision("mixed"):
        product = torch.ones(2, 2) @ torch.ones(2, 2)
        made.train_on_batch(x, y)
    assert product.dtype == torch.bfloat16
    assert {str(w.dtype) for w in made.weights} == {"float32"}


@needs_torch
@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU mixes by itself")
@pytest.mark.parametrize("precision", ["auto", "float32"])
def test_without_a_gpu_it_is_plain(precision: str) -> None:
    with training_precision(precision):  # type: ignore[arg-type]
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32
