"""What an engine is, and what it makes of a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from twostream.choices import Engine as NameOfEngine
from twostream.models.computation import Computation
from twostream.models.device import CPU, Compute, Device

Samples = npt.NDArray[np.uint8]
Outputs = npt.NDArray[np.float32]
Predict = Callable[[Samples], Outputs]
EngineName = NameOfEngine

SAMPLES_ON_CPU = 16
SAMPLES_ON_GPU = 32
SAMPLES_A_GIB = 4  # of a GPU's memory: a sample of a large network takes less than the quarter
MOST_SAMPLES = 256


@dataclass(frozen=True)
class Predictor:
    """A function from samples (n, S, S, C) uint8 to one output (n, …) float32, and what computes it.

    Any number of samples goes; they pass in batches of `batch_samples`.
    """

    one_batch: Predict
    computation: Computation
    batch_samples: int = SAMPLES_ON_CPU

    def __call__(self, samples: Samples) -> Outputs:
        """The outputs of `samples`."""
        parts = [
            self.one_batch(samples[start : start + self.batch_samples])
            for start in range(0, len(samples), self.batch_samples)
        ]
        return np.concatenate(parts).astype(np.float32, copy=False)


class Engine(Protocol):
    """What runs networks. The modules of this folder are engines."""

    def check(self, compute: Compute) -> None:
        """Raise TwostreamError where the engine is not installed, or does not compute so here."""

    def load(self, model: Any, compute: Compute) -> Predictor:
        """A Keras model of one input and one output, ready; its weights lie on the device of `compute`.

        Raises NotImplementedError for a network that this engine cannot run.
        """


def batch_samples(device: Device) -> int:
    """How many samples pass a network together on a device: as many as keep it busy and fit it.

    >>> batch_samples(CPU)
    16
    """
    if device == CPU:
        return SAMPLES_ON_CPU
    if device.kind != "cuda":
        return SAMPLES_ON_GPU
    import torch

    gib = torch.cuda.get_device_properties(device.number).total_memory / 2**30
    fitting = 2 ** int(np.log2(max(1.0, SAMPLES_A_GIB * gib)))
    return int(min(max(fitting, SAMPLES_ON_CPU), MOST_SAMPLES))
