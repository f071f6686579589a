"""The engine ``keras``: the network as Keras runs it, on whatever backend."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import numpy as np

from twostream.models.computation import Computation, in_numbers_of
from twostream.models.device import Compute, described, on_device
from twostream.models.engines.engine import Outputs, Predictor, Samples, batch_samples
from twostream.models.operations import leaf_layers

NAME = "keras"


def check(compute: Compute) -> None:
    """It is always there, and `resolve_compute` knows what its backends compute in."""


def load(model: Any, compute: Compute) -> Predictor:
    """See `Engine`; runs every network."""
    import keras

    def one_batch(samples: Samples) -> Outputs:
        with on_device(compute.device), in_numbers_of(compute):
            outputs = model.predict_on_batch(samples.astype(np.float32))
        return np.asarray(outputs, np.float32)

    backend = keras.backend.backend()
    types = sorted({layer.compute_dtype for layer in leaf_layers(model) if layer.weights})
    if compute.precision != "float32":
        types = [compute.dtype]
    computation = Computation(
        engine=NAME,
        library=f"keras {keras.__version__} on {backend} {version(backend)}",
        precision=" and ".join(types) or "float32",
        device=described(compute.device),
        threads=_threads() if backend == "torch" else None,
    )
    return Predictor(one_batch, computation, batch_samples(compute.device))


def _threads() -> int:
    import torch

    return torch.get_num_threads()
