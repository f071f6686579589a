"""Frames and flows of a video as they are stored, for `prepare` and for what needs no store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from twostream.datasets.clips import Segment
from twostream.datasets.crops import FLAG, Crop
from twostream.datasets.names import counted
from twostream.errors import TwostreamError
from twostream.flow.algorithms import Algorithm, Flow, flow_sequence
from twostream.flow.encoding import encode_flow
from twostream.sources.area.averages import shrunk, shrunk_planes
from twostream.sources.moments import Moments
from twostream.sources.specification import FlowSpecification
from twostream.store.jpeg import Image, decode_jpeg, encode_jpeg
from twostream.store.source import Planes
from twostream.video.choosing import chosen_frames
from twostream.video.decode import ShownFrame, Video
from twostream.video.frame_times import FrameTimes
from twostream.video.resize import resize, stored_size

if TYPE_CHECKING:
    from twostream.flow.tv_l1.flow import Threads, TVL1Changes


class ChosenImages:
    """The images that a specification takes of the frames of one video, counted as they pass.

    `frames` are gone through once. The first one decides the size, whatever a header says; frames of others
    are resized to it. `on_frame` is called for every frame that is decoded, taken or not.
    """

    def __init__(
        self,
        frames: Iterable[ShownFrame],
        specification: FlowSpecification,
        *,
        on_frame: Callable[[], None] = lambda: None,
    ) -> None:
        self.frames = frames
        self.specification = specification
        self.on_frame = on_frame
        self.decoded = 0
        self.taken = 0
        self.source_size = (0, 0)
        self.size = (0, 0)
        self._crop = specification.rectangle
        self.other_sizes = 0
        """Images that came in another size than the first and were resized to its."""
        self.moments = Moments()
        """When the images that were taken are shown."""
        self._times = FrameTimes()

    def __iter__(self) -> Iterator[Image]:
        """Yield each image, upright and at the stored size: (H, W, 3) uint8 RGB."""
        return (image() for image in self.lazily())

    def lazily(self) -> Iterator[Callable[[], Image]]:
        """Yield a function for each image, to be called before the next one or not at all."""
        chosen = chosen_frames(
            self._counted(), step=self.specification.step, fps=self.specification.fps
        )
        for frame in chosen:
            image: Callable[[], Image] = partial(self._image, frame)
            if self.taken == 0:  # the first frame that is shown is always chosen
                first = frame.image()
                height, width = first.shape[:2]
                self.source_size = (width, height)
                if self._crop is not None:
                    refuse_crop_outside(self._crop, width, height)
                    width, height = self._crop.width, self._crop.height
                self.size = stored_size(
                    width, height, short_side_px=self.specification.short_side_px
                )
                image = partial(self._resized, first)
            self.taken += 1
            self._times.add(frame.seconds)
            self.moments.add(frame.seconds)
            yield image

    def _counted(self) -> Iterator[ShownFrame]:
        for frame in self.frames:
            self.decoded += 1
            self.on_frame()
            yield frame

    def _image(self, frame: ShownFrame) -> Image:
        planes = frame.planes() if self._crop is None else None
        width, height = self.size
        small = None if planes is None else shrunk_planes(planes, width=width, height=height)
        if planes is None or small is None:
            return self._resized(frame.image())
        self.other_sizes += planes.size != self.source_size
        return small

    def _resized(self, image: Image) -> Image:
        self.other_sizes += (image.shape[1], image.shape[0]) != self.source_size
        if self._crop is not None:
            width, height = self.source_size
            image = cropped(resize(image, width=width, height=height), self._crop)
        return shrunk(image, width=self.size[0], height=self.size[1])

    def stated_fps(self, recorded: float) -> float:
        """Images a second as far as a header tells, which states `recorded` frames a second."""
        asked = self.specification.fps
        return recorded / self.specification.step if asked is None else min(asked, recorded)

    def fps(self, recorded: float) -> float:
        """Images a second, after all have passed, of a video of `recorded` frames a second."""
        asked = self.specification.fps
        if asked is None or self.taken == self.decoded:
            return recorded / self.specification.step
        return self._times.fps(asked)


def resized_note(frames: int, *, width: int, height: int) -> str:
    """What to tell of images that came in another size than the first; empty where none did.

    >>> resized_note(4, width=320, height=240)
    '4 frames came in another size than the first and were resized to its 320x240'
    """
    if not frames:
        return ""
    verb = "was" if frames == 1 else "were"
    return (
        f"{counted(frames, 'frame')} came in another size than the first and {verb} resized to its "
        f"{width}x{height}"
    )


def frames_of(video: Video, segment: Segment | None) -> Iterator[ShownFrame]:
    """The frames of a video, or of a segment of it."""
    part = segment or Segment()
    return video.shown_frames(start_seconds=part.start_seconds, end_seconds=part.end_seconds)


def cropped(image: Image, crop: Crop) -> Image:
    """The part `crop` of an image (H, W, 3).

    >>> cropped(np.zeros((180, 320, 3), np.uint8), Crop(40, 0, 240, 160)).shape
    (160, 240, 3)
    """
    right, below = crop.x + crop.width, crop.y + crop.height
    return np.ascontiguousarray(image[crop.y : below, crop.x : right])


def refuse_crop_outside(crop: Crop, width: int, height: int, *, subject: str = FLAG) -> None:
    """Raise TwostreamError where pictures of that size, in pixels, do not have all of `crop`."""
    if not crop.is_within(width, height):
        raise TwostreamError(
            subject,
            expected=f"a part of the picture, which is {width}x{height} as players show it",
            found=str(crop),
            remedy="x + width and y + height must not be more; a table may give single clips a crop of "
            "their own",
        )


def too_few_frames(
    source: str | PathLike[str],
    found: int,
    specification: FlowSpecification,
    segment: Segment | None = None,
) -> TwostreamError:
    """The error of a video that has no two frames."""
    step, fps = specification.step, specification.fps
    return TwostreamError(
        source,
        expected="at least 2 decodable frames"
        + (f" in {segment.name}" if segment else "")
        + (f" at step {step}" if step > 1 else "")
        + (f" at {fps:g} a second" if fps is not None else ""),
        found=f"{found}",
        remedy=f"flow needs two frames: {_how_to_have_more(specification, segment)}",
    )


def _how_to_have_more(specification: FlowSpecification, segment: Segment | None) -> str:
    """What helps, the likeliest first: the file itself is at fault where nothing left frames of it out."""
    if segment is not None:
        return "give this part of the video more time, or leave it out"
    if specification.step > 1:
        return "leave this short video out, or prepare with a smaller --step"
    if specification.fps is not None:
        return "leave this short video out, or prepare with a higher --fps"
    return "re-encode or remove the file"


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


def frame_as_stored(image: Image, specification: FlowSpecification) -> Image:
    """An image as it comes back out of the store."""
    return _decoded(encoded_frame(image, specification), grey=False)


def flow_as_stored(flow: npt.NDArray[np.floating[Any]], specification: FlowSpecification) -> Planes:
    """A flow as it comes back out of the store."""
    x, y = encoded_flow(flow, specification)
    return _decoded(x, grey=True), _decoded(y, grey=True)


def _decoded(content: bytes, *, grey: bool) -> Image:
    image = decode_jpeg(content, grey=grey)
    if image is None:
        raise ValueError("OpenCV does not read the JPEG that it wrote")
    return image
