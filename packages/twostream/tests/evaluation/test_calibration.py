"""Calibration of probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twostream.evaluation.calibration import calibration, why_no_chances
from twostream.evaluation.fusion import fuse, fuse_logits, softmax
from twostream.evaluation.fusion_svm import SVM_FUSION, train_svm_fusion
from twostream.evaluation.metrics import accuracy
from twostream.evaluation.sample_size import LEAST_CALIBRATED
from twostream.evaluation.scores import ClipScores


def clip_scores(values: np.ndarray, labels: np.ndarray) -> ClipScores:
    ids = tuple(f"c/{k}" for k in range(len(values)))
    classes = tuple(str(k) for k in range(values.shape[1]))
    return ClipScores(ids, classes, labels, values.astype(np.float32))


@given(st.integers(0, 2**31), st.integers(1, 60), st.integers(2, 12))
def test_measures_are_in_their_ranges_and_bins_hold_every_clip(
    seed: int, clips: int, classes: int
) -> None:
    rng = np.random.default_rng(seed)
    scores = clip_scores(rng.dirichlet(np.ones(classes), clips), rng.integers(0, classes, clips))
    found = calibration(scores)
    assert 0 <= found.ece <= 1
    assert 0 <= found.brier <= 2
    assert found.nll >= 0
    assert sum(b.clips for b in found.bins) == clips
    for b in found.bins:
        assert b.low - 1e-6 <= b.confidence <= b.high + 1e-6
    hits = sum(b.clips * b.accuracy for b in found.bins)
    assert hits == pytest.approx((scores.values.argmax(axis=1) == scores.labels).sum())


def test_certain_and_right_is_perfect_and_certain_and_wrong_is_worst() -> None:
    labels = np.array([0, 1, 2])
    perfect = calibration(clip_scores(np.eye(3), labels))
    worst = calibration(clip_scores(np.eye(3)[[1, 2, 0]], labels))
    assert (perfect.ece, perfect.brier) == (0, 0)
    assert perfect.nll == pytest.approx(0)
    assert (worst.ece, worst.brier) == (1, 2)
    assert np.isfinite(worst.nll)


def test_honest_probabilities_have_a_small_error_and_boastful_ones_a_large_one() -> None:
    rng = np.random.default_rng(0)
    sure = rng.uniform(0.5, 1, 20_000)
    labels = (rng.random(20_000) > sure).astype(np.int64)
    honest = calibration(clip_scores(np.stack([sure, 1 - sure], axis=1), labels))
    more = 1 - (1 - sure) / 4
    boastful = calibration(clip_scores(np.stack([more, 1 - more], axis=1), labels))
    assert honest.ece < 0.02
    assert boastful.ece > 0.1
    assert boastful.nll > honest.nll
    assert boastful.brier > honest.brier


@pytest.mark.parametrize("values", [[[2.0, -1.0]], [[0.9, 0.9]]])
def test_what_is_no_probability_is_known_by_its_values(values: list[list[float]]) -> None:
    scores = clip_scores(np.array(values), np.array([0]))
    assert why_no_chances("spatial", scores) == "its scores are negative or do not sum to 1"


def test_scores_of_an_svm_are_no_chances_though_they_sum_to_one() -> None:
    """Nearly all right, and a calibration error of 0.8: an SVM's margins are about 1."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 20, 200)
    one_hot = np.eye(20)[labels]
    spatial, temporal = (
        clip_scores(softmax(6 * one_hot + rng.normal(size=one_hot.shape)), labels) for _ in range(2)
    )
    fused = train_svm_fusion((spatial, temporal), (spatial, temporal)).fuse(spatial, temporal)
    assert accuracy(fused.values, labels).top1 > 0.9
    assert calibration(fused).ece > 0.5
    why = why_no_chances(SVM_FUSION, fused)
    assert why is not None
    assert "chance" in why


@pytest.mark.parametrize("weight", [0.0, 0.35, 1.0])
def test_scores_of_the_other_fusions_are_chances(weight: float) -> None:
    rng = np.random.default_rng(0)
    spatial, temporal = (
        clip_scores(rng.dirichlet(np.ones(4), 30), np.zeros(30, np.int64)) for _ in range(2)
    )
    weighted = fuse(spatial, temporal, spatial_weight=weight)
    assert why_no_chances("fusion-weighted", weighted) is None
    assert why_no_chances("fusion-logit", fuse_logits(spatial, temporal)) is None


def test_of_too_few_clips_honest_probabilities_look_wrong():
    """What the report's least number of clips stands on."""
    rng = np.random.default_rng(0)

    def error_of_honest(clips: int) -> float:
        found = []
        for _ in range(60):
            sure = rng.uniform(0.25, 1, clips)
            # Of many classes: what is not the surest one is spread over others.
            values = np.column_stack([sure, *[(1 - sure) / 9] * 9])
            labels = np.where(rng.random(clips) < sure, 0, 1)
            found.append(calibration(clip_scores(values, labels)).ece)
        return float(np.mean(found))

    assert error_of_honest(LEAST_CALIBRATED) > 0.1
    assert error_of_honest(LEAST_CALIBRATED * 10) < 0.05
