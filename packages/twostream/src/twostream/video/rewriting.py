"""A video written anew from its frames, with the sound that it had."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.atomic import atomic_path
from twostream.errors import TwostreamError
from twostream.events import warn
from twostream.own_files import MARK
from twostream.suggestions import nearest
from twostream.video.decode import open_video
from twostream.video.fence import for_file

CONTAINERS = (".mp4", ".mov", ".mkv")
# Sound that players of MP4 and MOV know; other sound is encoded anew. Matroska holds nearly everything.
COPIED = {"aac", "mp3", "ac3", "eac3", "alac"}
COPIED_MATROSKA = {*COPIED, "opus", "vorbis", "flac"}
CLOCK = 90_000  # ticks a second, in which the rates of films and television are whole
AAC_RATES = (48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000)
Timed = tuple[float, npt.NDArray[np.uint8]]


def check_container(flag: str, target: Path) -> None:
    """Raise TwostreamError, naming `flag`, for a name without the extension of a known container."""
    ending = target.suffix.lower()
    if ending not in CONTAINERS:
        near = nearest(ending, CONTAINERS)
        raise TwostreamError(
            flag,
            expected=f"a file that ends in {', '.join(CONTAINERS[:-1])} or {CONTAINERS[-1]}",
            found=str(target),
            remedy=f"did you mean {target.with_suffix(near).name}?"
            if near
            else f"name it {target.with_suffix('.mp4').name}",
        )


def write_with_sound(
    target: Path,
    frames: Iterable[Timed],
    *,
    sound_of: Path | None,
    fps: float,
    duration_s: float = 0.0,
) -> None:
    """Write upright `frames`, and the sound of a video file if one is named, to `target`, whole or not.

    `frames` are (seconds from the first one, (H, W, 3) uint8 RGB), in order, and keep their times; all are
    given the size of the first, in even numbers. The last one is shown until `duration_s`, or as long as
    one of `fps` a second. Sound is copied where the container of `target` holds it, else encoded anew.
    H.264 where FFmpeg has it, else MPEG-4. Raises OSError.
    """
    import av

    with (
        atomic_path(target) as temporary,
        av.open(str(temporary.absolute()), "w", options={"movflags": "+faststart"}) as file,
    ):
        file.metadata["comment"] = MARK
        picture = _Picture(file, fps)
        tracks = (
            None
            if sound_of is None
            else Sound(sound_of, file, matroska=target.suffix.lower() == ".mkv")
        )
        with tracks or nullcontext():
            for seconds, frame in frames:
                picture.add(seconds, frame)
                if tracks is not None:
                    tracks.write_until(seconds)
            picture.end(duration_s)
            if tracks is not None:
                tracks.write_until(max(duration_s, picture.last_s + 1 / fps))


class _Picture:
    def __init__(self, file: Any, fps: float) -> None:
        import av

        try:
            name = av.codec.Codec("libx264", "w").name
        except av.codec.codec.UnknownCodecError:
            name = "mpeg4"
        self.file, self.fps = file, fps
        rate = Fraction(fps).limit_denominator(1001)
        self.stream: Any = file.add_stream(name, rate=rate)
        self.stream.pix_fmt = "yuv420p"
        self.stream.time_base = Fraction(1, CLOCK)
        self.stream.codec_context.time_base = Fraction(1, CLOCK)
        quality = {"qmin": "2", "qmax": "5"} if name == "mpeg4" else {"crf": "20"}
        # Without frames that are sent before their time, from which MP4 would reckon a wrong length.
        own = {} if name == "mpeg4" else {"preset": "veryfast", "bf": "0"}
        self.stream.codec_context.options = {**quality, **own}
        self.last_s = 0.0
        self._ticks = -1
        self._size: tuple[int, int] | None = None
        self._last: npt.NDArray[np.uint8] | None = None

    def add(self, seconds: float, frame: npt.NDArray[np.uint8]) -> None:
        import av
        import cv2

        if self._size is None:
            height, width = (max(side // 2 * 2, 2) for side in frame.shape[:2])
            self._size = (width, height)
            self.stream.width, self.stream.height = self._size
        if frame.shape[1::-1] != self._size:
            frame = cv2.resize(frame, self._size, interpolation=cv2.INTER_AREA)
        shown = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
        self._ticks = max(round(seconds * CLOCK), self._ticks + 1)
        shown.pts, shown.time_base = self._ticks, Fraction(1, CLOCK)
        self.file.mux(self.stream.encode(shown))
        self.last_s, self._last = seconds, frame

    def end(self, duration_s: float) -> None:
        """Show the last frame until the end."""
        # A player shows a frame for as long as the one before it: a long last one is told once more.
        if self._last is not None and duration_s - self.last_s > 1.5 / self.fps:
            self.add(duration_s - 1 / self.fps, self._last)
        if self._size is None:  # no frame at all
            self.add(0.0, np.zeros((2, 2, 3), np.uint8))
        self.file.mux(self.stream.encode())


class Sound:
    """All tracks of sound of a file, in step with the frames that are written."""

    def __init__(self, source: Path, file: Any, *, matroska: bool) -> None:
        self.source, self.file = source, file
        self.copied_codecs = COPIED_MATROSKA if matroska else COPIED
        self.tracks: dict[int, _Track] = {}
        self._container: Any = None
        self._packets: Iterator[Any] = iter(())
        self._ahead: tuple[float, Any] | None = None
        self._begin_s = 0.0

    def __enter__(self) -> Sound:
        """Open the file, and find its sound; a file without any has none."""
        import av

        # Where the first frame is shown: times of the frames that are written count from there.
        self._begin_s = first_frame_seconds(self.source)
        self._container = av.open(str(self.source.absolute()), options=for_file())
        for stream in self._container.streams.audio:
            try:
                self.tracks[stream.index] = _Track(stream, self.file, self.copied_codecs)
            except (av.FFmpegError, ValueError) as error:
                warn(f"{self.source}: its sound cannot be kept ({error})")
        streams = [one for one in self._container.streams.audio if one.index in self.tracks]
        if streams:
            self._packets = self._container.demux(*streams)
        return self

    def __exit__(self, *exception: object) -> None:
        """Write what encoders still hold, and close the file."""
        if exception[0] is None:
            for track in self.tracks.values():
                track.end()
        self._container.close()

    def write_until(self, seconds: float) -> None:
        """Write the sound that is heard before then."""
        import av

        while True:
            try:
                begin, packet = self._ahead or self._next()
            except StopIteration:
                return
            except av.FFmpegError as error:
                warn(f"{self.source}: its sound ends at {seconds:.1f} s, damaged ({error})")
                self._packets = iter(())
                return
            if begin > seconds:
                self._ahead = begin, packet
                return
            self._ahead = None
            if begin >= 0:
                self.tracks[packet.stream.index].write(packet, self._begin_s)

    def _next(self) -> tuple[float, Any]:
        for packet in self._packets:
            if packet.pts is not None and packet.size:
                return float(packet.pts * packet.time_base) - self._begin_s, packet
        raise StopIteration


def first_frame_seconds(source: Path) -> float:
    """When the first frame is shown by the clock of the file, in seconds."""
    with open_video(source) as video:
        stream = video._stream
        for packet in stream.container.demux(stream):
            for frame in video._decoded(packet):
                if frame.pts is not None and frame.time_base is not None:
                    return float(frame.pts * frame.time_base)
        return float((stream.start_time or 0) * stream.time_base)


class _Track:
    """One track: copied, or encoded anew as AAC."""

    def __init__(self, stream: Any, file: Any, copied: set[str]) -> None:
        import av

        self.file, self.source = file, stream
        self.is_copied = stream.codec_context.name.removesuffix("float") in copied
        self._failed = False
        if self.is_copied:
            self.stream = file.add_stream_from_template(stream)
            return
        context = stream.codec_context
        rate = context.sample_rate if context.sample_rate in AAC_RATES else AAC_RATES[0]
        layout = "mono" if context.channels == 1 else "stereo"
        self.stream = file.add_stream("aac", rate=rate, layout=layout)
        self.resampler = av.AudioResampler(format="fltp", layout=layout, rate=rate)
        self.next_sample: int | None = None

    def write(self, packet: Any, begin_s: float) -> None:
        import av

        if self.is_copied:
            shift = round(begin_s / packet.time_base)
            packet.pts -= shift
            if packet.dts is not None:
                packet.dts -= shift
            packet.stream = self.stream
            self.file.mux(packet)
            return
        try:
            frames = packet.decode()
        except av.FFmpegError as error:
            if not self._failed:
                warn(f"some sound is damaged and left out ({error})")
            self._failed = True
            return
        for frame in frames:
            if self.next_sample is None:
                time = max(float(frame.time or 0.0) - begin_s, 0.0)
                self.next_sample = round(time * self.stream.rate)
            self._encode(self.resampler.resample(frame))

    def _encode(self, frames: Iterable[Any]) -> None:
        for frame in frames:
            frame.pts, frame.time_base = self.next_sample, Fraction(1, self.stream.rate)
            self.next_sample = (self.next_sample or 0) + frame.samples
            self.file.mux(self.stream.encode(frame))

    def end(self) -> None:
        """What is left in resampler and encoder."""
        if not self.is_copied:
            if self.next_sample is not None:
                self._encode(self.resampler.resample(None))
            self.file.mux(self.stream.encode())
