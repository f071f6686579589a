"""Mixed precision: products in bfloat16 or float16, weights and sums in float32."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from twostream.models.device import Compute


def training_precision(compute: Compute) -> AbstractContextManager[Any]:
    """The context in which training steps run on a device: PyTorch's autocast, or nothing in float32.

    Weights and optimiser stay float32, so checkpoints do not depend on it.
    """
    if compute.precision == "float32":
        return nullcontext()
    import torch

    context: AbstractContextManager[Any] = torch.autocast(
        compute.device.kind, dtype=getattr(torch, compute.dtype)
    )
    return context
