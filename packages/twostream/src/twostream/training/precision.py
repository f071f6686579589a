"""Mixed precision: convolutions in bfloat16 where the hardware is made for it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal

from twostream.errors import TwostreamError

Precision = Literal["auto", "float32", "mixed"]


def training_precision(precision: Precision) -> AbstractContextManager[Any]:
    """The context in which training steps run: PyTorch's autocast to bfloat16, or nothing.

    ``auto`` is mixed on a GPU that has bfloat16, float32 elsewhere. Weights and optimiser stay float32, so
    checkpoints do not depend on it. Raises TwostreamError for ``mixed`` on another Keras backend
    than PyTorch.
    """
    import keras

    on_torch = keras.backend.backend() == "torch"
    if precision == "float32" or (precision == "auto" and not on_torch):
        return nullcontext()
    if not on_torch:
        raise TwostreamError(
            "--precision mixed",
            expected="Keras on PyTorch",
            found=f"Keras on {keras.backend.backend()}",
            remedy="set KERAS_BACKEND=torch or use --precision float32",
        )
    import torch

    cuda = torch.cuda.is_available()
    if precision == "auto" and not (cuda and torch.cuda.is_bf16_supported()):
        return nullcontext()
    context: AbstractContextManager[Any] = torch.autocast(
        "cuda" if cuda else "cpu", dtype=torch.bfloat16
    )
    return context
