"""How fast the frames of a video really follow each other."""

from __future__ import annotations

from dataclasses import dataclass

# Timestamps are rounded, and first and last ones are odd in many files: small differences mean nothing.
TOLERANCE = 0.05


class IncreasingTimes:
    """The times of frames in the order in which they are shown, made to increase.

    Those of AVI files with B-frames are guessed from the order of packets and go back and forth, though
    the frames come as they are shown. A time that is not after the one before becomes that one and a
    period: that of the header, or the last one that was seen if it is shorter.

    >>> times = IncreasingTimes(fps=10)
    >>> [times.next(seconds) for seconds in (0.0, 0.2, 0.3, 0.1, 0.5, 0.6, 0.4, 0.7)]
    [0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
    """

    def __init__(self, fps: float) -> None:
        self._period = self._gap = 1 / fps
        self._told: float | None = None
        self._last = 0.0

    def next(self, seconds: float) -> float:
        """The time of the next frame, of which the file says `seconds`; to the microsecond."""
        if self._told is None or seconds > self._last:
            increased = seconds
        else:
            increased = round(self._last + min(self._period, self._gap), 6)
        if self._told is not None and seconds > self._told:
            self._gap = seconds - self._told
        self._told, self._last = seconds, increased
        return increased


@dataclass
class FrameTimes:
    """First and last time at which frames are shown, and how many frames have a time."""

    count: int = 0
    first_seconds: float = 0.0
    last_seconds: float = 0.0

    def add(self, seconds: float | None) -> None:
        """Note the time of one frame, None where the file does not say it; in any order."""
        if seconds is None:
            return
        self.first_seconds = min(self.first_seconds, seconds) if self.count else seconds
        self.last_seconds = max(self.last_seconds, seconds) if self.count else seconds
        self.count += 1

    def fps(self, stated: float) -> float:
        """Frames per second on average: `stated`, unless the times say clearly otherwise.

        >>> times = FrameTimes()
        >>> for seconds in (0.0, 0.5, 0.6, 1.5):
        ...     times.add(seconds)
        >>> times.fps(25.0)
        2.0
        """
        span = self.last_seconds - self.first_seconds
        if self.count < 2 or span <= 0:
            return stated
        measured = (self.count - 1) / span
        return stated if abs(measured / stated - 1) <= TOLERANCE else measured
