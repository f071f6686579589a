"""Samples: drawn without state, in batches computed ahead."""

from __future__ import annotations

import pickle
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
import pytest
from twostream.datasets.manifest import read_manifest
from twostream.training.samples import (
    DataSetClips,
    Draw,
    Pixels,
    TrainingViews,
    clip_samples,
    draw_sample,
    drawn,
    epoch_draws,
    in_threads,
)
from twostream.transforms.preprocessing import Preprocessing


def test_every_clip_is_drawn_the_same_number_of_times_in_an_order_of_the_epochs_own(
    small_data: Path,
) -> None:
    rows = read_manifest(small_data).rows
    first = epoch_draws(rows, samples_per_clip=3, seed=0, epoch=0)
    assert first == epoch_draws(rows, samples_per_clip=3, seed=0, epoch=0)
    assert first != epoch_draws(rows, samples_per_clip=3, seed=0, epoch=1)
    assert first != epoch_draws(rows, samples_per_clip=3, seed=1, epoch=0)
    assert set(Counter(draw.row.clip_id for draw in first).values()) == {3}
    assert len({draw.seed for draw in first}) == len(first)


def test_the_segments_of_a_clip_come_one_after_another_and_cover_it(small_data: Path) -> None:
    rows = read_manifest(small_data).rows
    draws = epoch_draws(rows, samples_per_clip=2, segments=3, seed=0, epoch=0)
    groups = [draws[k : k + 3] for k in range(0, len(draws), 3)]
    assert all(len({draw.row.clip_id for draw in group}) == 1 for group in groups)
    assert {tuple(draw.part for draw in group) for group in groups} == {(0, 2, 4), (1, 3, 5)}


def test_with_few_frames_per_clip_only_equidistant_ones_are_drawn(small_data: Path) -> None:
    row = read_manifest(small_data).rows[0]
    views = TrainingViews(
        samples_per_clip=40, segments=1, frames_per_clip=3, smallest_crop=1.0, color_jitter=0.0
    )
    kind = Preprocessing(stream="spatial", size_px=48)
    source = DataSetClips(small_data)
    allowed = [source.clip(row).frame(k) for k in (0, (row.frames - 1) // 2, row.frames - 1)]
    drawn = set()
    for draw in epoch_draws([row], samples_per_clip=40, seed=0, epoch=0):
        sample = draw_sample(draw, source=source, preprocessing=kind, views=views)
        same = [
            np.array_equal(sample, frame) or np.array_equal(sample[:, ::-1], frame)
            for frame in allowed
        ]
        assert any(same)
        drawn.add(same.index(True))
    assert drawn == {0, 1, 2}


def test_colours_are_jittered_in_frames_and_never_in_flow(small_data: Path) -> None:
    row = read_manifest(small_data).rows[0]
    draw = epoch_draws([row], samples_per_clip=1, seed=0, epoch=0)[0]
    for stream, same in (("spatial", False), ("temporal", True)):
        kind = Preprocessing(stream=stream, size_px=32, stack_length=4)  # type: ignore[arg-type]
        plain, jittered = (
            draw_sample(
                draw,
                source=DataSetClips(small_data),
                preprocessing=kind,
                views=TrainingViews(segments=1, color_jitter=strength),
            )
            for strength in (0.0, 0.4)
        )
        assert np.array_equal(plain, jittered) is same


def test_frames_are_augmented_by_draws_of_their_own_and_flow_never_is(small_data: Path) -> None:
    row = read_manifest(small_data).rows[0]
    draws = epoch_draws([row], samples_per_clip=12, seed=0, epoch=0)
    source = DataSetClips(small_data)

    def samples(stream: str, strength: float, jitter: float) -> list[Pixels]:
        kind = Preprocessing(stream=stream, size_px=32, stack_length=4)  # type: ignore[arg-type]
        views = TrainingViews(samples_per_clip=12, rand_augment=strength, color_jitter=jitter)
        return [draw_sample(draw, source=source, preprocessing=kind, views=views) for draw in draws]

    def same(one: list[Pixels], other: list[Pixels]) -> int:
        return sum(np.array_equal(a, b) for a, b in zip(one, other, strict=True))

    assert same(samples("temporal", 9.0, 0.0), samples("temporal", 0.0, 0.0)) == len(draws)
    augmented = samples("spatial", 9.0, 0.0)
    assert same(augmented, samples("spatial", 9.0, 0.0)) == len(draws)
    # Of the draws that leave a frame as it is, position and view are what they are without it.
    assert 0 <= same(augmented, samples("spatial", 0.0, 0.0)) < len(draws) / 2
    assert same(augmented, samples("spatial", 9.0, 0.3)) < len(draws) / 2


@pytest.mark.parametrize(("stream", "channels"), [("spatial", 3), ("temporal", 8)])
def test_a_draw_gives_the_same_sample_each_time(
    small_data: Path, stream: str, channels: int
) -> None:
    rows = read_manifest(small_data).rows
    kind = Preprocessing(stream=stream, size_px=32, stack_length=4)  # type: ignore[arg-type]
    draw = epoch_draws(rows, samples_per_clip=2, seed=0, epoch=5)[0]
    samples = [
        draw_sample(
            draw,
            source=DataSetClips(small_data),
            preprocessing=kind,
            views=TrainingViews(samples_per_clip=2),
        )
        for _ in range(2)
    ]
    np.testing.assert_array_equal(*samples)
    assert samples[0].shape == (32, 32, channels)
    assert samples[0].dtype == np.uint8


def test_samples_of_a_clip_look_through_the_evaluation_view(small_data: Path) -> None:
    row = read_manifest(small_data).rows[0]
    kind = Preprocessing(stream="spatial", size_px=48)
    source = DataSetClips(small_data)
    samples = clip_samples(row, source=source, preprocessing=kind, samples=row.frames)
    np.testing.assert_array_equal(samples[3], source.clip(row).frame(3))


def test_only_training_views_interpolate_where_they_shrink_by_little(small_data: Path) -> None:
    row = read_manifest(small_data).rows[0]
    source, kind = DataSetClips(small_data), Preprocessing(stream="spatial", size_px=40)
    draw = epoch_draws([row], samples_per_clip=1, seed=0, epoch=0)[0]
    views = TrainingViews(smallest_crop=1.0)
    clip, position, view, _ = drawn(draw, source=source, preprocessing=kind, views=views)
    assert view.side == 48
    square = clip.frame(position)[view.top : view.top + 48, view.left : view.left + 48]
    if view.flip:
        square = square[:, ::-1]
    sample = draw_sample(draw, source=source, preprocessing=kind, views=views)
    near = {
        method: np.abs(
            cv2.resize(square, (40, 40), interpolation=method).astype(int) - sample
        ).max()
        for method in (cv2.INTER_LINEAR, cv2.INTER_AREA)
    }
    assert near[cv2.INTER_LINEAR] <= 1 < near[cv2.INTER_AREA]
    (scored,) = clip_samples(row, source=source, preprocessing=kind, samples=1)
    middle = clip.frame(row.frames // 2)
    height, width = middle.shape[:2]
    top, left = (height - 48) // 2, (width - 48) // 2
    area = cv2.resize(
        middle[top : top + 48, left : left + 48], (40, 40), interpolation=cv2.INTER_AREA
    )
    np.testing.assert_array_equal(scored, area)


def _samples(task: tuple[DataSetClips, list[Draw], Preprocessing]) -> list[Pixels]:
    source, draws, kind = task
    return [
        draw_sample(draw, source=source, preprocessing=kind, views=TrainingViews())
        for draw in draws
    ]


@pytest.mark.parametrize("stream", ["spatial", "temporal"])
def test_another_process_gives_the_same_samples(small_data: Path, stream: str) -> None:
    kind = Preprocessing(stream=stream, size_px=32, stack_length=4)  # type: ignore[arg-type]
    source = DataSetClips(small_data)
    draws = epoch_draws(read_manifest(small_data).rows, samples_per_clip=1, seed=0, epoch=0)[:4]
    expected = _samples((source, draws, kind))
    assert len(pickle.dumps(source)) < 1000  # without the clips that it has opened
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        found = pool.submit(_samples, (source, draws, kind)).result()
    np.testing.assert_array_equal(found, expected)


def test_batches_keep_the_order_and_the_last_one_may_be_small() -> None:
    def of(number: int) -> np.ndarray:
        return np.full((2,), number, np.uint8)

    batches = list(in_threads(of, range(10), batch_size=4))
    assert [len(batch) for batch in batches] == [4, 4, 2]
    np.testing.assert_array_equal(np.concatenate(batches)[:, 0], np.arange(10))


def test_an_error_in_a_thread_is_raised_where_the_batch_is_wanted() -> None:
    def broken(number: int) -> np.ndarray:
        raise ValueError(f"sample {number}")

    with pytest.raises(ValueError, match="sample 0"):
        list(in_threads(broken, range(10), batch_size=4))
