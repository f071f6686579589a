"""Accuracies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twostream.evaluation.metrics import accuracy, confusion_matrix, truth_ranks


def scores_of(seed: int, clips: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    values = rng.dirichlet(np.ones(classes), clips).astype(np.float32)
    return values, rng.integers(0, classes, clips)


SIZES = (st.integers(0, 2**31), st.integers(1, 60), st.integers(2, 12))


@given(*SIZES)
def test_accuracies_are_ordered_fractions(seed: int, clips: int, classes: int) -> None:
    found = accuracy(*scores_of(seed, clips, classes))
    assert 0 <= found.top1 <= found.top5 <= 1
    assert 0 <= found.mean_class <= 1


@given(*SIZES)
def test_the_confusion_matrix_counts_every_clip_once(seed: int, clips: int, classes: int) -> None:
    values, labels = scores_of(seed, clips, classes)
    counts = confusion_matrix(values, labels)
    assert counts.sum() == clips
    assert counts.trace() / clips == pytest.approx(accuracy(values, labels).top1)
    np.testing.assert_array_equal(counts.sum(axis=1), np.bincount(labels, minlength=classes))


def test_mean_class_accuracy_weighs_classes_not_clips() -> None:
    values = np.eye(2, dtype=np.float32)[[0] * 10 + [0]]
    labels = np.array([0] * 10 + [1])
    found = accuracy(values, labels)
    assert found.top1 == pytest.approx(10 / 11)
    assert found.mean_class == 0.5


def test_a_tie_is_not_a_hit_unless_the_class_comes_first() -> None:
    even = np.full((2, 4), 0.25, np.float32)
    assert truth_ranks(even, np.array([0, 3])).tolist() == [0, 3]


def test_with_fewer_than_five_classes_top5_is_certain() -> None:
    assert accuracy(*scores_of(3, 20, 3)).top5 == 1.0
