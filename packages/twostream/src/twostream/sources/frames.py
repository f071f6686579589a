"""Frames in memory as a clip."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from twostream.errors import TwostreamError
from twostream.sources.images import ChosenImages, too_few_frames
from twostream.sources.rewinding import Images, Rewinding
from twostream.sources.specification import FlowSpecification
from twostream.store.jpeg import Image
from twostream.store.source import ClipFacts, Planes
from twostream.video.decode import ShownFrame

if TYPE_CHECKING:
    from twostream.flow.tv_l1.flow import Threads

Frames = npt.NDArray[np.uint8] | Sequence[Image]


class FramesClip:
    """Frames in memory, made into images and flows as `prepare` would store a video of them.

    `frames` are (H, W, 3) uint8 RGB, upright, at `fps` a second. Raises TwostreamError for others, and for
    fewer than two. It goes to other processes by pickle, frames and all.
    """

    def __init__(
        self,
        frames: Frames,
        specification: FlowSpecification,
        *,
        fps: float,
        name: str = "frames",
        threads: Threads = 1,
    ) -> None:
        if not 0 < fps < math.inf:
            raise TwostreamError(
                name,
                expected="a positive number of frames a second",
                found=f"{fps}",
                remedy="say at which rate the frames were recorded",
            )
        for index, frame in enumerate(frames):
            _check(frame, f"{name}: frame {index}")
        self.source_frames = frames
        self.specification = specification
        self.fps = fps
        self.name = name
        self.threads = threads
        open_images = partial(_open_images, frames, specification, fps)
        self._images = Rewinding(open_images, specification, subject=name, threads=threads)
        taken = ChosenImages(_shown(frames, fps), specification)
        for _ in taken.lazily():
            pass
        if taken.taken < 2:
            raise too_few_frames(name, taken.taken, specification)
        self.facts = ClipFacts(
            name=name,
            layout="frames",
            width=taken.size[0],
            height=taken.size[1],
            fps=taken.fps(fps),
            frames=taken.taken,
        )

    def __reduce__(self) -> tuple[Callable[..., FramesClip], tuple[object, ...]]:
        """The frames, and what they are made into."""
        return _again, (self.source_frames, self.specification, self.fps, self.name, self.threads)

    def count_frames(self) -> int:
        """Number of frames that the specification takes."""
        assert self.facts.frames is not None
        return self.facts.frames

    def frames(self, first: int = 0, end: int | None = None) -> Iterator[Image]:
        """Frames `first` to `end` (excluded; None: the last): (H, W, 3) uint8 RGB."""
        return self._images.frames(first, end)

    def flows(self, first: int = 0, end: int | None = None) -> Iterator[Planes]:
        """Flows `first` to `end` (excluded; None: the last), x and y: (H, W) uint8 codes, zero 128."""
        return self._images.flows(first, end)


def _check(frame: Image, subject: str) -> None:
    shape, dtype = np.shape(frame), getattr(frame, "dtype", type(frame).__name__)
    if dtype != np.uint8 or len(shape) != 3 or shape[2] != 3 or not all(shape):
        raise TwostreamError(
            subject,
            expected="an image (H, W, 3) of uint8, RGB",
            found=f"shape {shape} of {dtype}",
            remedy="convert it: floats of 0 to 1 times 255, BGR with frame[..., ::-1]",
        )


def _shown(frames: Frames, fps: float) -> Iterator[ShownFrame]:
    for index, frame in enumerate(frames):
        yield ShownFrame(round(index / fps, 6), frame, np.ascontiguousarray)


def _open_images(frames: Frames, specification: FlowSpecification, fps: float) -> Images:
    yield from ChosenImages(_shown(frames, fps), specification).lazily()


def _again(
    frames: Frames, specification: FlowSpecification, fps: float, name: str, threads: Threads
) -> FramesClip:
    return FramesClip(frames, specification, fps=fps, name=name, threads=threads)
