"""The actions: poses as functions of phase, and how each action runs through its phases.

The motion classes come in pairs which share every single frame: the members of a pair use the
same key poses and phases of the same distribution, and differ only in the direction or speed of
time.
The appearance classes share one motion and differ only in the thing held in the hand.
No class depends on left or right, so flipping a clip never changes its class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from twostream.lab.generated.keyframes import FloatArray, KeyPose, poses_at

Prop = Literal["basketball", "football", "melon", "parcel", "pompom", "mitten"]
Context = Literal["stool", "carpet", "pompoms", "mitten"]

FRAMES_PER_SECOND = 25


@dataclass(frozen=True)
class Action:
    """One class: its key poses, the way it runs through them, and what it needs around it.

    `cycles_per_second` gives the range of speeds of a cyclic action; None marks an action which is
    performed once. `travel` is the way towards the camera, in body heights a cycle.
    `yaw_degrees` is the range of turns away from the camera. `prop` is what tells the class, held in
    the right hand; `context` is what goes with the action and is the same for both of a pair.

    >>> ACTIONS["stand_up"].reversed_in_time, ACTIONS["sit_down"].reversed_in_time
    (True, False)
    """

    name: str
    keys: tuple[KeyPose, ...]
    cycles_per_second: tuple[float, float] | None = None
    reversed_in_time: bool = False
    travel: float = 0.0
    yaw_degrees: tuple[float, float] = (-28.0, 28.0)
    prop: Prop | None = None
    context: Context | None = None

    def poses(self, phases: FloatArray) -> FloatArray:
        """Return the poses at `phases`, shape (phases, channels), in degrees.

        >>> import numpy as np
        >>> ACTIONS["sit_down"].poses(np.linspace(0, 1, 5)).shape
        (5, 20)
        """
        return poses_at(self.keys, phases, cyclic=self.cycles_per_second is not None)


def _both(bone: str, *, flex: float, abduct: float) -> dict[str, float]:
    return {
        f"{side}_{bone}_{axis}": value
        for side in ("left", "right")
        for axis, value in (("flex", flex), ("abduct", abduct))
    }


_SIT = (
    KeyPose(0.0, {}),
    KeyPose(
        0.5,
        {
            "lean": 38.0,
            "nod": -14.0,
            **_both("thigh", flex=52.0, abduct=7.0),
            **_both("shin", flex=-17.0, abduct=3.0),
            **_both("arm", flex=32.0, abduct=8.0),
            **_both("forearm", flex=62.0, abduct=2.0),
        },
    ),
    KeyPose(
        1.0,
        {
            "lean": 5.0,
            **_both("thigh", flex=85.0, abduct=10.0),
            **_both("shin", flex=-3.0, abduct=4.0),
            **_both("arm", flex=22.0, abduct=9.0),
            **_both("forearm", flex=68.0, abduct=-4.0),
        },
    ),
)

_RAISE = (
    KeyPose(0.0, {}),
    KeyPose(
        0.5,
        {
            **_both("arm", flex=8.0, abduct=86.0),
            **_both("forearm", flex=8.0, abduct=96.0),
        },
    ),
    KeyPose(
        1.0,
        {
            "nod": -10.0,
            **_both("arm", flex=4.0, abduct=158.0),
            **_both("forearm", flex=4.0, abduct=176.0),
        },
    ),
)


def _wave(phase: float, forearm: float, arm: float) -> KeyPose:
    angles = {
        "sway": 3.0,
        "right_arm_flex": 10.0,
        "right_arm_abduct": arm,
        "right_forearm_flex": 10.0,
        "right_forearm_abduct": forearm,
    }
    return KeyPose(phase, angles)


_WAVE = (_wave(0.0, 122.0, 92.0), _wave(0.5, 206.0, 112.0))


def _step(phase: float, left: tuple[float, float], right: tuple[float, float]) -> KeyPose:
    swing = 0.75 * left[0]
    angles = {
        "lean": 4.0,
        "twist": 0.25 * left[0],
        "left_thigh_flex": left[0],
        "left_shin_flex": left[1],
        "right_thigh_flex": right[0],
        "right_shin_flex": right[1],
        "left_arm_flex": -swing,
        "left_forearm_flex": 22.0 - swing,
        "right_arm_flex": swing,
        "right_forearm_flex": 22.0 + swing,
    }
    return KeyPose(phase, angles)


_GAIT = (
    _step(0.00, (27.0, 18.0), (-22.0, -38.0)),
    _step(0.25, (3.0, -4.0), (20.0, -42.0)),
    _step(0.50, (-22.0, -38.0), (27.0, 18.0)),
    _step(0.75, (20.0, -42.0), (3.0, -4.0)),
)


def _swing(phase: float, arm: float, forearm: float, sway: float) -> KeyPose:
    angles = {
        "sway": sway,
        "right_arm_flex": 12.0,
        "right_arm_abduct": arm,
        "right_forearm_flex": 24.0,
        "right_forearm_abduct": forearm,
    }
    return KeyPose(phase, angles)


_SWING = (_swing(0.0, 22.0, 26.0, 2.0), _swing(0.5, 104.0, 122.0, -4.0))

_SEATED_YAW = (18.0, 62.0)
_STEPS = (0.75, 1.25)

_ALL = (
    Action("sit_down", _SIT, context="stool", yaw_degrees=_SEATED_YAW),
    Action("stand_up", _SIT, context="stool", yaw_degrees=_SEATED_YAW, reversed_in_time=True),
    Action("raise_arms", _RAISE, context="pompoms"),
    Action("lower_arms", _RAISE, context="pompoms", reversed_in_time=True),
    Action("wave_slow", _WAVE, cycles_per_second=(0.6, 1.15), context="mitten"),
    Action("wave_fast", _WAVE, cycles_per_second=(1.55, 2.7), context="mitten"),
    Action("approach", _GAIT, cycles_per_second=_STEPS, travel=0.95, context="carpet"),
    Action(
        "retreat",
        _GAIT,
        cycles_per_second=_STEPS,
        travel=0.95,
        context="carpet",
        reversed_in_time=True,
    ),
    Action("swing_basketball", _SWING, cycles_per_second=(0.6, 1.3), prop="basketball"),
    Action("swing_football", _SWING, cycles_per_second=(0.6, 1.3), prop="football"),
    Action("swing_melon", _SWING, cycles_per_second=(0.6, 1.3), prop="melon"),
    Action("swing_parcel", _SWING, cycles_per_second=(0.6, 1.3), prop="parcel"),
)

ACTIONS: Mapping[str, Action] = {action.name: action for action in _ALL}
"""Every action by its class name."""

APPEARANCE_CLASSES: tuple[str, ...] = tuple(a.name for a in _ALL if a.prop is not None)
"""Same motion, different thing in the hand."""

MOTION_CLASSES: tuple[str, ...] = tuple(a.name for a in _ALL if a.prop is None)
"""Same single frames within each of `MOTION_PAIRS`, different motion."""

MOTION_PAIRS: tuple[tuple[str, str], ...] = tuple(
    zip(MOTION_CLASSES[::2], MOTION_CLASSES[1::2], strict=True)
)
"""The motion classes two by two."""

CLASSES: tuple[str, ...] = MOTION_CLASSES + APPEARANCE_CLASSES
"""All classes: the motion classes, then the appearance classes."""
