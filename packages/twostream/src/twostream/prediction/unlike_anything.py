"""Clips that show none of a run's classes, as is known: pictures that drift, pictures in pieces."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from twostream.sources.frames import FramesClip
from twostream.sources.specification import FlowSpecification
from twostream.store.jpeg import Image
from twostream.store.source import ClipFacts, ClipSource, Planes

PIECES = 4


def drifting(
    specification: FlowSpecification, *, width: int, height: int, frames: int, fps: float, seed: int
) -> FramesClip:
    """A clip of coloured clouds that drift and grow, some slowly and some fast."""
    rng = np.random.default_rng(seed)
    waves = [_wave(rng, width, height) for _ in range(24)]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    images = np.empty((frames, height, width, 3), np.uint8)
    for k in range(frames):
        total = np.zeros((height, width, 3), np.float32)
        for across, down, phase, speed, colour in waves:
            total += np.cos(across * x + down * y + phase + speed * k)[..., None] * colour
        images[k] = np.clip(127 + 26 * total, 0, 255)
    return FramesClip(images, specification, fps=fps, name="drifting clouds")


Wave = tuple[float, float, float, float, npt.NDArray[np.float32]]


def _wave(rng: np.random.Generator, width: int, height: int) -> Wave:
    length = min(width, height) / rng.uniform(1.0, 12.0)
    angle = rng.uniform(0, 2 * np.pi)
    turns = 2 * np.pi / length
    return (
        float(turns * np.cos(angle)),
        float(turns * np.sin(angle)),
        float(rng.uniform(0, 2 * np.pi)),
        float(turns * rng.uniform(-3, 3)),
        rng.uniform(0.2, 1, 3).astype(np.float32),
    )


class ShuffledClip:
    """A clip whose images are cut into pieces and put together in another order, the same in all of them.

    Colours and motion are those of the clip, what they form is gone.
    """

    def __init__(self, clip: ClipSource, *, seed: int) -> None:
        self.clip = clip
        self._order = np.random.default_rng(seed).permutation(PIECES * PIECES)

    @property
    def facts(self) -> ClipFacts:
        """Those of the clip."""
        return self.clip.facts

    def count_frames(self) -> int:
        """As many as the clip has."""
        return self.clip.count_frames()

    def frames(self, first: int = 0, end: int | None = None) -> Iterator[Image]:
        """Frames `first` to `end`, shuffled."""
        return (self._shuffled(image) for image in self.clip.frames(first, end))

    def flows(self, first: int = 0, end: int | None = None) -> Iterator[Planes]:
        """Flows `first` to `end`, shuffled."""
        return ((self._shuffled(x), self._shuffled(y)) for x, y in self.clip.flows(first, end))

    def _shuffled(self, image: Image) -> Image:
        high, wide = image.shape[0] // PIECES, image.shape[1] // PIECES
        if not high or not wide:
            return image
        shuffled = image.copy()
        for place, piece in enumerate(self._order):
            row, column = divmod(place, PIECES)
            from_row, from_column = divmod(int(piece), PIECES)
            shuffled[row * high : (row + 1) * high, column * wide : (column + 1) * wide] = image[
                from_row * high : (from_row + 1) * high,
                from_column * wide : (from_column + 1) * wide,
            ]
        return shuffled
