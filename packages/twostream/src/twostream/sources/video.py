"""A video as a clip: decoded, and its flow computed, when they are asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from twostream.datasets.clips import Segment
from twostream.datasets.names import counted
from twostream.errors import TwostreamError
from twostream.sources.forward import Forward, PassedError
from twostream.sources.images import ChosenImages, frames_of, too_few_frames
from twostream.sources.specification import FlowSpecification
from twostream.store.jpeg import Image
from twostream.store.source import ClipFacts, Planes
from twostream.video.decode import open_video
from twostream.video.oddities import decoding_warning

if TYPE_CHECKING:
    from twostream.flow.tv_l1.flow import Threads

Item = TypeVar("Item")


class VideoClip:
    """A video, or a segment of it, as `prepare` with the same specification would store it, bit by bit.

    Read in order, each frame is decoded once and each flow computed once, whatever the length; what lies
    before the latest frames is decoded again, from the first frame on. Reading is thread-safe. It goes to
    other processes by pickle, and each opens the file for itself. TV-L1 works on `threads` pairs at once.
    """

    def __init__(
        self,
        path: Path,
        specification: FlowSpecification,
        *,
        segment: Segment | None = None,
        threads: Threads = 1,
    ) -> None:
        self.path = path
        self.specification = specification
        self.segment = segment
        self.threads = threads
        self._lock = threading.RLock()
        self._facts: ClipFacts | None = None
        self._count: int | None = None
        self._forward: Forward | None = None
        self._opened: Iterator[Callable[[], Image]] = iter(())
        self.warning = ""
        """What was odd about the file, after it was read to its end; empty where nothing was."""
        self.decoded_frames = 0
        """Frames decoded so far, those that were decoded again included."""

    def __reduce__(self) -> tuple[Callable[..., VideoClip], tuple[object, ...]]:
        """Leave behind what is open."""
        return _again, (self.path, self.specification, self.segment, self.threads)

    @property
    def facts(self) -> ClipFacts:
        """What is known of it: the size of the first frame; the rate of the header until all is read.

        Raises TwostreamError where the file cannot be read, or has no frame.
        """
        with self._lock:
            if self._facts is None:
                self._started()
            assert self._facts is not None
            return self._facts

    def count_frames(self) -> int:
        """Number of frames; the first time the whole video is decoded for it, if it was not yet.

        Raises TwostreamError where there are fewer than two.
        """
        with self._lock:
            if self._count is None:
                for _ in self._open():
                    pass
            assert self._count is not None
            if self._count < 2:
                raise too_few_frames(self.path, self._count, self.specification, self.segment)
            return self._count

    def frames(self, first: int = 0, end: int | None = None) -> Iterator[Image]:
        """Frames `first` to `end` (excluded; None: the last): (H, W, 3) uint8 RGB.

        Raises TwostreamError where the video ends before that.
        """
        return self._each(Forward.frame, "frame", first, end)

    def flows(self, first: int = 0, end: int | None = None) -> Iterator[Planes]:
        """Flows `first` to `end` (excluded; None: the last), x and y: (H, W) uint8 codes, zero motion 128.

        Raises TwostreamError where the video ends before that.
        """
        return self._each(Forward.flow, "flow", first, end)

    def close(self) -> None:
        """Close the file; it is opened again when more is asked for."""
        with self._lock:
            self._forward = None
            if hasattr(self._opened, "close"):
                self._opened.close()
            self._opened = iter(())

    def _each(
        self,
        read: Callable[[Forward, int], Item | None],
        kind: str,
        first: int,
        end: int | None,
    ) -> Iterator[Item]:
        if first < 0 or (end is not None and end < first):
            raise IndexError(f"{self.path}: {kind}s {first} to {end}")
        index = first
        while end is None or index < end:
            with self._lock:
                item = self._read(read, index, stretch=0 if end is None else end - first)
            if item is None:
                if end is None:
                    return
                raise TwostreamError(
                    self.path,
                    expected=f"{kind} {index}",
                    found=f"a video of {counted(self._count or 0, 'frame')}",
                    remedy="ask for less of it",
                )
            yield item
            index += 1

    def _read(
        self, read: Callable[[Forward, int], Item | None], index: int, *, stretch: int
    ) -> Item | None:
        forward = self._started()
        forward.keep(stretch)
        try:
            return read(forward, index)
        except PassedError:
            self.close()
            forward = self._started()
            forward.keep(stretch)
            return read(forward, index)

    def _started(self) -> Forward:
        if self._forward is None:
            self._opened = self._open()
            self._forward = Forward(
                self._opened, self.specification, subject=self.path, threads=self.threads
            )
            if self._facts is None:
                try:
                    self._forward.frame(0)  # sets the facts, or says what is wrong
                except TwostreamError:
                    self.close()
                    raise
        return self._forward

    def _open(self) -> Iterator[Callable[[], Image]]:
        """The images from the first one on; learns facts on the way."""
        with open_video(self.path) as video:
            images = ChosenImages(
                frames_of(video, self.segment), self.specification, on_frame=self._count_decoded
            )
            for image in images.lazily():
                if self._facts is None:
                    self._facts = self._facts_of(images, images.stated_fps(video.fps))
                yield image
            self._count = images.taken
            self.warning = decoding_warning(video, images.decoded, self.segment)
            if images.taken == 0:
                raise too_few_frames(self.path, 0, self.specification, self.segment)
            self._facts = self._facts_of(images, images.fps(video.shown.fps(video.fps)))

    def _facts_of(self, images: ChosenImages, fps: float) -> ClipFacts:
        name = self.path.stem + (f" {self.segment.name}" if self.segment else "")
        return ClipFacts(
            name=name,
            layout="video",
            width=images.size[0],
            height=images.size[1],
            fps=fps,
            frames=self._count,
        )

    def _count_decoded(self) -> None:
        self.decoded_frames += 1


def _again(
    path: Path, specification: FlowSpecification, segment: Segment | None, threads: Threads
) -> VideoClip:
    return VideoClip(path, specification, segment=segment, threads=threads)
