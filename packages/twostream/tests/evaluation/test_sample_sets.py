"""What is looked at: each image once, whatever is asked of a clip."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from clip_facts import clip_facts
from memory_files import MemoryFiles
from twostream.evaluation.sample_sets import (
    CENTRE,
    EVEN,
    EVERY,
    TEN_VIEWS,
    SampleSet,
    in_order,
)
from twostream.store.clip import StoredClip
from twostream.store.source import Planes
from twostream.transforms.preprocessing import Preprocessing

HEIGHT, WIDTH = 32, 44
ALL_SETS = (CENTRE, EVEN, TEN_VIEWS, EVERY)


class CountedClip(StoredClip):
    """A clip of noise that counts how often each of its images is read."""

    def frames(self, first: int = 0, end: int | None = None) -> Iterator[np.ndarray]:
        for index in range(self.metadata.frames)[first:end]:
            READS[index] += 1
            yield noise(index, channels=3)

    def flows(self, first: int = 0, end: int | None = None) -> Iterator[Planes]:
        for index in range(self.metadata.flows)[first:end]:
            READS[index] += 1
            x, y = np.ascontiguousarray(np.moveaxis(noise(index, channels=2), 2, 0))
            yield x, y


READS: Counter[int] = Counter()


def noise(index: int, *, channels: int) -> np.ndarray:
    rng = np.random.default_rng(index)
    return rng.integers(1, 256, (HEIGHT, WIDTH, channels)).astype(np.uint8)


def clip_of(frames: int) -> StoredClip:
    READS.clear()
    metadata = clip_facts(frames=frames, size=(HEIGHT, WIDTH))
    return CountedClip(Path("a.zip"), metadata, MemoryFiles())


def all_samples(clip: StoredClip, kind: Preprocessing, sets: tuple[SampleSet, ...]) -> Any:
    return in_order(s for one in sets for views in one.samples(clip, kind) for s in views)


@pytest.mark.parametrize("stream", ["spatial", "temporal"])
@pytest.mark.parametrize("frames", [2, 5, 11, 60])
def test_samples_are_those_of_the_preprocessing_and_each_image_is_read_once(
    stream: Any, frames: int
) -> None:
    kind = Preprocessing(stream=stream, size_px=16, stack_length=6)
    clip = clip_of(frames)
    samples = all_samples(clip, kind, ALL_SETS)
    pixels = list(kind.samples(clip, samples))
    assert max(READS.values()) == 1
    assert len(samples) == len(set(samples)) == len(pixels)
    for (position, view), found in zip(samples, pixels, strict=True):
        np.testing.assert_array_equal(found, kind.sample(clip, position, view))


def test_nothing_is_read_that_no_sample_needs() -> None:
    kind = Preprocessing(stream="temporal", size_px=16, stack_length=6)
    clip = clip_of(60)
    list(kind.samples(clip, all_samples(clip, kind, (CENTRE,))))
    assert sorted(READS) == list(range(26, 32))


def test_ten_views_are_taken_of_25_positions() -> None:
    places = TEN_VIEWS.samples(clip_of(200), Preprocessing(stream="spatial"))
    assert len(places) == 25
    assert [len(set(views)) for views in places] == [10] * 25
