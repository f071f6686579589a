"""How the pooled features of a frozen backbone come to the head."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twostream.training.features import Features

Floats = npt.NDArray[np.float32]

# Of Keras's `Normalization`.
SMALLEST_DEVIATION = 1e-7


def standardisation(features: Features) -> tuple[Floats, Floats]:
    """Mean and variance (D,) of training features; a constant feature gets variance 1."""
    variance = features.values.var(axis=0)
    return features.values.mean(axis=0), np.where(variance > 1e-12, variance, 1.0).astype(
        np.float32
    )


def standardised(features: Features, mean: Floats, variance: Floats) -> Floats:
    """Features (n, D) less their `mean`, over their deviation, as the layer of the network does it."""
    deviation = np.maximum(np.sqrt(variance), SMALLEST_DEVIATION)
    values: Floats = ((features.values - mean) / deviation).astype(np.float32)
    return values


@dataclass(frozen=True)
class HeadScaling:
    """How pooled features come to the head: less `mean` (D,), over the root of `variance` (D,).

    With `unit_length` each is then stretched to the length sqrt(D), about that of standardised ones.
    """

    mean: Floats
    variance: Floats
    unit_length: bool = False

    def __call__(self, features: Features) -> Floats:
        """The features (n, D) as the head sees them, as the layers of the network do it."""
        values = standardised(features, self.mean, self.variance)
        if not self.unit_length:
            return values
        lengths = np.linalg.norm(values, axis=1, keepdims=True)
        stretched: Floats = values * (np.sqrt(values.shape[1]) / np.maximum(lengths, 1e-6))
        return stretched.astype(np.float32)


def head_scaling(training: Features, *, head: str | None) -> HeadScaling:
    """The scaling that a head of the kind `head` learns behind.

    ``logistic-unit``: centred and of unit length, all features over one deviation (Wang et al., SimpleShot,
    2019). The deviation of a single feature over one or two source videos a class says little of it: one
    that hardly varies among them would count as much as the others, and be large in any other video.
    Other heads: each feature over its own deviation.
    """
    mean, variance = standardisation(training)
    if head != "logistic-unit":
        return HeadScaling(mean, variance)
    alike = np.full_like(variance, training.values.var(axis=0).mean() or 1.0)
    return HeadScaling(mean, alike, unit_length=True)
