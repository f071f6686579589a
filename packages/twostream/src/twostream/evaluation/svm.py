"""A linear support vector machine, one class against the rest, for a few hundred features.

Trained in the primal by Newton's method: exact, deterministic, and fast where features are few.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
MOST_STEPS = 100
SMALLEST_STEP = 1e-6
TOLERANCE = 1e-8


@dataclass(frozen=True)
class LinearSvm:
    """Weights (D + 1, C) of all classes; the last row belongs to a constant feature 1."""

    weights: Floats

    def decide(self, features: Floats) -> Floats:
        """Signed distances (n, C), up to scale, of `features` (n, D) from each class's border."""
        values: Floats = _with_constant(features) @ self.weights
        return values


def train_linear_svm(
    features: Floats, labels: npt.NDArray[np.int64], *, n_classes: int, c: float
) -> LinearSvm:
    """Minimise |w|² / 2 + c · Σ max(0, 1 - y w·x)² for each class against the rest.

    `features` (n, D), `labels` (n,). The objective is LIBLINEAR's L2-regularised L2-loss one, the
    constant feature included (Fan et al. 2008); the method is that of Chapelle 2007, "Training a
    support vector machine in the primal".

    >>> svm = train_linear_svm(np.array([[0.0], [1.0]]), np.array([0, 1]), n_classes=2, c=10.0)
    >>> svm.decide(np.array([[0.2], [0.8]])).argmax(axis=1)
    array([0, 1])
    """
    x = _with_constant(features)
    signs = np.where(labels[:, None] == np.arange(n_classes), 1.0, -1.0)
    return LinearSvm(np.stack([_one_class(x, y, c) for y in signs.T], axis=1))


def _one_class(x: Floats, y: Floats, c: float) -> Floats:
    w = np.zeros(x.shape[1])
    identity = np.eye(x.shape[1])
    for _ in range(MOST_STEPS):
        slack = 1.0 - y * (x @ w)
        inside = slack > 0
        held = x[inside]
        gradient = w - 2.0 * c * (held.T @ (y * slack)[inside])
        if np.abs(gradient).max() <= TOLERANCE * max(1.0, c):
            break
        direction = np.linalg.solve(identity + 2.0 * c * (held.T @ held), -gradient)
        step, before = 1.0, _objective(x, y, c, w)
        while step > SMALLEST_STEP and _objective(x, y, c, w + step * direction) > before:
            step /= 2.0
        w = w + step * direction
    return w


def _objective(x: Floats, y: Floats, c: float, w: Floats) -> float:
    slack = np.maximum(0.0, 1.0 - y * (x @ w))
    return float(0.5 * (w @ w) + c * (slack @ slack))


def _with_constant(features: Floats) -> Floats:
    return np.hstack([features, np.ones((len(features), 1))])
