"""Where the actor stands: perspective, turn of the body, way through the room, the stool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from twostream.lab.generated.actions import Action
from twostream.lab.generated.keyframes import FloatArray
from twostream.lab.generated.look import Look
from twostream.lab.generated.painting import Picture, paint_hull
from twostream.lab.generated.textures import cloth, shaded

_CAMERA_HEIGHT = 0.8
_CAMERA_DISTANCE = 4.2
_SEAT_HEIGHT = 0.2
_SEAT_BACK = 0.23


@dataclass(frozen=True)
class Stage:
    """The actor's place in every frame, in pixels of the picture.

    `scales_px` is the height of the actor in every frame, `feet_px` the point between the feet,
    shape (frames, 2), both before the camera moves; `yaw` is the turn of the body in degrees.

    >>> Stage(np.array([60.0]), np.zeros((1, 2)), 10.0).yaw
    10.0
    """

    scales_px: FloatArray
    feet_px: FloatArray
    yaw: float

    def project(
        self, joints: Mapping[str, FloatArray], index: int, offset: FloatArray
    ) -> dict[str, FloatArray]:
        """Return the joints of frame `index` in the picture: x, y in pixels and depth.

        >>> stage = Stage(np.array([50.0]), np.array([[40.0, 90.0]]), 0.0)
        >>> stage.project({"head": np.array([[0.0, 1.0, 0.0]])}, 0, np.zeros(2))["head"].tolist()
        [40.0, 40.0, 0.0]
        """
        x, y = self.feet_px[index] - offset
        scale = self.scales_px[index]
        tilt = 0.16 * scale
        return {
            name: np.array([x + scale * at[0], y - scale * at[1] + tilt * at[2], at[2]])
            for name, track in joints.items()
            for at in (track[index],)
        }


def draw_stage(
    action: Action,
    rng: np.random.Generator,
    *,
    phases: FloatArray,
    width_px: int,
    height_px: int,
) -> Stage:
    """Draw a place such that the actor stays in the picture, and the turn of the body.

    An action which travels moves through the depth of the room as its phases go.

    >>> from twostream.lab.generated.actions import ACTIONS
    >>> stage = draw_stage(ACTIONS["approach"], np.random.default_rng(0),
    ...                    phases=np.linspace(0, 1, 9), width_px=128, height_px=96)
    >>> bool(stage.scales_px[-1] > stage.scales_px[0])
    True
    """
    middle = (phases.min() + phases.max()) / 2
    depth = action.travel * (phases - middle)
    size = rng.uniform(0.66, 0.76) - 0.08 * (action.travel > 0)
    scales = height_px * size * _CAMERA_DISTANCE / (_CAMERA_DISTANCE - depth)
    horizon = height_px * rng.uniform(0.34, 0.38)
    drift = rng.normal(0.0, 0.0016) * width_px * (np.arange(len(phases)) - len(phases) / 2)
    x = width_px * (0.5 + rng.uniform(-0.11, 0.11)) + drift
    feet = np.stack([x, horizon + _CAMERA_HEIGHT * scales], axis=1)
    return Stage(scales, feet, float(rng.uniform(*action.yaw_degrees)))


def paint_stool(canvas: Picture, stage: Stage, look: Look, index: int, offset: FloatArray) -> None:
    """Paint a stool behind the actor, in place: four legs and a round seat.

    >>> from twostream.lab.generated.look import draw_look
    >>> canvas = np.zeros((96, 128, 3), np.uint8)
    >>> stage = Stage(np.array([60.0]), np.array([[64.0, 86.0]]), 30.0)
    >>> paint_stool(canvas, stage, draw_look(np.random.default_rng(0)), 0, np.zeros(2))
    >>> bool(canvas.any())
    True
    """
    yaw = np.deg2rad(stage.yaw)
    back = np.array([-np.sin(yaw), 0.0, -np.cos(yaw)]) * _SEAT_BACK
    side = np.array([np.cos(yaw), 0.0, -np.sin(yaw)]) * 0.085
    front = np.array([np.sin(yaw), 0.0, np.cos(yaw)]) * 0.085
    up = np.array([0.0, _SEAT_HEIGHT, 0.0])
    corners = [back + a * side + b * front for a, b in ((-1, -1), (1, -1), (-1, 1), (1, 1))]
    tracks = {f"foot{i}": corner[None] for i, corner in enumerate(corners)}
    tracks |= {f"seat{i}": (corner + up)[None] for i, corner in enumerate(corners)}
    here = Stage(stage.scales_px[index : index + 1], stage.feet_px[index : index + 1], stage.yaw)
    points = here.project(tracks, 0, offset)
    scale = float(stage.scales_px[index])
    wood = shaded(np.tile(look.stool_colour, (4, 8, 1)), depth=0.3)
    for i in range(4):
        (x0, y0, _), (x1, y1, _) = points[f"seat{i}"], points[f"foot{i}"]
        legs = [(float(x0), float(y0), 0.014 * scale), (float(x1), float(y1), 0.014 * scale)]
        paint_hull(canvas, legs, wood, begin=legs[0][:2], end=legs[1][:2], width_px=0.03 * scale)
    seat = [
        (float(points[f"seat{i}"][0]), float(points[f"seat{i}"][1]), 0.03 * scale) for i in range(4)
    ]
    left, right = min(x for x, _, _ in seat), max(x for x, _, _ in seat)
    y = sum(point[1] for point in seat) / 4
    paint_hull(canvas, seat, wood, begin=(left, y), end=(right, y), width_px=0.3 * scale)


def paint_carpet(canvas: Picture, stage: Stage, look: Look, offset: FloatArray) -> None:
    """Paint a runner on the floor along the way of the actor, in place: it stays where it lies.

    >>> from twostream.lab.generated.look import draw_look
    >>> canvas = np.zeros((96, 128, 3), np.uint8)
    >>> stage = Stage(np.array([60.0]), np.array([[64.0, 78.0]]), 30.0)
    >>> paint_carpet(canvas, stage, draw_look(np.random.default_rng(0)), np.zeros(2))
    >>> bool(canvas[79, 64].any()), bool(canvas[50, 64].any())
    (True, False)
    """
    middle = (stage.scales_px.min() + stage.scales_px.max()) / 2
    x, y = stage.feet_px.mean(axis=0) - offset
    horizon = y - _CAMERA_HEIGHT * stage.scales_px.mean()
    ends = [(0.78 * middle, horizon), (1.3 * middle, horizon)]
    corners = [
        (float(x + sign * 0.24 * scale), float(far + _CAMERA_HEIGHT * scale), 1.0)
        for scale, far in ends
        for sign in (-1, 1)
    ]
    weave = cloth(
        np.random.default_rng(0), "hoops", (look.carpet_colour, look.carpet_colour * 0.85)
    )
    begin, end = (float(x), corners[0][1]), (float(x), corners[-1][1])
    paint_hull(canvas, corners, weave, begin=begin, end=end, width_px=0.7 * float(middle))
