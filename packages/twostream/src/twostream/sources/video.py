"""A video as a clip: decoded, and its flow computed, when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from twostream.datasets.clips import Segment
from twostream.sources.images import ChosenImages, frames_of, too_few_frames
from twostream.sources.moments import Moments
from twostream.sources.rewinding import Images, Rewinding
from twostream.sources.specification import FlowSpecification
from twostream.store.jpeg import Image
from twostream.store.source import ClipFacts, Planes
from twostream.video.decode import open_video
from twostream.video.limits import Limits
from twostream.video.oddities import decoding_warning

if TYPE_CHECKING:
    from twostream.flow.tv_l1.flow import Threads


class VideoClip:
    """A video, or a segment of it, as `prepare` with the same specification would store it, bit by bit.

    Read in order, each frame is decoded once and each flow computed once, whatever the length; what lies
    before the latest frames is decoded again, from the first frame on. Reading is thread-safe. It goes to
    other processes by pickle, and each opens the file for itself. TV-L1 works on `threads` pairs at once.
    With `limits` the file is a stranger's (`twostream.video.opening`).
    """

    def __init__(
        self,
        path: Path,
        specification: FlowSpecification,
        *,
        segment: Segment | None = None,
        threads: Threads = 1,
        limits: Limits | None = None,
    ) -> None:
        self.path = path
        self.specification = specification
        self.segment = segment
        self.threads = threads
        self.limits = limits
        self._learnt = _Learnt()
        self._open = partial(_open_images, path, segment, specification, self._learnt, limits)
        self._images = Rewinding(self._open, specification, subject=path, threads=threads)

    def __reduce__(self) -> tuple[Callable[..., VideoClip], tuple[object, ...]]:
        """Leave behind what is open."""
        return _again, (self.path, self.specification, self.segment, self.threads, self.limits)

    @property
    def warning(self) -> str:
        """What was odd about the file, after it was read to its end; empty where nothing was."""
        return self._learnt.warning

    def seconds(self, index: int) -> float | None:
        """When image `index` is shown, from the first one; None before it was read, and long after."""
        return self._learnt.moments.of(index)

    @property
    def resized_frames(self) -> int:
        """Images so far that came in another size than the first."""
        return self._learnt.images.other_sizes if self._learnt.images is not None else 0

    @property
    def decoded_frames(self) -> int:
        """Frames decoded so far, those that were decoded again included."""
        return self._learnt.decoded.frames

    @property
    def facts(self) -> ClipFacts:
        """What is known of it: the size of the first frame; the rate of the header until all is read.

        Raises TwostreamError where the file cannot be read, or has no frame.
        """
        with self._images.lock:
            if self._learnt.facts is None:
                list(self.frames(0, 1))
            assert self._learnt.facts is not None
            return self._learnt.facts

    def count_frames(self) -> int:
        """Number of frames; the first time the whole video is decoded for it, if it was not yet.

        Raises TwostreamError where there are fewer than two.
        """
        with self._images.lock:
            if self._learnt.frames is None:
                reading = self._learnt.images  # which goes on after this, beside it
                for _ in self._open():
                    pass
                self._learnt.images = reading or self._learnt.images
            count = self._learnt.frames
            assert count is not None
            if count < 2:
                raise too_few_frames(self.path, count, self.specification, self.segment)
            return count

    def frames(self, first: int = 0, end: int | None = None) -> Iterator[Image]:
        """Frames `first` to `end` (excluded; None: the last): (H, W, 3) uint8 RGB.

        Raises TwostreamError where the video ends before that.
        """
        return self._images.frames(first, end)

    def flows(self, first: int = 0, end: int | None = None) -> Iterator[Planes]:
        """Flows `first` to `end` (excluded; None: the last), x and y: (H, W) uint8 codes, zero motion 128.

        Raises TwostreamError where the video ends before that.
        """
        return self._images.flows(first, end)

    def raw_images(self) -> Iterator[Image]:
        """All images from the first one on, before any JPEG; the file is opened anew for it."""
        return (image() for image in self._open())

    def close(self) -> None:
        """Close the file; it is opened again when more is asked for."""
        self._images.close()


@dataclass
class _Decoded:
    """Frames decoded so far; apart from what else is learnt, which holds who counts here."""

    frames: int = 0

    def count(self) -> None:
        self.frames += 1


@dataclass
class _Learnt:
    """What is learnt of a video while it is read."""

    facts: ClipFacts | None = None
    frames: int | None = None
    warning: str = ""
    decoded: _Decoded = field(default_factory=_Decoded)
    images: ChosenImages | None = None

    @property
    def moments(self) -> Moments:
        """When images are shown, since the video was opened last."""
        return self.images.moments if self.images is not None else Moments()


# No method of the clip, which would hold itself, and its latest images, until the garbage collector comes.
def _open_images(
    path: Path,
    segment: Segment | None,
    specification: FlowSpecification,
    learnt: _Learnt,
    limits: Limits | None,
) -> Images:
    """The images from the first one on."""

    def facts(fps: float) -> ClipFacts:
        return ClipFacts(
            name=path.stem + (f" {segment.name}" if segment else ""),
            layout="video",
            width=images.size[0],
            height=images.size[1],
            fps=fps,
            frames=learnt.frames,
        )

    with open_video(path, limits=limits) as video:
        images = ChosenImages(
            frames_of(video, segment), specification, on_frame=learnt.decoded.count
        )
        learnt.images = images
        for image in images.lazily():
            learnt.facts = learnt.facts or facts(images.stated_fps(video.fps))
            yield image
        learnt.frames = images.taken
        learnt.warning = decoding_warning(video, images.decoded, segment)
        if images.taken == 0:
            raise too_few_frames(path, 0, specification, segment)
        learnt.facts = facts(images.fps(video.shown.fps(video.fps)))


def _again(
    path: Path,
    specification: FlowSpecification,
    segment: Segment | None,
    threads: Threads,
    limits: Limits | None,
) -> VideoClip:
    return VideoClip(path, specification, segment=segment, threads=threads, limits=limits)
