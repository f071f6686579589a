"""Frames and flows of a video as they are stored, for `prepare` and for what needs no store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from os import PathLike
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from twostream.datasets.clips import Segment
from twostream.flow.algorithms import Algorithm, Flow, flow_sequence
from twostream.flow.encoding import encode_flow
from twostream.sources.specification import FlowSpecification
from twostream.store.jpeg import encode_jpeg
from twostream.video.choosing import chosen_frames
from twostream.video.decode import ShownFrame, Video
from twostream.video.frame_times import FrameTimes
from twostream.video.resize import resize, stored_size

if TYPE_CHECKING:
    from twostream.flow.tv_l1.flow import Threads, TVL1Changes

Image = npt.NDArray[np.uint8]


class VideoImages:
    """The frames of one video that are stored, upright and at the stored size, counted as they pass.

    To be gone through once. The first frame decides the size, whatever the header says; frames of another
    size are resized to it. `on_frame` is called for every frame that is decoded, stored or not.
    """

    def __init__(
        self,
        video: Video,
        specification: FlowSpecification,
        segment: Segment | None = None,
        *,
        on_frame: Callable[[], None] = lambda: None,
    ) -> None:
        self.video = video
        self.specification = specification
        self.segment = segment or Segment()
        self.on_frame = on_frame
        self.decoded = 0
        self.given = 0
        self.source_size = (0, 0)
        self.size = (0, 0)
        self._times = FrameTimes()

    def __iter__(self) -> Iterator[Image]:
        """Yield each image: (H, W, 3) uint8 RGB."""
        chosen = chosen_frames(
            self._counted(), step=self.specification.step, fps=self.specification.fps
        )
        for frame in chosen:
            image = frame.image()
            if self.given == 0:  # the first frame that is shown is always chosen
                height, width = image.shape[:2]
                self.source_size = (width, height)
                self.size = stored_size(
                    width, height, short_side_px=self.specification.short_side_px
                )
            self.given += 1
            self._times.add(frame.seconds)
            yield resize(image, width=self.size[0], height=self.size[1])

    def _counted(self) -> Iterator[ShownFrame]:
        frames = self.video.shown_frames(
            start_seconds=self.segment.start_seconds, end_seconds=self.segment.end_seconds
        )
        for frame in frames:
            self.decoded += 1
            self.on_frame()
            yield frame

    def fps(self) -> float:
        """Images a second, after all have passed."""
        asked = self.specification.fps
        if asked is None or self.given == self.decoded:
            return self.video.shown.fps(self.video.fps) / self.specification.step
        return self._times.fps(asked)


def flows_between(
    images: Iterable[Image],
    specification: FlowSpecification,
    *,
    threads: Threads = 1,
    subject: str | PathLike[str] = "flow",
) -> Iterator[Flow]:
    """The flow from each image to the next, (H, W, 2) float32 in pixels a step.

    It is computed on the images as they were decoded, before any JPEG. Raises TwostreamError naming
    `subject` where the specification does not say how.
    """
    return flow_sequence(
        images,
        # Whatever words they are: flow_sequence refuses what it does not know.
        algorithm=cast("Algorithm", specification.known_algorithm(subject)),
        parameters=cast("TVL1Changes", specification.changed_parameters()),
        threads=threads,
    )


def encoded_frame(image: Image, specification: FlowSpecification) -> bytes:
    """An image as JPEG."""
    return encode_jpeg(image, quality=specification.jpeg_quality)


def encoded_flow(
    flow: npt.NDArray[np.floating[Any]], specification: FlowSpecification
) -> tuple[bytes, bytes]:
    """Both components of a flow, as codes, as JPEGs: x, y."""
    codes = encode_flow(flow, bound_px=specification.bound_px)
    x, y = (
        encode_jpeg(np.ascontiguousarray(codes[..., k]), quality=specification.jpeg_quality)
        for k in range(2)
    )
    return x, y
