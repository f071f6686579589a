"""Fusion joins on clip ids and refuses what does not belong together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twostream.errors import TwostreamError
from twostream.evaluation.fusion import fuse
from twostream.evaluation.scores import ClipScores, load_scores, save_scores


def some_scores(seed: int, clips: int = 6, classes: int = 3) -> ClipScores:
    rng = np.random.default_rng(seed)
    return ClipScores(
        tuple(f"class/clip #{k}" for k in range(clips)),
        tuple(f"c{k}" for k in range(classes)),
        np.arange(clips) % classes,
        rng.dirichlet(np.ones(classes), clips).astype(np.float32),
    )


def reordered(scores: ClipScores, order: list[int]) -> ClipScores:
    return ClipScores(
        tuple(scores.ids[k] for k in order),
        scores.classes,
        scores.labels[order],
        scores.values[order],
    )


@given(st.integers(0, 1000), st.permutations(list(range(6))))
def test_the_order_of_the_clips_does_not_matter(seed: int, order: list[int]) -> None:
    spatial, temporal = some_scores(seed), some_scores(seed + 1)
    fused = fuse(spatial, reordered(temporal, order))
    np.testing.assert_allclose(fused.values, (spatial.values + temporal.values) / 2, atol=1e-6)
    assert fused.ids == spatial.ids


@given(st.floats(0, 1))
def test_fused_scores_are_probabilities(weight: float) -> None:
    fused = fuse(some_scores(1), some_scores(2), spatial_weight=weight)
    np.testing.assert_allclose(fused.values.sum(axis=1), 1, atol=1e-5)


def test_a_stream_fused_with_itself_is_itself() -> None:
    scores = some_scores(4)
    np.testing.assert_allclose(fuse(scores, scores).values, scores.values, atol=1e-7)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ids": tuple(f"other {k}" for k in range(6))}, "the same clips"),
        ({"classes": ("c1", "c0", "c2")}, "the same classes"),
        ({"labels": np.array([1, 1, 2, 0, 1, 2])}, "the same label"),
    ],
)
def test_mismatches_are_refused(change: dict[str, object], message: str) -> None:
    spatial = some_scores(0)
    with pytest.raises(TwostreamError, match=message):
        fuse(spatial, replace(spatial, **change))


def test_a_missing_clip_is_refused() -> None:
    with pytest.raises(TwostreamError, match="1 clip in one only"):
        fuse(some_scores(0), reordered(some_scores(0), [0, 1, 2, 3, 4]))


def test_scores_are_read_back_as_they_were_saved(tmp_path: Path) -> None:
    streams = {"spatial": some_scores(0), "temporal": some_scores(1)}
    save_scores(tmp_path / "scores.npz", streams)
    found = load_scores(tmp_path / "scores.npz")
    assert list(found) == ["spatial", "temporal"]
    for name, scores in streams.items():
        assert found[name].ids == scores.ids
        assert found[name].classes == scores.classes
        np.testing.assert_array_equal(found[name].values, scores.values)
        np.testing.assert_array_equal(found[name].labels, scores.labels)


def test_scores_of_different_clips_are_not_saved_together(tmp_path: Path) -> None:
    other = reordered(some_scores(0), [1, 0, 2, 3, 4, 5])
    with pytest.raises(ValueError, match="other clips"):
        save_scores(tmp_path / "scores.npz", {"spatial": some_scores(0), "temporal": other})


@pytest.mark.parametrize("content", [None, b"", b"not an archive"])
def test_missing_and_damaged_scores_are_a_sentence(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "scores.npz").write_bytes(content)
    with pytest.raises(TwostreamError, match="twostream evaluate"):
        load_scores(tmp_path / "scores.npz")


def test_parts_that_do_not_belong_together_are_a_bug() -> None:
    scores = some_scores(0)
    with pytest.raises(ValueError, match="belong together"):
        replace(scores, labels=np.array([0]))
    with pytest.raises(ValueError, match="twice"):
        replace(scores, ids=("same",) * 6)
