"""The cores of a job, shared out among the workers that have something to do."""

from __future__ import annotations

import multiprocessing
from ctypes import c_int
from typing import Any


class CoreShare:
    """Called in any worker: how many cores its task may use now.

    While there is a clip for every core each has one; the last clips of a job share what the others
    have left, so that one long clip ends on all cores. The parent counts who is busy, for a worker
    that dies could not give back what it took.

    >>> share = CoreShare(4)
    >>> share()
    1
    >>> share.set_busy(2)
    >>> share()
    2
    """

    def __init__(self, cores: int) -> None:
        self._cores = cores
        # Nothing locks it: one process writes, and a number read a moment late does no harm.
        self._busy: Any = multiprocessing.get_context("spawn").RawValue(c_int, cores)

    def set_busy(self, workers: int) -> None:
        """Say how many workers have a task."""
        self._busy.value = workers

    def __call__(self) -> int:
        """The cores for one task, 1 or more."""
        return max(1, self._cores // max(1, int(self._busy.value)))
