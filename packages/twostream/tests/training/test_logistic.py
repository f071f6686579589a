from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from twostream.training.logistic import Beside, fit_logistic, probabilities


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


def beside_a_teacher(x: np.ndarray, known: list[bool]) -> tuple[np.ndarray, Beside]:
    """A classifier that says of feature k how likely class k is; of a class that is not known, nothing."""
    teacher = np.zeros((x.shape[1], len(known)), np.float32)
    for number, is_known in enumerate(known):
        teacher[number, number] = 3.0 * is_known
    return teacher, Beside(x @ teacher, np.asarray(known))


def test_beside_a_classifier_an_endless_penalty_adds_nothing_to_what_it_knows() -> None:
    x, y = clusters(3)
    _, beside = beside_a_teacher(x, [True, True, True, False])
    kernel, bias = fit_logistic(x, y, n_classes=4, penalty=1e6, beside=beside)
    np.testing.assert_allclose(kernel, 0.0, atol=1e-4)
    np.testing.assert_allclose(bias[:3], 0.0, atol=1e-3)
    assert abs(bias[3]) > 0.01  # of a new class nothing is known that would be kept


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 99), penalty=st.sampled_from([1e-3, 0.1]))
def test_beside_a_classifier_nothing_nearby_is_better(seed: int, penalty: float) -> None:
    x, y = clusters(seed, dimensions=80)  # more than samples, so that fewer dimensions are solved
    teacher, beside = beside_a_teacher(x, [True, True, True, False])
    kernel, bias = fit_logistic(x, y, n_classes=4, penalty=penalty, beside=beside)

    def objective(kernel: np.ndarray, bias: np.ndarray) -> float:
        of_truth = probabilities(x, kernel + teacher, bias)[np.arange(len(y)), y]
        drawn = (kernel.astype(np.float64) ** 2).sum() + (bias[:3].astype(np.float64) ** 2).sum()
        return float(-np.log(of_truth.astype(np.float64)).mean() + penalty * drawn)

    found, rng = objective(kernel, bias), np.random.default_rng(seed)
    for size in (1e-2, 1e-1):
        assert objective(kernel + size * rng.normal(0, 1, kernel.shape), bias) > found
        assert objective(kernel, bias + size * rng.normal(0, 1, 4)) > found - 1e-6
