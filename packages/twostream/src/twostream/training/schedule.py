"""Learning rates over a training."""

from __future__ import annotations

import math

from twostream.choices import Schedule as Schedule


def cosine_rate(progress: float, *, peak: float, warm_up: float = 0.05) -> float:
    """Learning rate at `progress` (0..1): a linear rise to `peak`, then half a cosine to zero.

    >>> [round(cosine_rate(p, peak=1.0), 2) for p in (0.0, 0.05, 0.525, 1.0)]
    [0.02, 1.0, 0.5, 0.0]
    """
    if progress < warm_up:
        return peak * max(progress / warm_up, 0.02)
    return peak * 0.5 * (1.0 + math.cos(math.pi * (progress - warm_up) / (1.0 - warm_up)))


def scheduled_rate(progress: float, *, peak: float, schedule: Schedule) -> float:
    """Learning rate at `progress` (0..1): `cosine_rate`, or `peak` throughout."""
    return cosine_rate(progress, peak=peak) if schedule == "cosine" else peak
