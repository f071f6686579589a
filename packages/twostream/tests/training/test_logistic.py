from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from twostream.training.logistic import fit_logistic, probabilities


def clusters(seed: int, *, n: int = 60, dimensions: int = 40, classes: int = 4):
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % classes
    centres = rng.normal(0, 1, (classes, dimensions))
    values = centres[labels] + rng.normal(0, 1.5, (n, dimensions))
    return ((values - values.mean(0)) / values.std(0)).astype(np.float32), labels.astype(np.int64)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 99), penalty=st.sampled_from([1e-3, 0.1, 10.0]))
def test_nothing_nearby_is_better(seed: int, penalty: float) -> None:
    x, y = clusters(seed)
    kernel, bias = fit_logistic(x, y, n_classes=4, penalty=penalty)

    def objective(kernel: np.ndarray, bias: np.ndarray) -> float:
        of_truth = probabilities(x, kernel, bias)[np.arange(len(y)), y].astype(np.float64)
        return float(-np.log(of_truth).mean() + penalty * (kernel.astype(np.float64) ** 2).sum())

    found = objective(kernel, bias)
    rng = np.random.default_rng(seed)
    for size in (1e-2, 1e-1):
        moved = kernel + size * rng.normal(0, 1, kernel.shape).astype(np.float32)
        assert objective(moved, bias) > found
        assert (
            objective(kernel, bias + size * rng.normal(0, 1, 4).astype(np.float32)) > found - 1e-6
        )


def test_an_endless_penalty_leaves_the_shares_of_the_classes() -> None:
    x, _ = clusters(1)
    labels = np.asarray([0] * 45 + [1] * 15)
    kernel, bias = fit_logistic(x, labels, n_classes=2, penalty=1e6)
    np.testing.assert_allclose(probabilities(x, kernel, bias)[:, 0], 0.75, atol=1e-3)
    weights = np.float32([1 / 45, 1 / 15])
    kernel, bias = fit_logistic(x, labels, n_classes=2, penalty=1e6, weights=weights)
    np.testing.assert_allclose(probabilities(x, kernel, bias)[:, 0], 0.5, atol=1e-3)
