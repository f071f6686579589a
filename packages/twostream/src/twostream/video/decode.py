"""Videos as streams of RGB frames: decoded with PyAV, always from frame 0, never trusting headers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.errors import TwostreamError

DEFAULT_FPS = 25.0
REMEDY = "re-encode or remove the file"


@dataclass
class Video:
    """An open video: what its header says, and its frames.

    `header_frames` comes from the container and may lie (None where it is silent); the frames are
    what can be decoded. After `frames` is exhausted, `damaged_packets` counts the packets that
    could not be decoded and were skipped.
    """

    path: Path
    width: int
    height: int
    fps: float
    header_frames: int | None
    damaged_packets: int = 0
    _container: Any = field(default=None, repr=False)

    def frames(self) -> Iterator[npt.NDArray[np.uint8]]:
        """Yield every decodable frame once, in display order: (height, width, 3) uint8 RGB."""
        import av

        stream = self._container.streams.video[0]
        demuxer = self._container.demux(stream)
        while True:
            try:
                packet = next(demuxer)
            except StopIteration:
                return
            except av.FFmpegError:
                # The container itself is damaged here: what was decoded so far is what there is.
                self.damaged_packets += 1
                return
            try:
                decoded = packet.decode()
            except av.FFmpegError:
                self.damaged_packets += 1
                continue
            for frame in decoded:
                yield frame.to_ndarray(format="rgb24")


@contextmanager
def open_video(path: Path) -> Iterator[Video]:
    """Open the video file `path`.

    Raises TwostreamError for a file that is missing, empty, unreadable, or holds no video (audio
    only, or audio with cover art).
    """
    import av

    expected = "a video file"
    if not path.is_file():
        raise TwostreamError(path, expected=expected, found="no such file", remedy="check the path")
    if path.stat().st_size == 0:
        raise TwostreamError(path, expected=expected, found="an empty file", remedy=REMEDY)
    try:
        container = av.open(str(path), metadata_errors="ignore")
    except (av.FFmpegError, ValueError) as error:
        raise TwostreamError(
            path, expected=expected, found=f"unreadable data ({_reason(error)})", remedy=REMEDY
        ) from error
    with container:
        streams = [s for s in container.streams.video if not _is_cover_art(s)]
        if not streams:
            found = (
                "cover art but no moving pictures" if container.streams.video else _kinds(container)
            )
            raise TwostreamError(path, expected=expected, found=found, remedy=REMEDY)
        stream = streams[0]
        stream.thread_type = "NONE"  # one thread a clip: the clips are what runs in parallel
        context = stream.codec_context
        if context is None or not context.width or not context.height:
            raise TwostreamError(
                path, expected=expected, found="a video stream without a size", remedy=REMEDY
            )
        rate = stream.average_rate or stream.guessed_rate
        yield Video(
            path=path,
            width=context.width,
            height=context.height,
            fps=float(rate) if rate else DEFAULT_FPS,
            header_frames=stream.frames or None,
            _container=container,
        )


def _is_cover_art(stream: Any) -> bool:
    import av

    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _kinds(container: Any) -> str:
    kinds = sorted({stream.type for stream in container.streams})
    return "no video stream" + (f" (only {', '.join(kinds)})" if kinds else "")


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", "") or error)
