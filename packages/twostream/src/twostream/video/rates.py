"""How many pictures a second a video has, by its own account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

DEFAULT_FPS = 25.0
MOST_FPS = 1000
# FFmpeg's AVFMT_NOTIMESTAMPS: one picture after another and nothing around them (`.h264`, `.mjpeg`).
NO_TIMES = 0x80


@dataclass(frozen=True)
class Rate:
    """Pictures a second; `is_told`: not assumed for want of anything that is said of it."""

    fps: float
    is_told: bool = True


def rate_of(stream: Any) -> Rate:
    """The mean rate of a PyAV video stream, or the usual one between two pictures."""
    if has_times(stream):
        rate = stream.average_rate or stream.guessed_rate
        return Rate(float(rate) if rate else DEFAULT_FPS)
    # FFmpeg takes 25 for the mean rate of all of them, whatever their pictures tell.
    rate = stream.codec_context.framerate
    if not rate:
        return Rate(float(stream.average_rate or DEFAULT_FPS), is_told=False)
    # MPEG-4 may tell how fine its clock is instead, by which each picture says when it is shown.
    return Rate(float(rate if rate <= MOST_FPS else stream.guessed_rate or DEFAULT_FPS))


def has_times(stream: Any) -> bool:
    """Whether what holds a video says when its pictures are shown."""
    return not stream.container.format.flags & NO_TIMES
