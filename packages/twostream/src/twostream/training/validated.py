"""What clips that nothing was trained on say of a network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twostream.training.label_sets import (
    Truth,
    binary_cross_entropy,
    likeliest_is_right,
    mean_average_precision,
)

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Validated:
    """What held-out clips say of an epoch; None where it was not measured."""

    loss: float | None = None
    top1: float | None = None
    mean_average_precision: float | None = None


def validated(
    probabilities: Floats, labels: npt.NDArray[np.int64], sets: Truth | None = None
) -> Validated:
    """The measures of probabilities (n, C) of clips with these numbers (n,)."""
    if sets is not None:
        truth = sets[labels]
        return Validated(
            binary_cross_entropy(probabilities, truth),
            likeliest_is_right(probabilities, truth),
            mean_average_precision(probabilities, truth),
        )
    of_truth = probabilities[np.arange(len(labels)), labels]
    loss = float(-np.log(np.maximum(of_truth, 1e-7)).mean())
    return Validated(loss, float((probabilities.argmax(axis=1) == labels).mean()))
