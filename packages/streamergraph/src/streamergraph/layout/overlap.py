"""No two circles on one place."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


ROUNDS = 40
GROWTH = 1.15


def remove_overlaps(position: Floats, radius: Floats, *, margin: float = 0.0) -> Floats:
    """Push overlapping circles apart until none touch.

    Positions (n, 2) and radii (n) share a unit; `margin` is the least gap. Where forty rounds of
    pushing are not enough the whole picture grows by 15 % and pushing goes on, so it always ends.
    Deterministic.

    >>> moved = remove_overlaps(np.zeros((2, 2)), np.ones(2))
    >>> bool(np.hypot(*(moved[0] - moved[1])) >= 2)
    True
    """
    moved = position.astype(float).copy()
    if len(moved) > 1:
        # Circles on exactly one place have no direction to part in: give them one.
        angle = 2.399963 * np.arange(len(moved))
        moved += 1e-6 * (radius.mean() + 1e-9) * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        while not _push(moved, radius.astype(float), margin, ROUNDS):
            moved *= GROWTH
    return moved


def count_overlaps(position: Floats, radius: Floats) -> int:
    """Pairs of circles that overlap by more than a thousandth of their radii."""
    touching: int = _count(position.astype(float), radius.astype(float))
    return touching


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _push(position: Floats, radius: Floats, margin: float, rounds: int) -> bool:
    n = len(radius)
    largest = radius.max()
    order = np.argsort(position[:, 0])
    for _ in range(rounds):
        moves = 0
        order = order[np.argsort(position[order, 0])]
        for p in range(n):
            i = order[p]
            for q in range(p + 1, n):
                j = order[q]
                dx = position[j, 0] - position[i, 0]
                if dx > radius[i] + largest + margin:
                    break
                least = radius[i] + radius[j] + margin
                dy = position[j, 1] - position[i, 1]
                distance = np.sqrt(dx * dx + dy * dy)
                if distance < least:
                    moves += 1
                    # A touch more than needed, so that rounds end; smaller circles move more.
                    push = 1.02 * (least - distance) / max(distance, 1e-12)
                    share = radius[j] / (radius[i] + radius[j])
                    position[i, 0] -= push * share * dx
                    position[i, 1] -= push * share * dy
                    position[j, 0] += push * (1 - share) * dx
                    position[j, 1] += push * (1 - share) * dy
        if moves == 0:
            return True
    return False


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _count(position: Floats, radius: Floats) -> int:
    touching = 0
    for i in range(len(radius)):
        for j in range(i):
            dx, dy = position[i, 0] - position[j, 0], position[i, 1] - position[j, 1]
            least = 0.999 * (radius[i] + radius[j])
            if dx * dx + dy * dy < least * least:
                touching += 1
    return touching
