"""How often a checkpoint is worth its time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Of the time of a training. A handful of clips make epochs of a few seconds, of which saving a large
# network each time would be a third; epochs of minutes are all saved.
LARGEST_SHARE = 0.1


class SavingPace:
    """Says when saving is due: at first, then whenever it takes at most `largest_share` of the time.

    What a saving takes is the least that one took: one that a busy disk held up says nothing about the
    next. `clock` tells seconds.

    >>> now = iter([0.0, 0.0, 1.0, 6.0, 11.5])
    >>> pace = SavingPace(largest_share=0.1, clock=lambda: next(now))
    >>> pace.is_due()  # at 0 s
    True
    >>> with pace.saving():  # from 0 s to 1 s
    ...     pass
    >>> pace.is_due(), pace.is_due()  # at 6 s and at 11.5 s
    (False, True)
    """

    def __init__(
        self,
        *,
        largest_share: float = LARGEST_SHARE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._largest_share = largest_share
        self._clock = clock
        self._least_seconds = math.inf
        self._next_seconds = -math.inf

    def is_due(self) -> bool:
        """Whether the next saving would not take too much of the time since the last one."""
        return self._clock() >= self._next_seconds

    @contextmanager
    def saving(self) -> Iterator[None]:
        """Measure a saving, by which the time of the next one is set."""
        began = self._clock()
        yield
        ended = self._clock()
        self._least_seconds = min(self._least_seconds, ended - began)
        self._next_seconds = ended + self._least_seconds / self._largest_share
