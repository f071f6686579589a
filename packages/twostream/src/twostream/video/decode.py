"""Videos as streams of RGB frames: decoded with PyAV, never trusting headers."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.errors import TwostreamError
from twostream.video.colours import LEVELS, Levels, ToRgb, grey_16, is_deep_grey, levels_in_use
from twostream.video.deinterlacing import Deinterlacing
from twostream.video.frame_times import (
    FrameTimes,
    IncreasingTimes,
    longest_gap_seconds,
    times_in_order,
)
from twostream.video.joined import Span, joined_spans
from twostream.video.lengths import Lengths, stated_lengths
from twostream.video.limits import LimitError, Limits
from twostream.video.opening import open_stream
from twostream.video.orientation import Upright
from twostream.video.planes import FramePlanes
from twostream.video.rates import has_times, rate_of
from twostream.video.sequence_headers import stated_shape
from twostream.video.square_pixels import pixel_aspect

MOST_READINGS = 4
SLACK_BYTES = 16 << 20
LEAST_PACKET_BYTES = 32
# Containers whose index and times can be trusted; a segment far into them is entered at a key frame
# some seconds before it, by when decoders that refresh picture by picture have recovered.
INDEXED = {"mp4", "mov", "matroska", "webm"}
WORTH_ENTERING_SECONDS, LEAD_IN_SECONDS = 10.0, 3.0
EVEN = 1e-3


@dataclass(frozen=True)
class ShownFrame:
    """A decoded frame, shown `seconds` after the first one of the video; they increase."""

    seconds: float
    _frame: Any = field(repr=False)
    _upright: Callable[[Any], npt.NDArray[np.uint8]] = field(repr=False)
    _planes: Callable[[Any], FramePlanes | None] = field(default=lambda _frame: None, repr=False)

    def image(self) -> npt.NDArray[np.uint8]:
        """The frame, upright: (height, width, 3) uint8 RGB. Made anew by each call."""
        return self._upright(self._frame)

    def planes(self) -> FramePlanes | None:
        """What `image` makes RGB of, where it does no more than that; None elsewhere."""
        return self._planes(self._frame)


@dataclass
class Video:
    """An open video: what its header says, and its frames.

    `fps`, `header_frames`, `stated_seconds` (of the stream) and `container_seconds` (often a guess)
    come from the container and may lie (None where it is silent); the frames are what can be decoded.
    Not `is_rate_told`: neither container nor pictures say `fps`, which is assumed.
    All times and durations count from the first frame, wherever the clock of the file begins. After
    `frames` is exhausted, `shown` knows when they are shown, `ended` whether no frame came after them,
    `jumped_seconds` how far the clock of the file jumped ahead on the way, and `damaged_packets` counts the
    packets that were cut short or could not be decoded.
    """

    path: Path
    fps: float
    header_frames: int | None
    stated_seconds: float | None = None
    container_seconds: float | None = None
    is_rate_told: bool = True
    damaged_packets: int = 0
    jumped_seconds: float = 0.0
    ended: bool = False
    shown: FrameTimes = field(default_factory=FrameTimes)
    _stream: Any = field(default=None, repr=False)
    _spans: tuple[Span, ...] = field(default=(), repr=False)
    _limits: Limits | None = field(default=None, repr=False)
    passed_seconds: float = -1.0
    _aspect: float = 1.0
    _frames: Generator[tuple[float, Any], None, None] | None = field(default=None, repr=False)
    _ahead: tuple[float, Any] | None = field(default=None, repr=False)
    _deinterlacing: Deinterlacing = field(default_factory=Deinterlacing, repr=False)
    _rgb: ToRgb = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """One converter of colours for all frames."""
        # No method of the video, which would hold itself and its decoder until garbage is collected.
        self._rgb = ToRgb(partial(_grey_levels, self.path, self._limits))

    def frames(
        self, *, start_seconds: float = 0.0, end_seconds: float | None = None
    ) -> Iterator[npt.NDArray[np.uint8]]:
        """Yield every decodable frame once, in display order: (height, width, 3) uint8 RGB.

        The images of `shown_frames`.
        """
        for frame in self.shown_frames(start_seconds=start_seconds, end_seconds=end_seconds):
            yield frame.image()

    def shown_frames(
        self, *, start_seconds: float = 0.0, end_seconds: float | None = None
    ) -> Iterator[ShownFrame]:
        """Yield every decodable frame once, in display order, with the time at which it is shown.

        Frames are upright: turned and mirrored as the file says that a player shall show them. They
        are of standard range in 8 bits, deinterlaced, with square pixels (`conversions` says what that
        took); transparency is dropped. Their size may change on the way. With times, only the frames
        shown from `start_seconds` on and before `end_seconds`, counted from the first frame. MP4, MOV,
        MKV and WebM files are entered shortly before; of others all earlier frames are decoded too.
        Called again, it goes on from where it ended, and gives later frames only.
        """
        upright = Upright(self._rgb, aspect=self._aspect)
        # Times are ticks of some clock, and sums of decimals: 4.8 s may be 4.800000001 s.
        start_seconds = round(start_seconds, 6)
        end_seconds = None if end_seconds is None else round(end_seconds, 6)
        self.shown, self.ended = FrameTimes(), False
        self._rgb.converted = ""
        for seconds, frame in self._from(start_seconds):
            if end_seconds is not None and round(seconds, 6) >= end_seconds:
                self._ahead = seconds, frame
                return
            self.passed_seconds = round(seconds, 6)
            if round(seconds, 6) >= start_seconds:
                self.shown.add(seconds)
                yield ShownFrame(round(seconds, 6), frame, upright, upright.planes)
        self.ended = True

    def _from(self, start_seconds: float) -> Iterator[tuple[float, Any]]:
        """The frames that were not passed yet, with their times."""
        if self._frames is None:
            self._frames = self._deinterlacing(self._timed(start_seconds))
        if self._ahead is not None:
            ahead, self._ahead = self._ahead, None
            yield ahead
        # Not `yield from`, which would close them with this generator.
        for item in self._frames:  # noqa: UP028
            yield item

    def _timed(self, start_seconds: float) -> Iterator[tuple[float, Any]]:
        """Every frame, some seconds before `start_seconds` at the latest, with its time."""
        times = IncreasingTimes(
            self.fps,
            first_seconds=self._enter(start_seconds),
            longest_gap_seconds=longest_gap_seconds(self.container_name),
        )
        for frame in self._all_frames():
            times.next(self._told_seconds(frame))
            self.jumped_seconds = times.jumped_seconds
            if self._limits is not None:
                self._limits.check_size(self.path, frame.width, frame.height)
                self._limits.check_seconds(self.path, times.last_seconds)
            yield times.last_seconds, frame

    def _all_frames(self) -> Iterator[Any]:
        """Every frame from here on, of all recordings that the file was joined from."""
        yield from self._frames_of_stream()
        first = self._stream
        try:
            for span in self._spans[1:]:
                try:
                    with open_stream(self.path, span, limits=self._limits) as self._stream:
                        yield from self._frames_of_stream()
                except LimitError:
                    raise
                except TwostreamError:
                    self.damaged_packets += 1
        finally:
            self._stream = first

    def _frames_of_stream(self) -> Iterator[Any]:
        shape: int | None = None
        for packet in self._packets():
            stated = None if packet is None else stated_shape(packet)
            if stated is not None:
                if shape not in (None, stated):
                    yield from self._held_back()
                shape = stated
            yield from self._decoded(packet)

    def _held_back(self) -> list[Any]:
        """What the decoder still holds; it begins anew after that."""
        frames = self._decoded(None)
        self._stream.codec_context.flush_buffers()
        return frames

    @property
    def conversions(self) -> str:
        """What was done to the pictures so far beyond what every video needs; empty where nothing was."""
        width = f"pixels of {self._aspect:.6g}:1 made square" if self._aspect != 1 else ""
        deinterlaced = "deinterlaced" if self._deinterlacing.used else ""
        return "; ".join(filter(None, (self._rgb.converted, deinterlaced, width)))

    def uneven_times(self) -> tuple[float, ...] | None:
        """When each frame is shown, from the packets, where they are not evenly spaced; else None.

        Known before any frame is decoded, by which the file is read to its end, but where its header tells
        that the mean rate is the usual one between two frames. Matroska's tells the usual one alone.
        """
        mean, usual = self._stream.average_rate, self._stream.guessed_rate
        told = {"mp4", "mov"} & set(self.container_name.split(","))
        even = mean and usual and abs(float(mean / usual) - 1) < EVEN
        if (told and even) or self._frames is not None or self._spans:
            return None
        if not has_times(self._stream):
            return None  # and what was read of it could not be read again
        # A trimmed file hides what is before its first frame.
        packets = (one for one in self._packets() if one is not None and not one.is_discard)
        told_seconds = [
            float(packet.pts * packet.time_base) for packet in packets if packet.pts is not None
        ]
        self._stream.container.seek(0)
        times = tuple(times_in_order(told_seconds, fps=self.fps))
        quarter = 0.25 / self.fps
        if all(abs(time - k / self.fps) < quarter for k, time in enumerate(times)):
            return None
        return times

    @property
    def not_converted(self) -> str:
        """What the pictures would have needed, and the PyAV that is installed does not do."""
        return self._rgb.left

    @property
    def can_be_entered(self) -> bool:
        """Whether segments far into it are found without decoding all that is before them."""
        return not self._spans and not INDEXED.isdisjoint(self.container_name.split(","))

    @property
    def is_joined(self) -> bool:
        """Whether it consists of recordings of which FFmpeg reads the first one alone."""
        return bool(self._spans)

    def close(self) -> None:
        """Close what was opened beyond the first recording; called by `open_video`."""
        if self._frames is not None:
            self._frames.close()

    @property
    def container_name(self) -> str:
        """FFmpeg's name of the kind of container."""
        return str(self._stream.container.format.name)

    def _enter(self, start_seconds: float) -> float | None:
        """Go near the start of a segment; what the file says of the time of its first frame.

        None where nothing is passed over: where the container is not one to be trusted, does not keep its
        word, or has less than that by its own account, as where files were joined.
        """
        import av

        container = self._stream.container
        indexed = self.can_be_entered
        stated = self.stated_seconds or self.container_seconds
        there = stated is None or start_seconds < stated
        if start_seconds < WORTH_ENTERING_SECONDS or not indexed or not there:
            return None
        try:
            first = self._next_time()
            if first is not None:
                self._seek(first + start_seconds - LEAD_IN_SECONDS)
                landed = self._next_time()
                if landed is not None and first <= landed <= first + start_seconds - 1:
                    return first
        except av.FFmpegError:
            pass
        self.damaged_packets = 0
        container.seek(0)
        return None

    def _seek(self, seconds: float) -> None:
        ticks = int(seconds / self._stream.time_base)
        self._stream.container.seek(ticks, stream=self._stream, backward=True)

    def _next_time(self) -> float | None:
        """When the next frame is shown; None where there is none or it does not say."""
        for packet in self._packets():
            for frame in self._decoded(packet):
                return self._told_seconds(frame)
        return None

    def _told_seconds(self, frame: Any) -> float | None:
        """When a frame is shown by the clock of the file; None where that does not say.

        AVI knows no such times, but counts its packets: those that FFmpeg guesses for B-frames go back and
        forth, where the packet with which a frame comes out counts as frames do.
        """
        ticks = frame.dts if self.container_name == "avi" else frame.pts
        if ticks is None or not frame.time_base:
            return None
        return float(ticks * frame.time_base)

    def _packets(self) -> Iterator[Any]:
        """The packets of the stream, up to where the container itself is damaged; then None."""
        import av

        packets = self._stream.container.demux(self._stream)
        # A damaged index can send the demuxer round in circles: no honest file holds that much.
        allowed = MOST_READINGS * self.path.stat().st_size + SLACK_BYTES
        while True:
            try:
                packet = next(packets)
                allowed -= max(packet.size, LEAST_PACKET_BYTES)
                if allowed < 0:
                    self.damaged_packets += 1
                    yield None
                    return
                yield packet
            except StopIteration:
                return
            except av.FFmpegError:
                self.damaged_packets += 1
                yield None  # the decoder still holds frames back
                return

    def _decoded(self, packet: Any) -> list[Any]:
        import av

        damaged = packet is not None and packet.is_corrupt
        try:
            frames = self._stream.codec_context.decode(None) if packet is None else packet.decode()
        except av.FFmpegError:
            frames, damaged = [], True
        self.damaged_packets += damaged
        return list(frames)


@contextmanager
def open_video(path: Path, *, limits: Limits | None = None) -> Iterator[Video]:
    """Open the video file `path`, a stranger's within `limits` (`open_stream`).

    Recordings that were joined byte by byte are one video. Raises LimitError for what is beyond limits, and
    TwostreamError for a file that is missing, empty, unreadable, or holds no video (audio only, or audio
    with cover art).
    """
    spans = joined_spans(path) if path.is_file() else ()
    with open_stream(path, spans[0] if spans else None, limits=limits) as stream:
        rate = rate_of(stream)
        lengths = stated_lengths(path, spans, limits) if spans else Lengths.of(stream)
        video = Video(
            path=path,
            fps=rate.fps,
            header_frames=lengths.frames,
            stated_seconds=lengths.stated_seconds,
            container_seconds=lengths.container_seconds,
            is_rate_told=rate.is_told,
            _stream=stream,
            _spans=spans,
            _limits=limits,
            _aspect=pixel_aspect(stream),
        )
        try:
            yield video
        finally:
            video.close()


def _grey_levels(path: Path, limits: Limits | None) -> Levels:
    """The levels that deep grey uses in a whole file, which is decoded once more for it."""
    from av.video.reformatter import VideoReformatter

    reformatter = VideoReformatter()
    counts = np.zeros(LEVELS, np.int64)
    with open_video(path, limits=limits) as video:
        for frame in video._all_frames():
            if is_deep_grey(frame):
                grey = grey_16(frame, reformatter)
                counts += np.bincount(grey.ravel(), minlength=LEVELS)
    return levels_in_use(counts)
