"""How many cores there are to use."""

from __future__ import annotations

import math
import os

from streamergraph.quotas import quota_cores


def available_cores() -> int:
    """The cores that this process may use, which may be fewer than the machine has.

    Neither those that it may not run on count, nor those that a container's quota leaves no time for.

    >>> available_cores() >= 1
    True
    """
    quota = quota_cores()
    allowed = _affinity()
    return allowed if quota is None else max(1, min(allowed, math.ceil(quota)))


def _affinity() -> int:
    if hasattr(os, "process_cpu_count"):  # Python 3.13; it heeds PYTHON_CPU_COUNT too
        return int(os.process_cpu_count() or 1)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
