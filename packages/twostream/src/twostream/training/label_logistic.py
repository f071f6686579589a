"""Logistic regression for each label by itself, with an L2 penalty: the head for few clips.

As `logistic`, which is for one class of several; here every label has a problem of its own, and all are
solved together.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from twostream.training.logistic import TOLERANCE, Array, Beside, minimise

Floats = npt.NDArray[np.float32]


def fit_label_logistic(
    features: Floats,
    truth: npt.NDArray[np.bool_],
    *,
    penalty: float,
    weights: Floats | None = None,
    beside: Beside | None = None,
    tolerance: float = TOLERANCE,
) -> tuple[Floats, Floats]:
    """Kernel (D, C) and bias (C,) for standardised `features` (n, D) and labels `truth` (n, C).

    Minimises the mean over samples of the binary cross-entropy, summed over labels, plus ``penalty`` times
    the sum of squares of the kernel; the bias is free, but for a pull that keeps that of a label which all
    samples or none have finite. `weights` (2, C) are those of samples without and with each label. `beside`
    another classifier, what is found is what is to be added to that one's kernel and bias.

    >>> x = np.array([[-1.0], [-2.0], [1.0], [2.0]], np.float32)
    >>> truth = np.array([[False, True], [False, True], [True, False], [True, True]])
    >>> kernel, bias = fit_label_logistic(x, truth, penalty=0.01)
    >>> (x @ kernel + bias > 0)[:, 0].tolist()
    [False, False, True, True]
    """
    x = features.astype(np.float32, copy=False)
    back: Floats | None = None
    if len(x) < x.shape[1]:
        # The best kernel is made of the samples: in as many dimensions as there are samples it is the same.
        back, small = np.linalg.qr(x.T)
        x = np.ascontiguousarray(small.T)
    (n, dimensions), n_labels = x.shape, truth.shape[1]
    signs = np.where(truth, 1.0, -1.0)
    share = np.ones(truth.shape) if weights is None else np.where(truth, weights[1], weights[0])
    share = share / n
    said = 0.0 if beside is None else beside.logits.astype(np.float64)
    pull = np.full(n_labels, BIAS_PENALTY) + (0.0 if beside is None else penalty * beside.known)

    def parts(flat: Array) -> tuple[Array, Array]:
        return flat[:-n_labels].reshape(dimensions, n_labels), flat[-n_labels:]

    def value_and_slope(flat: Array) -> tuple[float, Array]:
        kernel, bias = parts(flat)
        margins = signs * ((x @ kernel.astype(np.float32)).astype(np.float64) + bias + said)
        loss = float((share * np.logaddexp(0.0, -margins)).sum())
        error = -share * signs * np.exp(-np.logaddexp(0.0, margins))
        of_kernel = (x.T @ error.astype(np.float32)).astype(np.float64) + 2 * penalty * kernel
        of_bias = error.sum(axis=0) + 2 * pull * bias
        value = loss + penalty * float((kernel**2).sum()) + float(pull @ bias**2)
        return value, np.concatenate([of_kernel.ravel(), of_bias])

    flat = minimise(value_and_slope, np.zeros((dimensions + 1) * n_labels), tolerance=tolerance)
    kernel, bias = parts(flat)
    found = kernel.astype(np.float32)
    return found if back is None else back @ found, bias.astype(np.float32)


# A label that no sample has: its bias would fall for ever. So it ends near 1 in a thousand.
BIAS_PENALTY = 1e-4


def label_probabilities(features: Floats, kernel: Floats, bias: Floats) -> Floats:
    """The probability (n, C) of each label by itself on standardised features (n, D)."""
    logits = (features @ kernel + bias).astype(np.float64)
    found: Floats = np.exp(-np.logaddexp(0.0, -logits)).astype(np.float32)
    return found
