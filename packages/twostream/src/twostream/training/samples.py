"""Samples of clips as batches: drawn, decoded and cut by threads, a few batches ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from twostream.datasets.manifest import ManifestRow
from twostream.environment import available_cores
from twostream.events import heard_in_threads
from twostream.sampling.stacks import (
    Indices,
    equidistant_positions,
    even_positions,
    random_positions,
)
from twostream.store.clip import StoredClip, open_clip
from twostream.training.randomness import random_stream
from twostream.transforms.colors import jitter_colors
from twostream.transforms.preprocessing import Preprocessing
from twostream.transforms.rand_augment import rand_augment
from twostream.transforms.views import (
    BILINEAR_TO,
    SMALLEST_CROP,
    Crops,
    FlowMirror,
    View,
    training_view,
)
from twostream.video.opencv_threads import one_opencv_thread

Pixels = npt.NDArray[np.uint8]
Item = TypeVar("Item")
BATCHES_AHEAD = 2


class DataSetClips:
    """The stored clips of a data set folder; each archive's index is read once.

    It goes to other processes by pickle, without what it has read: each opens the clips that it needs.
    """

    def __init__(self, data: Path) -> None:
        self.data = data
        self._open: dict[str, StoredClip] = {}

    def clip(self, row: ManifestRow) -> StoredClip:
        """The stored clip of a manifest row."""
        clip = self._open.get(row.path)
        if clip is None:
            clip = self._open[row.path] = open_clip(self.data / row.path)
        return clip

    def __reduce__(self) -> tuple[type[DataSetClips], tuple[Path]]:
        """Leave the open clips behind."""
        return DataSetClips, (self.data,)


@dataclass(frozen=True, kw_only=True)
class TrainingViews:
    """How random training samples are: how many a clip and epoch, and what they show.

    A clip is drawn `samples_per_clip` times an epoch, each time with one sample from each of `segments`
    parts, whose scores are averaged. With `frames_per_clip` only so many equidistant positions of a
    clip are ever used, the first and the last among them. `size_px` is the side of these samples
    where tests see another one.
    """

    samples_per_clip: int = 1
    segments: int = 3
    frames_per_clip: int | None = None
    crops: Crops = "corner"
    smallest_crop: float = SMALLEST_CROP
    color_jitter: float = 0.0
    rand_augment: float = 0.0
    rand_augment_operations: int = 2
    flow_mirror: FlowMirror = "true"
    size_px: int | None = None

    @property
    def parts(self) -> int:
        """Equal parts of a clip, each of which gives one sample an epoch."""
        return self.samples_per_clip * self.segments


@dataclass(frozen=True)
class Draw:
    """One training sample to be drawn: a clip, which of its parts, and the seed of its randomness.

    The seed is that of the training with the numbers of the epoch (from 1 on), the clip and the part.
    """

    row: ManifestRow
    part: int
    seed: tuple[int, int, int, int]


def epoch_draws(
    rows: Sequence[ManifestRow], *, samples_per_clip: int, segments: int = 1, seed: int, epoch: int
) -> list[Draw]:
    """Every clip `samples_per_clip` times, in an order and with seeds that depend on `epoch` only.

    Each time it gives `segments` draws, one after another, which lie evenly over the whole clip.
    Stateless, so that a resumed training sees exactly what an undisturbed one would have seen.
    """
    groups = [
        [
            Draw(row, part, (seed, epoch + 1, index, part))
            for part in range(time, samples_per_clip * segments, samples_per_clip)
        ]
        for index, row in enumerate(rows)
        for time in range(samples_per_clip)
    ]
    order = random_stream("order of an epoch", epoch + 1, seed=seed).permutation(len(groups))
    return [draw for k in order for draw in groups[k]]


def draw_sample(
    draw: Draw, *, source: DataSetClips, preprocessing: Preprocessing, views: TrainingViews
) -> Pixels:
    """A random position within the draw's part of the clip, through a random view: (S, S, C)."""
    clip, position, view, rng = drawn(draw, source=source, preprocessing=preprocessing, views=views)
    if views.size_px is not None:
        preprocessing = replace(preprocessing, size_px=views.size_px)
    sample = preprocessing.sample(clip, position, view)
    if preprocessing.stream == "temporal":
        return sample
    frame = jitter_colors(sample, strength=views.color_jitter, rng=rng)
    if views.rand_augment == 0.0:
        return frame
    seed, *place = draw.seed  # draws of its own, so that all others stay what they are without it
    return rand_augment(
        frame,
        strength=views.rand_augment,
        operations=views.rand_augment_operations,
        rng=random_stream("rand augment", *place, seed=seed),
    )


def drawn(
    draw: Draw, *, source: DataSetClips, preprocessing: Preprocessing, views: TrainingViews
) -> tuple[StoredClip, int, View, np.random.Generator]:
    """What a draw shows: the clip, the position, the view; and the generator for its colours."""
    seed, *place = draw.seed
    rng = random_stream("training sample", *place, seed=seed)
    clip = source.clip(draw.row)
    count = preprocessing.count_positions(clip.count_frames())
    position = _random_position(count, draw.part, views=views, rng=rng)
    view = training_view(
        clip.metadata.height,
        clip.metadata.width,
        crops=views.crops,
        smallest_crop=views.smallest_crop,
        rng=rng,
    )
    view = replace(view, flow_mirror=views.flow_mirror, bilinear_to=BILINEAR_TO)
    return clip, position, view, rng


def _random_position(
    count: int, part: int, *, views: TrainingViews, rng: np.random.Generator
) -> int:
    if views.frames_per_clip is None:
        return int(random_positions(count, samples=views.parts, rng=rng)[part])
    allowed = equidistant_positions(count, samples=views.frames_per_clip)
    chosen = random_positions(len(allowed), samples=views.parts, rng=rng)[part]
    return int(allowed[chosen])


def clip_samples(
    row: ManifestRow,
    *,
    source: DataSetClips,
    preprocessing: Preprocessing,
    samples: int,
    positions: Callable[..., Indices] = even_positions,
    flip: bool = False,
    flow_mirror: FlowMirror = "true",
) -> Pixels:
    """Samples (n, S, S, C) at positions of a clip that do not vary, through the views it is tested by.

    `positions` says which: `even_positions`, or `equidistant_positions`, which may give fewer.
    """
    clip = source.clip(row)
    count = preprocessing.count_positions(clip.count_frames())
    views = [
        replace(view, flow_mirror=flow_mirror)
        for view in preprocessing.evaluation_views(clip, flip=flip)
    ]
    return np.stack(
        [
            preprocessing.sample(clip, int(k), view)
            for k in positions(count, samples=samples)
            for view in views
        ]
    )


def in_threads(
    function: Callable[[Item], Pixels],
    items: Sequence[Item],
    *,
    batch_size: int,
    threads: int | None = None,
) -> Iterator[Pixels]:
    """Yield ``function(item)`` stacked in batches, in order, computed a few batches ahead.

    By so many `threads`; None: one a core.
    """
    with (
        one_opencv_thread(),
        ThreadPoolExecutor(threads or available_cores(), initializer=heard_in_threads()) as pool,
    ):
        waiting: deque[list[Future[Pixels]]] = deque()
        try:
            for start in range(0, len(items), batch_size):
                chunk = items[start : start + batch_size]
                waiting.append([pool.submit(function, item) for item in chunk])
                if len(waiting) > BATCHES_AHEAD:
                    yield _stacked(waiting.popleft())
            while waiting:
                yield _stacked(waiting.popleft())
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def each_in_threads(function: Callable[[Item], Pixels], items: Sequence[Item]) -> Iterator[Pixels]:
    """Yield ``function(item)`` in order, computed a few items ahead; their shapes may differ."""
    with (
        one_opencv_thread(),
        ThreadPoolExecutor(available_cores(), initializer=heard_in_threads()) as pool,
    ):
        waiting: deque[Future[Pixels]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > 2 * available_cores():
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _stacked(futures: list[Future[Pixels]]) -> Pixels:
    return np.stack([future.result() for future in futures])
