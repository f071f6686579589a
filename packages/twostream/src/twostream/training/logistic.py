"""Multinomial logistic regression with an L2 penalty, solved to the end: the head for few clips.

No steps to choose and nothing random: the problem is strictly convex. Minimised by L-BFGS (Liu and
Nocedal, On the limited memory BFGS method for large scale optimization, 1989) with a backtracking search.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
MEMORY = 10
MOST_STEPS = 300
# Of the largest slope at the beginning: what is left then changes probabilities in their fourth digit.
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Beside:
    """What another classifier says of the samples: its `logits` (n, C), and which classes it knows (C,).

    What is added to it for these is penalised, bias and all, so that few samples move it a little and many
    as far as they want (L2-SP: Li et al., Explicit inductive bias for transfer learning, 2018).
    """

    logits: npt.NDArray[np.float32]
    known: npt.NDArray[np.bool_]


def fit_logistic(
    features: npt.NDArray[np.float32],
    labels: npt.NDArray[np.int64],
    *,
    n_classes: int,
    penalty: float,
    weights: npt.NDArray[np.float32] | None = None,
    beside: Beside | None = None,
    tolerance: float = TOLERANCE,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Kernel (D, n_classes) and bias (n_classes,) for standardised `features` (n, D).

    Minimises the mean cross-entropy of the samples, each with the weight of its class, plus ``penalty``
    times the sum of squares of the kernel; the bias is free. `tolerance` is that of `minimise`. `beside`
    another classifier, what is found is what is to be added to that one's kernel and bias.

    >>> x = np.array([[-1.0], [-2.0], [1.0], [2.0]], np.float32)
    >>> kernel, bias = fit_logistic(x, np.array([0, 0, 1, 1]), n_classes=2, penalty=0.1)
    >>> (x @ kernel + bias).argmax(axis=1).tolist()
    [0, 0, 1, 1]
    """
    x = features.astype(np.float32, copy=False)
    back: npt.NDArray[np.float32] | None = None
    if len(x) < x.shape[1]:
        # The best kernel is made of the samples: in as many dimensions as there are samples it is the same.
        back, small = np.linalg.qr(x.T)
        x = np.ascontiguousarray(small.T)
    n, dimensions = x.shape
    share = np.ones(n) if weights is None else weights[labels].astype(np.float64)
    share = share / share.sum()
    rows = np.arange(n)
    said = 0.0 if beside is None else beside.logits.astype(np.float64)
    of_bias = np.zeros(n_classes) if beside is None else penalty * beside.known

    def value_and_slope(flat: Array) -> tuple[float, Array]:
        kernel, bias = _parts(flat, dimensions, n_classes)
        logits = (x @ kernel.astype(np.float32)).astype(np.float64) + bias + said
        logits -= logits.max(axis=1, keepdims=True)
        powers = np.exp(logits)
        total = powers.sum(axis=1, keepdims=True)
        loss = share @ (np.log(total[:, 0]) - logits[rows, labels])
        error = powers / total
        error[rows, labels] -= 1.0
        error *= share[:, None]
        of_kernel = (x.T @ error.astype(np.float32)).astype(np.float64) + 2 * penalty * kernel
        slope = np.concatenate([of_kernel.ravel(), error.sum(axis=0) + 2 * of_bias * bias])
        return float(loss + penalty * (kernel**2).sum() + of_bias @ bias**2), slope

    flat = minimise(value_and_slope, np.zeros((dimensions + 1) * n_classes), tolerance=tolerance)
    kernel, bias = _parts(flat, dimensions, n_classes)
    found = kernel.astype(np.float32)
    return found if back is None else back @ found, bias.astype(np.float32)


def probabilities(
    features: npt.NDArray[np.float32],
    kernel: npt.NDArray[np.float32],
    bias: npt.NDArray[np.float32],
) -> npt.NDArray[np.float32]:
    """Softmax (n, C) of the head on standardised features (n, D)."""
    logits = features @ kernel + bias
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: npt.NDArray[np.float32] = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _parts(flat: Array, dimensions: int, n_classes: int) -> tuple[Array, Array]:
    return flat[:-n_classes].reshape(dimensions, n_classes), flat[-n_classes:]


def minimise(
    value_and_slope: Callable[[Array], tuple[float, Array]],
    start: Array,
    *,
    tolerance: float = TOLERANCE,
) -> Array:
    """Where a smooth convex function is least, from `start` on, until no slope is above its first part.

    That part is `tolerance` of the largest slope at the beginning.

    >>> minimise(lambda x: (float(((x - 3) ** 2).sum()), 2 * (x - 3)), np.zeros(2)).round(4).tolist()
    [3.0, 3.0]
    """
    x = start
    value, slope = value_and_slope(x)
    least = tolerance * float(np.abs(slope).max())
    changes: deque[tuple[Array, Array]] = deque(maxlen=MEMORY)
    for _ in range(MOST_STEPS):
        if float(np.abs(slope).max()) <= least:
            break
        direction = -_by_inverse(slope, changes)
        step, descent = 1.0, float(slope @ direction)
        while True:
            candidate = x + step * direction
            new_value, new_slope = value_and_slope(candidate)
            if new_value <= value + 1e-4 * step * descent or step < 1e-10:
                break
            step *= 0.5
        change, of_slope = candidate - x, new_slope - slope
        if float(change @ of_slope) > 0:
            changes.append((change, of_slope))
        x, slope, stalled = candidate, new_slope, new_value >= value
        value = new_value
        if stalled:  # as far as the precision of products goes
            break
    return x


def _by_inverse(slope: Array, changes: deque[tuple[Array, Array]]) -> Array:
    """The slope times what the latest changes tell of the inverse of the curvature."""
    q, factors = slope.copy(), []
    for change, of_slope in reversed(changes):
        factor = float(change @ q) / float(change @ of_slope)
        factors.append(factor)
        q -= factor * of_slope
    if changes:
        change, of_slope = changes[-1]
        q *= float(change @ of_slope) / float(of_slope @ of_slope)
    for (change, of_slope), factor in zip(changes, reversed(factors), strict=True):
        q += change * (factor - float(of_slope @ q) / float(change @ of_slope))
    return q
