"""How fast the frames of a video really follow each other."""

from __future__ import annotations

from dataclasses import dataclass

# Timestamps are rounded, and first and last ones are odd in many files: small differences mean nothing.
TOLERANCE = 0.05


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
