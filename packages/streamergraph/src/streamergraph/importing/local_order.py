"""Local times of a night in which clocks go back: the order in which they were written tells them apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Minutes = NDArray[np.float64]
Flags = NDArray[np.bool_]

NEAR_MINUTES = 30.0  # half of what clocks go back by, nearly everywhere
DISORDER_MINUTES = 5.0  # what a log may be out of order by


def later_of_two(minutes: Minutes, twice: Flags) -> tuple[Flags, int]:
    """Which local times are the later of the two moments that they may be; and how many are unsure.

    `minutes`: local times in the order of writing (or against it), in minutes since any moment; `twice`:
    those that clocks showed twice. Where time goes back by about an hour, what follows is the later.
    Where it does not, a night belongs to the side from which it goes on without a gap. Where the times
    are in no order, or a night has a gap on both sides or on none, all of it is taken as the earlier
    and counted as unsure.

    >>> later_of_two(np.array([110., 125, 175, 120, 170, 185]), np.array([0, 1, 1, 1, 1, 0], bool))
    (array([False, False, False,  True,  True, False]), 0)
    """
    steps = np.diff(minutes[~twice])
    if (steps < -DISORDER_MINUTES).any():
        if (steps > DISORDER_MINUTES).any():
            return np.zeros(len(minutes), bool), int(twice.sum())
        later, unsure = later_of_two(minutes[::-1], twice[::-1])
        return later[::-1], unsure
    later = np.zeros(len(minutes), bool)
    unsure = 0
    places = np.flatnonzero(twice)
    nights = np.split(places, np.flatnonzero(np.abs(np.diff(minutes[places])) > 24 * 60) + 1)
    for night in nights if len(places) else []:
        here = minutes[night]
        back = np.flatnonzero(np.maximum.accumulate(here) - here > NEAR_MINUTES)
        if len(back):
            later[night[back[0] :]] = True
            continue
        before = here[0] - minutes[night[0] - 1] if night[0] else np.inf
        after = minutes[night[-1] + 1] - here[-1] if night[-1] + 1 < len(minutes) else np.inf
        if before > NEAR_MINUTES >= after:
            later[night] = True
        elif not before <= NEAR_MINUTES < after:
            unsure += len(night)
    return later, unsure
