"""How much of a video that a stranger chose is read: by what it says of itself, and while it is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twostream.errors import TwostreamError


class LimitError(TwostreamError):
    """A video that is larger or longer than is allowed here."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The largest picture, in pixels, and the longest video, in seconds, that are read."""

    most_pixels: int
    most_seconds: float

    @property
    def decoder_pixels(self) -> int:
        """The limit that FFmpeg is given, which counts margins too: what it lets by is looked at.

        >>> Limits(most_pixels=9_000_000, most_seconds=1).decoder_pixels
        18065536
        """
        return 2 * self.most_pixels + (1 << 16)

    def check_stated(self, path: Path, stream: Any) -> None:
        """Raise LimitError where a PyAV stream says itself that it is larger or longer."""
        context = stream.codec_context
        if context is not None:
            self.check_size(path, context.width, context.height)
        ticks = stream.duration
        stated = [float(ticks * stream.time_base)] if ticks and stream.time_base else []
        if not stated and stream.container.duration:
            stated = [stream.container.duration / 1e6]
        rate = stream.average_rate
        if stream.frames and rate:
            stated.append(float(stream.frames / rate))
        for seconds in stated:
            self.check_seconds(path, seconds)

    def check_size(self, path: Path, width: int, height: int) -> None:
        """Raise LimitError for pictures of that size, if they are larger."""
        if width * height > self.most_pixels:
            raise self._too_large(path, f"{width}x{height}")

    def without_size(self, path: Path) -> LimitError:
        """What is wrong with a stream whose size FFmpeg does not tell."""
        return self._too_large(path, "larger ones, or none that can be decoded")

    def _too_large(self, path: Path, found: str) -> LimitError:
        return LimitError(
            path,
            expected=f"pictures of at most {self.most_pixels / 1e6:g} megapixels",
            found=found,
            remedy="make them smaller, or ask whoever runs the server for more",
        )

    def check_seconds(self, path: Path, seconds: float) -> None:
        """Raise LimitError for what lasts or is shown so long, if that is longer.

        >>> Limits(most_pixels=1, most_seconds=60).check_seconds(Path("a.mp4"), 3600)
        Traceback (most recent call last):
        twostream.video.limits.LimitError: a.mp4: expected at most 60 s of video, found 3600 s; cut it, or \
ask whoever runs the server for more
        """
        if seconds > self.most_seconds:
            raise LimitError(
                path,
                expected=f"at most {self.most_seconds:g} s of video",
                found=f"{seconds:.0f} s",
                remedy="cut it, or ask whoever runs the server for more",
            )
