"""The engine ``torch``: PyTorch's own operators, convolutions folded with normalisations once."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import numpy as np

from twostream.models.computation import Computation, in_numbers_of
from twostream.models.device import Compute, described, on_device
from twostream.models.engines.engine import Outputs, Predictor, Samples, batch_samples
from twostream.models.engines.needs import require_torch_backend
from twostream.models.operations import leaf_layers

NAME = "torch"


def check(compute: Compute) -> None:  # noqa: ARG001 # it computes on all devices, in all numbers
    """Raise TwostreamError where Keras does not run on PyTorch."""
    require_torch_backend(NAME)


def load(model: Any, compute: Compute) -> Predictor:
    """See `Engine`. Networks whose layers name a type of numbers of their own cannot be run."""
    import torch

    from twostream.models.channels_last import ChannelsLastForward

    kinds = {layer.compute_dtype for layer in leaf_layers(model) if layer.weights}
    if kinds - {"float32"}:
        raise NotImplementedError(f"layers that compute in {', '.join(sorted(kinds))}")
    forward = ChannelsLastForward(model, frozen=True)
    place = model.weights[0].value.device if model.weights else torch.device("cpu")

    def one_batch(samples: Samples) -> Outputs:
        with torch.inference_mode(), on_device(compute.device), in_numbers_of(compute):
            batch = torch.from_numpy(np.ascontiguousarray(samples)).to(place).float()
            outputs: Outputs = forward(batch, training=False).float().cpu().numpy()
        return np.ascontiguousarray(outputs)

    computation = Computation(
        engine=NAME,
        library=f"torch {version('torch')}",
        precision=compute.dtype,
        device=described(compute.device),
        threads=torch.get_num_threads(),
    )
    return Predictor(one_batch, computation, batch_samples(compute.device))
