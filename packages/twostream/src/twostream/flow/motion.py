"""How much moves, and whither: a flow in three numbers, and the speed that shows a clip's motion well."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Flow = NDArray[np.float32]

MOVING_PX = 0.5
"""From this speed on, in pixels per step, a pixel counts as moving: below is mostly noise."""

SHOWN_SHARE = 0.99


@dataclass(frozen=True)
class Motion:
    """The motion between two frames. Speeds are in pixels per step, `moving_share` is a fraction of 1."""

    mean_speed_px: float
    direction_degrees: float | None
    """Of the mean motion, anticlockwise from the right, 0 to 360, as in a drawing; None without motion."""
    moving_share: float
    """Share of pixels that are faster than `MOVING_PX`."""


def motion_of(flow: Flow) -> Motion:
    """The motion in a flow `(H, W, 2)`, x to the right and y down; unknown flow (NaN) does not count.

    >>> motion_of(np.full((4, 4, 2), (0, -2), np.float32))  # everything moves up
    Motion(mean_speed_px=2.0, direction_degrees=90.0, moving_share=1.0)
    >>> motion_of(np.zeros((4, 4, 2), np.float32)).direction_degrees is None
    True
    """
    known = flow[np.isfinite(flow).all(axis=2)].astype(np.float64)
    if not len(known):
        return Motion(0.0, None, 0.0)
    speed = np.hypot(known[:, 0], known[:, 1])
    x, y = known.mean(axis=0)
    direction = float(np.degrees(np.arctan2(-y, x)) % 360) if x or y else None
    return Motion(float(speed.mean()), direction, float((speed > MOVING_PX).mean()))


def full_color_px(flows: Iterable[Flow]) -> float:
    """The speed of full colour with which a clip is seen well, from some of its flows, pixels per step.

    Nearly all motion, `SHOWN_SHARE` of the moving pixels, is slower, and no less than `MOVING_PX`, so that
    a clip at rest is not a picture of its noise.

    >>> full_color_px([np.zeros((4, 4, 2), np.float32)])
    0.5
    >>> full_color_px([np.full((4, 4, 2), (3, 4), np.float32)])
    5.0
    """
    speeds = np.concatenate([np.hypot(flow[..., 0], flow[..., 1]).ravel() for flow in flows])
    moving = speeds[speeds > MOVING_PX]
    if not len(moving):
        return MOVING_PX
    return round(float(np.quantile(moving, SHOWN_SHARE)), 2)
