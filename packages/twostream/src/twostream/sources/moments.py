"""When the images of a clip are shown, as they come."""

from __future__ import annotations

from collections import deque

KEPT = 4096


class Moments:
    """The times of images, numbered from 0, in seconds from the first; the latest are kept.

    >>> moments = Moments()
    >>> for seconds in (0.0, 0.04, 0.1):
    ...     moments.add(seconds)
    >>> moments.of(1), moments.of(9)
    (0.04, None)
    """

    def __init__(self) -> None:
        self._latest: deque[float] = deque(maxlen=KEPT)
        self._count = 0

    def add(self, seconds: float) -> None:
        """Note the time of the next image."""
        self._latest.append(seconds)
        self._count += 1

    def of(self, index: int) -> float | None:
        """The time of an image; None where it has not come yet, or has passed long ago."""
        place = index - (self._count - len(self._latest))
        return self._latest[place] if 0 <= place < len(self._latest) else None
