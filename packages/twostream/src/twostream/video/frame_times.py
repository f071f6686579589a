"""How fast the frames of a video really follow each other."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

# Timestamps are rounded, and first and last ones are odd in many files: small differences mean nothing.
TOLERANCE = 0.05


# Players take longer gaps between two frames for a clock that was set anew: these are ffplay's numbers.
LONGEST_GAP_SECONDS = 3600.0
# Streams of broadcasts and discs, which are joined byte by byte, and whose clocks then jump.
JOINED_BY_BYTES = frozenset({"mpegts", "mpeg"})
LONGEST_GAP_OF_JOINED_SECONDS = 10.0
LEAST_JUMP_BACK_SECONDS, JUMP_BACK_PERIODS = 0.1, 2.5
MOST_PERIODS_OF_A_GAP = 5
# Packets come in the order of decoding, B-frames after those that they are shown before.
MOST_OUT_OF_ORDER_SECONDS = 1.0


class IncreasingTimes:
    """Times of frames in the order in which they are shown, in seconds since the first; they increase.

    Clocks of files begin anywhere, stand still, run back by a frame or two, and begin anew where
    recordings were joined or a disc has another chapter. A time that is not after the one before becomes
    that one and a period: that of the header, or the last one that was seen if it is shorter. Where a
    clock jumps back by more than that, or ahead by more than `longest_gap_seconds`, it goes on by one
    frame from there, as players have it; one frame with a wrong time leaves the clock of the others alone.
    `jumped_seconds` are those that were jumped over ahead.

    `first_seconds` is what the file says of its first frame, where that is not the first one given.

    >>> times = IncreasingTimes(fps=10)
    >>> [times.next(seconds) for seconds in (0.0, 0.2, 0.3, 0.1, 0.5, 0.6, 0.4, 0.7)]
    [0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
    >>> times = IncreasingTimes(fps=10)
    >>> [times.next(seconds) for seconds in (8.0, 8.1, 8.2, 0.5, 0.6, None, 0.8)]
    [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    """

    def __init__(
        self,
        fps: float,
        *,
        first_seconds: float | None = None,
        longest_gap_seconds: float = LONGEST_GAP_SECONDS,
    ) -> None:
        self._period = self._gap = 1 / fps
        self._jump_back = max(LEAST_JUMP_BACK_SECONDS, JUMP_BACK_PERIODS / fps)
        self._longest_gap = longest_gap_seconds
        self._origin = first_seconds
        self._origin_before: float | None = None
        self._told: float | None = None  # of the frame before, since the origin
        self.last_seconds = 0.0  # of the frame before, not rounded
        self.jumped_seconds = 0.0

    def next(self, seconds: float | None) -> float:
        """The time of the next frame, of which the file says `seconds`, or nothing; to the microsecond."""
        if seconds is None:
            seconds = self._unsaid()
        if self._origin is None:
            self._origin = seconds
        told = self._since_origin(seconds)
        if self._told is None or round(told, 6) > round(self.last_seconds, 6):
            increased = told
        else:
            increased = self.last_seconds + min(self._period, self._gap)
        if self._told is not None and told > self._told:
            self._gap = told - self._told
        self._told, self.last_seconds = told, increased
        return round(increased, 6)

    def _unsaid(self) -> float:
        if self._origin is None or self._told is None:
            return self._origin or 0.0
        return self._origin + self.last_seconds + self._usual_gap()

    def _usual_gap(self) -> float:
        return self._gap if self._gap <= MOST_PERIODS_OF_A_GAP * self._period else self._period

    def _since_origin(self, seconds: float) -> float:
        """Since the origin, which moves where the clock jumps."""
        assert self._origin is not None
        told = seconds - self._origin
        if self._told is None:
            return told
        ahead = told - self._told
        if self._origin_before is not None and abs(ahead) > self._jump_back:
            earlier = seconds - self._origin_before
            if 0 < earlier - self.last_seconds <= self._jump_back:
                self.jumped_seconds -= max(0.0, self._origin - self._origin_before)
                self._origin, self._origin_before = self._origin_before, None
                return earlier
        if -self._jump_back <= ahead <= self._longest_gap:
            return told
        self._origin_before = self._origin
        goes_on = self.last_seconds + self._usual_gap()
        self.jumped_seconds += max(0.0, told - goes_on)
        self._origin = seconds - goes_on
        return goes_on


def times_in_order(seconds: Iterable[float], *, fps: float) -> list[float]:
    """Times of packets, in the order of a file, as those of frames in the order in which they are shown.

    They count from the first. Where the clock begins anew, as where recordings were joined, it goes on by
    one frame.

    >>> times_in_order([3.0, 3.2, 3.1, 3.3], fps=10)
    [0.0, 0.1, 0.2, 0.3]
    >>> times_in_order([3.0, 3.2, 3.1, 1.0, 1.1], fps=10)
    [0.0, 0.1, 0.2, 0.3, 0.4]
    """
    recordings: list[list[float]] = []
    furthest = -math.inf
    for one in seconds:
        if not recordings or one < furthest - MOST_OUT_OF_ORDER_SECONDS:
            recordings.append([])
            furthest = one
        recordings[-1].append(one)
        furthest = max(furthest, one)
    times: list[float] = []
    for recording in map(sorted, recordings):
        start = times[-1] + 1 / fps if times else 0.0
        times += (round(start + one - recording[0], 6) for one in recording)
    return times


def longest_gap_seconds(container: str) -> float:
    """How long a frame may be shown in containers of that kind (FFmpeg's name), as players have it."""
    return LONGEST_GAP_OF_JOINED_SECONDS if container in JOINED_BY_BYTES else LONGEST_GAP_SECONDS


@dataclass
class FrameTimes:
    """First and last time at which frames are shown, and how many frames there are."""

    count: int = 0
    first_seconds: float = 0.0
    last_seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """Note the time of one frame; in any order."""
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

    def end_seconds(self, stated: float) -> float:
        """When the last frame has been shown, each as long as `fps` says; 0 where there is none.

        >>> times = FrameTimes()
        >>> for seconds in (0.0, 0.5, 1.0):
        ...     times.add(seconds)
        >>> times.end_seconds(2.0)
        1.5
        """
        return self.last_seconds + 1 / self.fps(stated) if self.count else 0.0
