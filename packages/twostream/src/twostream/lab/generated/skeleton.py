"""Forward kinematics: from the angles of a pose to the joints of a body in space."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from twostream.lab.generated.keyframes import CHANNEL_INDEX, FloatArray


@dataclass(frozen=True)
class Proportions:
    """Lengths and radii of a body, in body heights.

    >>> Proportions().thigh > Proportions().forearm
    True
    """

    thigh: float = 0.235
    shin: float = 0.235
    foot: float = 0.10
    torso: float = 0.29
    neck: float = 0.045
    head_radius: float = 0.078
    upper_arm: float = 0.165
    forearm: float = 0.145
    shoulder_half_width: float = 0.118
    hip_half_width: float = 0.062
    girth: float = 1.0


def draw_proportions(rng: np.random.Generator) -> Proportions:
    """Draw a body: long or short legs, broad or narrow shoulders, slender or stout.

    >>> draw_proportions(np.random.default_rng(0)) == draw_proportions(np.random.default_rng(0))
    True
    """
    base = Proportions()
    legs, arms, breadth = rng.uniform(0.92, 1.07, size=3)
    return Proportions(
        thigh=base.thigh * legs,
        shin=base.shin * legs,
        torso=base.torso * rng.uniform(0.94, 1.06),
        head_radius=base.head_radius * rng.uniform(0.93, 1.16),
        upper_arm=base.upper_arm * arms,
        forearm=base.forearm * arms,
        shoulder_half_width=base.shoulder_half_width * breadth,
        hip_half_width=base.hip_half_width * rng.uniform(0.95, 1.15),
        girth=rng.uniform(0.88, 1.28),
    )


def joints_of(
    poses: FloatArray, proportions: Proportions, *, yaw_degrees: float
) -> Mapping[str, FloatArray]:
    """Return the joints of every pose, each of shape (poses, 3), in body heights.

    x points right and y up in the picture, z towards the camera. The middle of the ankles stands
    over the origin and the lower foot touches the ground, y = 0; then the body turns by
    `yaw_degrees` around its vertical axis.

    >>> from twostream.lab.generated.keyframes import pose_vector
    >>> joints = joints_of(pose_vector({})[None], Proportions(), yaw_degrees=0.0)
    >>> bool(joints["head"][0, 1] > joints["pelvis"][0, 1] > joints["left_ankle"][0, 1] > 0)
    True
    """
    body = proportions
    count = len(poses)
    upper = _torso_turn(poses)
    up = np.array([0.0, 1.0, 0.0])
    across = np.array([1.0, 0.0, 0.0])
    joints: dict[str, FloatArray] = {"pelvis": np.zeros((count, 3))}
    joints["neck"] = _turned(upper, up) * body.torso
    nod = np.deg2rad(_channel(poses, "nod"))
    head = np.stack([np.zeros(count), np.cos(nod), np.sin(nod)], axis=1)
    reach = body.neck + body.head_radius
    joints["head"] = joints["neck"] + np.einsum("tij,tj->ti", upper, head) * reach
    facing = np.stack([np.zeros(count), -np.sin(nod), np.cos(nod)], axis=1)
    joints["face"] = joints["head"] + np.einsum("tij,tj->ti", upper, facing) * body.head_radius
    for side, sign in (("left", 1.0), ("right", -1.0)):
        shoulder = joints["neck"] + _turned(
            upper, sign * across * body.shoulder_half_width - 0.035 * up
        )
        elbow = shoulder + body.upper_arm * _limb(poses, f"{side}_arm", sign, upper)
        wrist = elbow + body.forearm * _limb(poses, f"{side}_forearm", sign, upper)
        hip = np.tile(sign * across * body.hip_half_width, (count, 1))
        knee = hip + body.thigh * _limb(poses, f"{side}_thigh", sign, None)
        ankle = knee + body.shin * _limb(poses, f"{side}_shin", sign, None)
        tilt = np.deg2rad(np.clip(_channel(poses, f"{side}_shin_flex"), -60, 25) * 0.8)
        toe = np.stack([0.25 * sign * np.ones(count), np.sin(tilt) - 0.25, np.cos(tilt)], axis=1)
        names = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "toe")
        points = (shoulder, elbow, wrist, hip, knee, ankle, ankle + body.foot * toe)
        joints |= {f"{side}_{name}": point for name, point in zip(names, points, strict=True)}
    return _placed(joints, yaw_degrees)


def _placed(joints: dict[str, FloatArray], yaw_degrees: float) -> dict[str, FloatArray]:
    middle = (joints["left_ankle"] + joints["right_ankle"]) / 2
    feet = [
        joints[f"{side}_{name}"][:, 1] for side in ("left", "right") for name in ("ankle", "toe")
    ]
    middle[:, 1] = np.min(feet, axis=0) - 0.022
    yaw = np.deg2rad(yaw_degrees)
    turn = np.array(
        [[np.cos(yaw), 0.0, np.sin(yaw)], [0.0, 1.0, 0.0], [-np.sin(yaw), 0.0, np.cos(yaw)]]
    )
    return {name: (point - middle) @ turn.T for name, point in joints.items()}


def _channel(poses: FloatArray, name: str) -> FloatArray:
    return poses[:, CHANNEL_INDEX[name]]


def _torso_turn(poses: FloatArray) -> FloatArray:
    """Turns of the torso in space, shape (poses, 3, 3): twist, then sideways, then forwards."""
    lean, sway, twist = (np.deg2rad(_channel(poses, name)) for name in ("lean", "sway", "twist"))
    zero, one = np.zeros_like(lean), np.ones_like(lean)

    def matrices(rows: list[list[FloatArray]]) -> FloatArray:
        return np.moveaxis(np.array(rows), 2, 0)

    c, s = np.cos(lean), np.sin(lean)
    forwards = matrices([[one, zero, zero], [zero, c, -s], [zero, s, c]])
    c, s = np.cos(sway), np.sin(sway)
    sideways = matrices([[c, -s, zero], [s, c, zero], [zero, zero, one]])
    c, s = np.cos(twist), np.sin(twist)
    around = matrices([[c, zero, s], [zero, one, zero], [-s, zero, c]])
    result: FloatArray = forwards @ sideways @ around
    return result


def _turned(turns: FloatArray, vector: FloatArray) -> FloatArray:
    result: FloatArray = turns @ vector
    return result


def _limb(poses: FloatArray, bone: str, sign: float, turns: FloatArray | None) -> FloatArray:
    """Unit vectors along a limb, shape (poses, 3); arms move with the torso, legs do not."""
    flex = np.deg2rad(_channel(poses, f"{bone}_flex"))
    abduct = np.deg2rad(_channel(poses, f"{bone}_abduct"))
    along = np.stack(
        [sign * np.sin(abduct), -np.cos(abduct) * np.cos(flex), np.cos(abduct) * np.sin(flex)],
        axis=1,
    )
    if turns is None:
        return along
    result: FloatArray = np.einsum("tij,tj->ti", turns, along)
    return result
