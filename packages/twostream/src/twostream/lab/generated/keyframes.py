"""Poses as vectors of angles, and smooth curves through a few key poses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

CHANNELS: tuple[str, ...] = (
    "lean",
    "sway",
    "twist",
    "nod",
    *(
        f"{side}_{bone}_{axis}"
        for side in ("left", "right")
        for bone in ("arm", "forearm", "thigh", "shin")
        for axis in ("flex", "abduct")
    ),
)
"""The angles of a pose, in degrees. `flex` turns a hanging limb forwards, `abduct` outwards."""

CHANNEL_INDEX: Mapping[str, int] = {name: index for index, name in enumerate(CHANNELS)}

NEUTRAL: Mapping[str, float] = {
    "left_arm_flex": 3.0,
    "left_arm_abduct": 9.0,
    "left_forearm_flex": 16.0,
    "left_forearm_abduct": 6.0,
    "right_arm_flex": 3.0,
    "right_arm_abduct": 9.0,
    "right_forearm_flex": 16.0,
    "right_forearm_abduct": 6.0,
    "left_thigh_abduct": 4.0,
    "left_shin_abduct": 3.0,
    "left_thigh_flex": 2.0,
    "left_shin_flex": -2.0,
    "right_thigh_abduct": 4.0,
    "right_shin_abduct": 3.0,
    "right_thigh_flex": 2.0,
    "right_shin_flex": -2.0,
}
"""A relaxed stand, the pose that every key pose departs from."""


def pose_vector(angles: Mapping[str, float]) -> FloatArray:
    """Return the relaxed stand with `angles` (degrees by channel name) put in, shape (channels,).

    Raises KeyError for a name that is not a channel.

    >>> pose = pose_vector({"lean": 30.0})
    >>> pose.shape == (len(CHANNELS),), float(pose[CHANNEL_INDEX["lean"]])
    (True, 30.0)
    """
    pose = np.zeros(len(CHANNELS))
    for name, degrees in {**NEUTRAL, **angles}.items():
        pose[CHANNEL_INDEX[name]] = degrees
    return pose


@dataclass(frozen=True)
class KeyPose:
    """One key pose: where it stands in the action and its angles in degrees.

    >>> KeyPose(0.5, {"lean": 10.0}).phase
    0.5
    """

    phase: float
    angles: Mapping[str, float]


def poses_at(keys: Sequence[KeyPose], phases: FloatArray, *, cyclic: bool) -> FloatArray:
    """Return the poses at `phases`, shape (phases, channels), in degrees.

    A cubic Hermite curve with Catmull-Rom tangents runs through the keys. A cyclic action repeats
    with period 1 (any phase is valid); any other rests at its first and last key, and phases
    outside 0-1 are held there.

    >>> keys = [KeyPose(0.0, {"lean": 0.0}), KeyPose(1.0, {"lean": 40.0})]
    >>> [float(x) for x in poses_at(keys, np.array([0.0, 0.5, 1.0]), cyclic=False)[:, 0]]
    [0.0, 20.0, 40.0]
    """
    times = np.array([key.phase for key in keys])
    values = np.stack([pose_vector(key.angles) for key in keys])
    if cyclic:
        times = np.concatenate([times[-2:] - 1, times, times[:2] + 1])
        values = np.concatenate([values[-2:], values, values[:2]])
        phases = np.mod(phases, 1.0)
    else:
        phases = np.clip(phases, times[0], times[-1])
    slopes = np.zeros_like(values)
    slopes[1:-1] = (values[2:] - values[:-2]) / (times[2:] - times[:-2])[:, None]
    left = np.clip(np.searchsorted(times, phases, side="right") - 1, 0, len(times) - 2)
    span = (times[left + 1] - times[left])[:, None]
    u = (phases[:, None] - times[left][:, None]) / span
    result: FloatArray = (
        (2 * u**3 - 3 * u**2 + 1) * values[left]
        + (u**3 - 2 * u**2 + u) * span * slopes[left]
        + (3 * u**2 - 2 * u**3) * values[left + 1]
        + (u**3 - u**2) * span * slopes[left + 1]
    )
    return result
