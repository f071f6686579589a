from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manifest_rows import row as manifest_row
from twostream.training.features import Features
from twostream.training.held_out_heads import FOLDS, folds_of, held_out_probabilities


def rows_of(sources_of_class: list[int], *, clips: int = 2):
    return [
        replace(
            manifest_row(f"a/{label}-{source}-{clip}", f"{label}/{source}", "train"), label=label
        )
        for label, sources in enumerate(sources_of_class)
        for source in range(sources)
        for clip in range(clips)
    ]


@given(sources=st.lists(st.integers(1, 12), min_size=2, max_size=5))
def test_a_source_video_is_held_out_whole_and_each_class_evenly(sources: list[int]) -> None:
    rows = rows_of(sources)
    fold = folds_of(rows)
    for group in {row.group for row in rows}:
        assert len({int(f) for f, row in zip(fold, rows, strict=True) if row.group == group}) == 1
    for label, count in enumerate(sources):
        of_class = {
            row.group: int(f) for f, row in zip(fold, rows, strict=True) if row.label == label
        }
        per_fold = np.bincount(list(of_class.values()), minlength=FOLDS)
        assert per_fold.max() - per_fold[: min(FOLDS, max(2, count))].min() <= 1


def features_of(rows, *, seed: int = 0) -> Features:
    rng = np.random.default_rng(seed)
    labels = np.asarray([row.label for row in rows])
    clips = np.repeat(np.arange(len(rows)), 3)
    centres = rng.normal(0, 2, (labels.max() + 1, 16))
    values = centres[labels[clips]] + rng.normal(0, 1, (len(clips), 16))
    return Features(values.astype(np.float32), labels[clips].astype(np.int64), clips)


def test_clips_are_told_apart_by_heads_that_have_not_seen_their_source() -> None:
    rows = rows_of([4, 4, 4])
    found, known = held_out_probabilities(features_of(rows), rows, n_classes=3)
    assert known.all()
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
    assert (found.argmax(axis=1) == [row.label for row in rows]).mean() > 0.9


def test_a_clip_never_helps_to_tell_itself() -> None:
    rows = rows_of([3, 3])
    features = features_of(rows)
    found, _ = held_out_probabilities(features, rows, n_classes=2)
    source = np.asarray([row.group == "0/1" for row in rows])
    other = Features(features.values.copy(), features.labels, features.clips)
    other.values[source[features.clips]] += 100.0
    again, _ = held_out_probabilities(other, rows, n_classes=2)
    same_fold = folds_of(rows) == folds_of(rows)[source][0]
    np.testing.assert_allclose(again[same_fold & ~source], found[same_fold & ~source], atol=1e-6)


@settings(max_examples=5, deadline=None)
@given(classes=st.integers(2, 4))
def test_the_only_source_of_a_class_tells_nothing(classes: int) -> None:
    rows = rows_of([1] * classes)
    _, known = held_out_probabilities(features_of(rows), rows, n_classes=classes)
    assert not known.any()
    rows = rows_of([1] + [3] * classes)
    _, known = held_out_probabilities(features_of(rows), rows, n_classes=classes + 1)
    assert [bool(k) for k in known] == [row.label > 0 for row in rows]


def test_features_without_clips_are_a_bug() -> None:
    with pytest.raises(ValueError, match="clips"):
        held_out_probabilities(
            Features(np.ones((1, 2), np.float32), np.zeros(1, int)), [], n_classes=2
        )
