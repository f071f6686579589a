"""Which frames of a video are used: every so many, or those nearest to moments at equal distances."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from twostream.video.decode import ShownFrame

Frame = TypeVar("Frame")
# Times are given to the microsecond; moments that lie closer than that to a border lie on it.
SMALLEST_SECONDS = 1e-6


def chosen_frames(
    frames: Iterable[ShownFrame], *, step: int = 1, fps: float | None = None
) -> Iterator[ShownFrame]:
    """Every `step`-th frame, or with `fps` those that `nearest_to_moments` gives."""
    if fps is None:
        return islice(frames, 0, None, step)
    return nearest_to_moments(frames, fps=fps, seconds_of=lambda frame: frame.seconds)


def nearest_to_moments(
    frames: Iterable[Frame], *, fps: float, seconds_of: Callable[[Frame], float]
) -> Iterator[Frame]:
    """The frames that are nearest to the moments ``first + k / fps``, each once and in order.

    A moment midway between two frames belongs to the earlier one. A frame that is nearest to several
    moments, as where a video has fewer frames a second, is given once: it is never repeated. The last
    frame is taken to last as long as the one before it, and at most a period of `fps`. Times must increase.
    At most two frames are held at once.

    >>> list(nearest_to_moments([0.0, 0.02, 0.04, 0.06, 0.08], fps=25, seconds_of=float))
    [0.0, 0.04, 0.08]
    >>> list(nearest_to_moments([0.0, 0.1, 0.2], fps=25, seconds_of=float))
    [0.0, 0.1, 0.2]
    """
    before: tuple[float, Frame] | None = None
    slack = min(SMALLEST_SECONDS, 0.1 / fps)
    start, period = 0.0, 1 / fps
    moment = 0  # the number of the first moment that has no frame yet
    for frame in frames:
        seconds = seconds_of(frame)
        if before is None:
            start = seconds
        else:
            period = min(seconds - before[0], 1 / fps)
            border = (before[0] + seconds) / 2 - start + slack
            if moment / fps <= border:
                yield before[1]
                moment = math.floor(border * fps) + 1
        before = seconds, frame
    if before is not None and moment / fps < before[0] - start + period / 2 - slack:
        yield before[1]
