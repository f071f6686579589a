"""How long a video lasts by what its container says, counted from its first frame."""

from __future__ import annotations

import re
from typing import Any

# Of these the duration is when the last frame ends by the clock of the file, which may begin hours later.
COUNT_FROM_ZERO = frozenset({"matroska", "webm", "flv"})


def stated_seconds(stream: Any) -> float | None:
    """How long the header of a PyAV video stream says that it lasts; None where no header does.

    MP4 and AVI state it beside the number of samples, not all of which may be shown: a trimmed MP4 hides
    those before its first frame. Matroska states a duration in place of a number.
    """
    if stream.frames and stream.duration:
        return float(stream.duration * stream.time_base)
    stated = re.fullmatch(r"(\d+):(\d+):(\d+(?:\.\d+)?)", stream.metadata.get("DURATION", ""))
    if stated is None:
        return None
    hours, minutes, seconds = map(float, stated.groups())
    start = float(stream.start_time * stream.time_base) if stream.start_time else 0.0
    return _since_first(hours * 3600 + minutes * 60 + seconds, start)


def is_fragmented(stream: Any) -> bool:
    """Whether a PyAV video stream is of an MP4 or MOV whose header tells no samples: its fragments do.

    The duration is then when the last fragment ends by the clock of the file, as in recordings of live
    streams, or a length: which of them cannot be seen from it.
    """
    return not stream.frames and "mp4" in stream.container.format.name.split(",")


def container_seconds(stream: Any) -> float | None:
    """How long the container of a PyAV stream is said, or by FFmpeg guessed, to last; None: not known."""
    import av

    container = stream.container
    if not container.duration:
        return None
    seconds = float(container.duration / av.time_base)
    kinds = container.format.name.split(",")
    if COUNT_FROM_ZERO.isdisjoint(kinds) and not is_fragmented(stream):
        return seconds
    return _since_first(seconds, (container.start_time or 0) / av.time_base)


def _since_first(end_seconds: float, start_seconds: float) -> float:
    """Some programs state the end, and others the duration: one of them cannot be less than the start."""
    return end_seconds - start_seconds if end_seconds > start_seconds > 0 else end_seconds
