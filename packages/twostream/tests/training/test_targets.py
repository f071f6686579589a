"""Soft targets."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from twostream.training.targets import class_weights, cut_clips, mix_clips, soft_targets


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=40),
    st.sampled_from(["none", "balanced"]),
)
def test_weights_average_to_one_over_the_clips(labels: list[int], kind: str) -> None:
    weights = class_weights(labels, n_classes=6, kind=kind)  # type: ignore[arg-type]
    np.testing.assert_allclose(weights[labels].mean(), 1, rtol=1e-5)


def test_balanced_classes_weigh_the_same_in_all() -> None:
    labels = [0] * 9 + [1] * 3 + [3]
    weights = class_weights(labels, n_classes=5, kind="balanced")
    totals = [weights[k] * labels.count(k) for k in (0, 1, 3)]
    np.testing.assert_allclose(totals, totals[0], rtol=1e-6)


@given(st.floats(0, 0.9), st.integers(2, 9))
def test_targets_sum_to_the_weight_and_favour_the_label(smoothing: float, n: int) -> None:
    labels = np.arange(n)
    weights = np.linspace(0.5, 2, n).astype(np.float32)
    targets = soft_targets(labels, smoothing=smoothing, weights=weights)
    np.testing.assert_allclose(targets.sum(axis=1), weights, rtol=1e-5)
    assert (targets.argmax(axis=1) == labels).all()


def test_no_smoothing_is_the_label_itself() -> None:
    targets = soft_targets(np.asarray([2, 0]), smoothing=0.0, weights=np.ones(3, np.float32))
    assert targets.tolist() == [[0, 0, 1], [1, 0, 0]]


def test_mixing_blends_pictures_and_targets_of_whole_clips_alike() -> None:
    # Pictures that show their own target, so that any difference in blending is seen.
    targets = np.repeat(np.eye(4, dtype=np.float32), 3, axis=0)
    samples = np.broadcast_to(targets[:, None, None, :], (12, 2, 2, 4)).copy()
    mixed, wanted = mix_clips(samples, targets, segments=3, alpha=1.0, rng=np.random.default_rng(0))
    np.testing.assert_allclose(mixed[:, 0, 0], wanted, rtol=1e-6)
    np.testing.assert_allclose(wanted.sum(axis=1), 1, rtol=1e-6)
    clips = wanted.reshape(4, 3, 4)
    assert (clips == clips[:, :1]).all()
    assert (clips[:, 0].argmax(axis=1) == np.arange(4)).all()
    assert (wanted < 1).any()


def test_an_odd_clip_left_over_is_mixed_too() -> None:
    samples, targets = np.ones((3, 2, 2, 1), np.float32), np.eye(3, dtype=np.float32)
    mixed, _ = mix_clips(samples, targets, segments=3, alpha=0.2, rng=np.random.default_rng(0))
    assert mixed.shape == samples.shape


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.2, 1.0, 5.0]))
def test_a_cut_clip_shows_each_of_two_clips_as_much_as_its_target_says(
    seed: int, alpha: float
) -> None:
    # Pictures that show their own target everywhere: their mean is what is seen of each clip.
    targets = np.repeat(np.eye(4, dtype=np.float32), 3, axis=0)
    samples = np.broadcast_to(targets[:, None, None, :], (12, 10, 10, 4)).copy()
    rng = np.random.default_rng(seed)
    cut, wanted = cut_clips(samples, targets, segments=3, alpha=alpha, rng=rng)
    np.testing.assert_allclose(cut.mean(axis=(1, 2)), wanted, atol=1e-5)
    # The same place in all samples of a clip.
    clips = cut.reshape(4, 3, 10, 10, 4)
    assert (clips == clips[:, :1]).all()


def test_cutting_leaves_the_batch_as_it_was_and_cuts_something() -> None:
    targets = np.eye(8, dtype=np.float32)
    samples = np.arange(8 * 8 * 8, dtype=np.float32).reshape(8, 8, 8, 1)
    before = samples.copy()
    cut, wanted = cut_clips(samples, targets, segments=1, alpha=1.0, rng=np.random.default_rng(1))
    np.testing.assert_array_equal(samples, before)
    assert (cut != samples).any()
    assert (wanted.max(axis=1) < 1).any()
