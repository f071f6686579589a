"""Mixed precision: convolutions in bfloat16 where the hardware is made for it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal

from twostream.environment import keras_backend
from twostream.errors import TwostreamError

Precision = Literal["auto", "float32", "mixed"]


def resolved_precision(precision: Precision) -> Literal["float32", "mixed"]:
    """What `precision` comes to on this machine: ``auto`` is mixed on a GPU that has bfloat16.

    >>> resolved_precision("float32")
    'float32'
    """
    if precision != "auto":
        return precision
    if keras_backend() != "torch":
        return "float32"
    import torch

    return "mixed" if torch.cuda.is_available() and torch.cuda.is_bf16_supported() else "float32"


def training_precision(precision: Precision) -> AbstractContextManager[Any]:
    """The context in which training steps run: PyTorch's autocast to bfloat16, or nothing.

    Weights and optimiser stay float32, so checkpoints do not depend on it. Raises TwostreamError for
    ``mixed`` on another Keras backend than PyTorch.
    """
    if resolved_precision(precision) == "float32":
        return nullcontext()
    if keras_backend() != "torch":
        raise TwostreamError(
            "--precision mixed",
            expected="Keras on PyTorch",
            found=f"Keras on {keras_backend()}",
            remedy="set KERAS_BACKEND=torch or use --precision float32",
        )
    import torch

    context: AbstractContextManager[Any] = torch.autocast(
        "cuda" if torch.cuda.is_available() else "cpu", dtype=torch.bfloat16
    )
    return context
