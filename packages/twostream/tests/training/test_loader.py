"""Samples are the same whoever brings them, and whoever brings them is gone afterwards."""

from __future__ import annotations

import multiprocessing
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from twostream.datasets.manifest import read_manifest
from twostream.errors import TwostreamError
from twostream.training.loader import loader_of
from twostream.training.samples import DataSetClips, TrainingViews, draw_sample, epoch_draws
from twostream.transforms.preprocessing import Preprocessing
from worker_tasks import sample_or_not


def brought(data: Path, kind: Any, workers: int, *, epochs: int = 2) -> list[np.ndarray]:
    rows = read_manifest(data).part(1, "train")
    views = TrainingViews(samples_per_clip=2, color_jitter=0.4, rand_augment=0.5)
    preprocessing = Preprocessing(stream="spatial", size_px=32)
    sample = partial(
        draw_sample, source=DataSetClips(data), preprocessing=preprocessing, views=views
    )
    with loader_of(kind, workers) as load:
        return [
            batch
            for epoch in range(epochs)
            for batch in load(
                sample,
                epoch_draws(rows, samples_per_clip=2, segments=3, seed=0, epoch=epoch),
                batch_size=7,
            )
        ]


def test_the_same_samples_in_the_same_order_whoever_brings_them(small_data: Path) -> None:
    expected = brought(small_data, "threads", 1)
    assert len({batch.tobytes() for batch in expected}) == len(expected)
    for kind, workers in (("threads", 3), ("processes", 2)):
        found = brought(small_data, kind, workers)
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_array_equal(one, other)


def test_what_goes_wrong_ends_the_training_and_no_process_is_left() -> None:
    wrong: list[tuple[str, type[Exception], str]] = [
        ("user", TwostreamError, "x: expected a, found b; c"),
        ("system", OSError, "Input/output error"),
        ("killed", TwostreamError, r"status -9; call the same command again.*fewer --workers"),
    ]
    before = set(multiprocessing.active_children())
    with loader_of("processes", 1) as load:
        for item, kind, message in wrong:
            with pytest.raises(kind, match=message):
                list(load(sample_or_not, ["fine", "fine", item, "fine"], batch_size=1))
    assert set(multiprocessing.active_children()) == before


def test_whoever_stops_listening_leaves_no_process() -> None:
    before = set(multiprocessing.active_children())

    def begin() -> None:
        with loader_of("processes", 1) as load:
            for _ in load(sample_or_not, ["fine"] * 50, batch_size=2):
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        begin()
    assert set(multiprocessing.active_children()) == before
