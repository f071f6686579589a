"""How long a video is by what its container says, all recordings that it was joined from included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twostream.errors import TwostreamError
from twostream.video.durations import container_seconds, stated_seconds
from twostream.video.joined import Span
from twostream.video.limits import LimitError, Limits
from twostream.video.opening import open_stream
from twostream.video.rates import rate_of


@dataclass(frozen=True)
class Lengths:
    """Frames and seconds that a container states, and seconds that FFmpeg guesses; None: silent."""

    frames: int | None
    stated_seconds: float | None
    container_seconds: float | None

    @classmethod
    def of(cls, stream: Any) -> Lengths:
        """What is stated of a PyAV video stream."""
        seconds = stated_seconds(stream)
        frames = stream.frames or (seconds and round(seconds * rate_of(stream).fps))
        return cls(frames or None, seconds, container_seconds(stream))


def stated_lengths(path: Path, spans: Sequence[Span], limits: Limits | None = None) -> Lengths:
    """What the recordings in `spans` of a file state together; None where one of them is silent."""
    found = []
    for span in spans:
        try:
            with open_stream(path, span, limits=limits) as stream:
                found.append(Lengths.of(stream))
        except LimitError:
            raise
        except TwostreamError:
            continue  # counted when it is decoded
    return Lengths(
        _sum([one.frames for one in found]),
        _sum([one.stated_seconds for one in found]),
        _sum([one.container_seconds for one in found]),
    )


def _sum(numbers: Sequence[Any]) -> Any:
    return None if None in numbers or not numbers else sum(numbers)
