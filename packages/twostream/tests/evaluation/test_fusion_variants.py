"""Fusions that learn do so on the training part; nothing of the test part chooses anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twostream.datasets.manifest import ManifestRow
from twostream.errors import TwostreamError
from twostream.evaluation.fusion import choose_weight, fuse, fuse_logits
from twostream.evaluation.fusion_svm import train_svm_fusion
from twostream.evaluation.fusion_variants import make_variants, parse_fusions
from twostream.evaluation.scores import ClipScores
from twostream.evaluation.svm import train_linear_svm
from twostream.training.partition import Partition

CLASSES = ("a", "b", "c", "d")


def scores(seed: int, *, skill: float, clips: int = 80) -> ClipScores:
    """Scores whose logits know the truth by `skill`; the clips and their labels are always the same."""
    labels = np.arange(clips) % len(CLASSES)
    logits = np.random.default_rng(seed).normal(size=(clips, len(CLASSES)))
    logits[np.arange(clips), labels] += skill
    values = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    ids = tuple(f"{CLASSES[label]}/{k}" for k, label in enumerate(labels))
    return ClipScores(ids, CLASSES, labels, values.astype(np.float32))


def top1(found: ClipScores) -> float:
    return float((found.values.argmax(axis=1) == found.labels).mean())


def test_the_weight_goes_to_the_stream_that_knows() -> None:
    good, bad = scores(0, skill=3.0), scores(1, skill=0.0)
    assert choose_weight(good, bad) > 0.5
    assert choose_weight(bad, good) < 0.5


@given(st.integers(0, 100))
def test_no_other_weight_of_the_grid_is_better_on_the_same_clips(seed: int) -> None:
    spatial, temporal = scores(seed, skill=1.0), scores(seed + 1, skill=1.5)
    best = top1(fuse(spatial, temporal, spatial_weight=choose_weight(spatial, temporal)))
    every = [top1(fuse(spatial, temporal, spatial_weight=k / 20)) for k in range(21)]
    assert best == max(every)


def test_of_streams_that_are_equal_the_weight_is_a_half() -> None:
    assert choose_weight(scores(0, skill=1.0), scores(0, skill=1.0)) == 0.5


@given(st.integers(0, 100))
def test_a_logit_average_is_the_normalised_geometric_mean(seed: int) -> None:
    spatial, temporal = scores(seed, skill=1.0), scores(seed + 1, skill=1.0)
    product = np.sqrt(spatial.values.astype(np.float64) * temporal.values)
    expected = product / product.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(fuse_logits(spatial, temporal).values, expected, atol=1e-6)


def test_a_class_that_a_stream_excludes_does_not_make_a_logit_average_undefined() -> None:
    certain = ClipScores(("x",), ("a", "b"), np.array([0]), np.array([[1, 0]], np.float32))
    other = ClipScores(("x",), ("a", "b"), np.array([0]), np.array([[0, 1]], np.float32))
    np.testing.assert_allclose(fuse_logits(certain, other).values, [[0.5, 0.5]])


@given(st.integers(0, 30), st.sampled_from([0.01, 1.0, 100.0]))
def test_the_svm_is_at_the_minimum_of_its_objective(seed: int, c: float) -> None:
    rng = np.random.default_rng(seed)
    features, labels = rng.normal(size=(40, 5)), rng.integers(0, 3, 40)
    weights = train_linear_svm(features, labels, n_classes=3, c=c).weights
    x = np.hstack([features, np.ones((40, 1))])
    for k in range(3):
        y = np.where(labels == k, 1.0, -1.0)

        def objective(w: np.ndarray, y: np.ndarray = y) -> float:
            return float(0.5 * w @ w + c * (np.maximum(0, 1 - y * (x @ w)) ** 2).sum())

        least = objective(weights[:, k])
        for step in (*np.eye(6), *-np.eye(6)):
            assert objective(weights[:, k] + 1e-3 * step) >= least - 1e-9 * (1 + least)


def test_the_svm_of_separable_classes_separates_them() -> None:
    features = np.array([[0.0, 0.0], [0.1, 0.0], [1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9]])
    labels = np.array([0, 0, 1, 1, 2, 2])
    svm = train_linear_svm(features, labels, n_classes=3, c=1000.0)
    np.testing.assert_array_equal(svm.decide(features).argmax(axis=1), labels)


def test_the_svm_fusion_uses_a_stream_that_is_consistently_wrong() -> None:
    # This stream gives every clip the class after its own: averaging cannot mend that.
    spatial = scores(0, skill=0.3)
    shifted = scores(1, skill=6.0)
    shifted = ClipScores(
        shifted.ids, shifted.classes, shifted.labels, np.roll(shifted.values, 1, axis=1)
    )
    fused = train_svm_fusion((spatial, shifted), (spatial, shifted)).fuse(spatial, shifted)
    assert top1(fused) > 0.95 > top1(fuse(spatial, shifted))
    np.testing.assert_allclose(fused.values.sum(axis=1), 1, atol=1e-5)


def test_of_equally_good_c_the_smallest_is_taken() -> None:
    easy = scores(0, skill=30.0), scores(1, skill=30.0)
    assert train_svm_fusion(easy, easy).c == 1e-3


def rows(part: str) -> tuple[ManifestRow, ...]:
    found = scores(0, skill=0.0)
    return tuple(
        ManifestRow(name, name[0], int(label), part, "", 9, 25.0, 9, 9, 1.0, name)
        for name, label in zip(found.ids, found.labels, strict=True)
    )


PARTITION = Partition(rows("training"), rows("validation"), "")


def learn(partition: Partition | str = PARTITION) -> tuple[Any, list[str]]:
    """All variants, and the parts that were scored for them."""
    parts: list[str] = []

    def score_part(part: Any, clips: Sequence[ManifestRow]) -> tuple[ClipScores, ClipScores]:
        assert {row.path for row in clips} == {part}
        parts.append(part)
        return scores(10, skill=2.0), scores(11, skill=1.0)

    variants = make_variants(
        ("average", "weighted", "logit", "svm"), partition=partition, score_part=score_part
    )
    return {variant.name: variant for variant in variants}, parts


def test_what_was_chosen_is_told_with_the_clips_it_was_chosen_on() -> None:
    variants, parts = learn()
    assert parts == ["validation", "training", "validation"]
    assert list(variants) == ["fusion-weighted", "fusion-logit", "fusion-svm"]
    weighted = variants["fusion-weighted"].note
    assert sum(weighted["weights"].values()) == 1
    assert weighted["chosen_on"]["clips"] == 80
    assert weighted["chosen_on"]["part"] == "validation"
    assert variants["fusion-svm"].note["trained_on"]["part"] == "training"
    spatial, temporal = scores(3, skill=1.0), scores(4, skill=1.0)
    expected = fuse(spatial, temporal, spatial_weight=weighted["weights"]["spatial"])
    np.testing.assert_array_equal(
        variants["fusion-weighted"].fuse(spatial, temporal).values, expected.values
    )


def test_without_validation_clips_the_learnt_fusions_are_absent_and_say_why() -> None:
    variants, parts = learn("nothing was held out")
    assert parts == []
    for name in ("fusion-weighted", "fusion-svm"):
        assert variants[name].fuse is None
        assert variants[name].note == {"absent": "nothing was held out"}
    assert variants["fusion-logit"].fuse is not None


def test_the_average_is_always_there() -> None:
    assert parse_fusions("svm") == ("average", "svm")
    assert parse_fusions("") == ("average",)
    with pytest.raises(TwostreamError, match="did you mean weighted"):
        parse_fusions("weigthed")
