"""The original's procedures: its counts are re-created, its defects told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twostream.datasets.manifest import ManifestRow
from twostream.evaluation.protocols import asks_for_original, parse_protocols
from twostream.evaluation.sample_sets import SampleSet
from twostream.evaluation.scores import ClipScores
from twostream.lab.as_original.evaluation import (
    FUSED_FRAME,
    ONE_FRAME,
    WHOLE_VIDEO,
    first_clips,
    frame_level,
    fusion_start,
    image_count,
    in_class_order,
    middle_start,
    seventeen_frames,
    whole_batches,
    whole_starts,
    whole_video_clips,
    with_replacement,
)
from twostream.transforms.preprocessing import Preprocessing

LENGTHS = st.integers(2, 1100)


@given(LENGTHS)
def test_every_position_is_within_the_clip(frames: int) -> None:
    for kind in (Preprocessing(stream="spatial"), Preprocessing(stream="temporal")):
        for one in (ONE_FRAME, FUSED_FRAME, WHOLE_VIDEO):
            positions = list(one.positions(kind, frames))
            assert positions
            assert 0 <= min(positions) <= max(positions) < kind.count_positions(frames)


@given(st.integers(40, 1100))
def test_seventeen_frames_end_before_the_clip_does(frames: int) -> None:
    found = seventeen_frames(frames)
    assert len(found) == 17
    assert found[0] == 1  # its first image is the second frame
    assert found[-1] <= image_count(frames)


def test_with_33_images_it_sees_the_first_half() -> None:
    assert seventeen_frames(35)[-1] == 17


@pytest.mark.parametrize(
    ("images", "middle", "fused", "last"), [(78, 35, 35, 67), (79, 35, 35, 68), (101, 46, 46, 90)]
)
def test_starts_of_stacks_are_the_formulas(images: int, middle: int, fused: int, last: int) -> None:
    assert middle_start(images + 2) == 1 + int(0.5 * (images - 10)) == middle
    assert fusion_start(images + 2) == int(0.5 * (images - 9) + 0.5) == fused
    assert whole_starts(images + 2)[-1] == images - 11 == last


def test_the_whole_video_reader_leaves_out_the_last_starts() -> None:
    kind = Preprocessing(stream="temporal")
    assert len(WHOLE_VIDEO.positions(kind, 80)) == 67
    assert kind.count_positions(80) == 70


@pytest.mark.parametrize(("one", "transposed"), [(ONE_FRAME, False), (FUSED_FRAME, True)])
def test_only_fusion_sees_transposed_flow(one: SampleSet, transposed: bool) -> None:
    for stream in ("spatial", "temporal"):
        kind = Preprocessing(stream=stream)  # type: ignore[arg-type]
        (view,) = one.views(kind, None)  # type: ignore[arg-type]
        assert view.transposed == (transposed and stream == "temporal")  # type: ignore[union-attr]


def official(clips: int = 1530, classes: int = 51) -> tuple[ClipScores, np.ndarray]:
    """As many clips as an HMDB-51 test part has, in the order of their classes."""
    labels = np.repeat(np.arange(classes), clips // classes)
    values = np.random.default_rng(0).dirichlet(np.ones(classes), clips).astype(np.float32)
    names = tuple(f"c{k}" for k in range(classes))
    return ClipScores(tuple(map(str, range(clips))), names, labels, values), labels


def test_its_numbers_of_instances_are_re_created() -> None:
    scores, labels = official()
    frames = [np.repeat(row[None], 17, axis=0) for row in scores.values]
    assert frame_level(frames, labels, seed=0)["instances"] == 25984
    assert with_replacement(list(scores.values[:, None]), labels, seed=0)["instances"] == 1408
    assert first_clips(scores)["instances"] == 1408


def test_its_fusion_never_sees_four_classes() -> None:
    scores, labels = official()
    perfect_at_the_end = np.zeros_like(scores.values)
    perfect_at_the_end[:, 0] = 1.0
    late = labels >= 47
    perfect_at_the_end[late] = np.eye(51, dtype=np.float32)[labels[late]]
    found = first_clips(ClipScores(scores.ids, scores.classes, labels, perfect_at_the_end))
    assert found["top1"] == pytest.approx(30 / 1408)


def rows(count: int) -> list[ManifestRow]:
    return [
        ManifestRow(f"c{k % 7}/{k:04d}", f"c{k % 7}", k % 7, "", "", 9, 25.0, 9, 9, 1.0, "g")
        for k in range(count)
    ]


def test_two_hundred_clips_are_drawn_once_and_always_the_same() -> None:
    ordered = in_class_order(rows(300))
    assert [row.label for row in ordered] == sorted(row.label for row in ordered)
    chosen = whole_video_clips(ordered, seed=0)
    assert len({row.clip_id for row in chosen}) == 200
    assert chosen == whole_video_clips(ordered, seed=0) != whole_video_clips(ordered, seed=1)
    assert len(whole_video_clips(rows(21), seed=0)) == 21


def test_small_test_parts_are_not_dropped_whole() -> None:
    assert whole_batches(21, 128) == 21


def test_it_is_asked_for_by_name_and_never_alone() -> None:
    assert asks_for_original("whole-video,original")
    assert not asks_for_original("whole-video")
    assert parse_protocols("original") == ("one-frame",)
    assert parse_protocols("original,25") == ("25",)
