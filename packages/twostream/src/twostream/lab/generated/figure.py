"""Drawing an articulated human: textured limbs over bones, far ones first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twostream.lab.generated.actions import Prop
from twostream.lab.generated.keyframes import FloatArray
from twostream.lab.generated.look import Look
from twostream.lab.generated.painting import Circle, Picture, blend, paint_dot, paint_hull
from twostream.lab.generated.props import PROP_RADII, paint_prop

Points = Mapping[str, FloatArray]
"""Joints of one frame by name: picture x, picture y in pixels, depth towards the camera."""


@dataclass(frozen=True)
class Held:
    """A thing in a hand and its painted surface.

    >>> Held("parcel", np.zeros((48, 48, 3), np.uint8)).prop
    'parcel'
    """

    prop: Prop
    texture: Picture
    side: str = "right"


@dataclass(frozen=True)
class _Bone:
    begin: str
    end: str
    radii: tuple[float, float]
    material: str
    nearer: float = 0.0
    """Added to the depth: what hides what where two parts touch."""


_BONES = tuple(
    _Bone(f"{side}_{begin}", f"{side}_{end}", radii, material, nearer)
    for side in ("left", "right")
    for begin, end, radii, material, nearer in (
        ("ankle", "toe", (0.027, 0.02), "shoe", 0.01),
        ("hip", "knee", (0.062, 0.042), "thigh", 0.0),
        ("knee", "ankle", (0.040, 0.027), "shin", -0.005),
        ("shoulder", "elbow", (0.043, 0.033), "sleeve", 0.0),
        ("elbow", "wrist", (0.031, 0.022), "forearm", 0.015),
        ("wrist", "hand", (0.026, 0.023), "skin", 0.01),
    )
)


def paint_figure(
    canvas: Picture, points: Points, look: Look, *, scale_px: float, held: Sequence[Held] = ()
) -> None:
    """Paint one figure in place; `scale_px` is its height in pixels.

    `points` holds every joint of `twostream.lab.generated.skeleton.joints_of`, projected: x and y in
    pixels, and the depth in body heights, larger is nearer.

    >>> from twostream.lab.generated.keyframes import pose_vector
    >>> from twostream.lab.generated.look import draw_look
    >>> from twostream.lab.generated.skeleton import joints_of
    >>> look = draw_look(np.random.default_rng(0))
    >>> joints = joints_of(pose_vector({})[None], look.proportions, yaw_degrees=20.0)
    >>> points = {name: joint[0] * (60, -60, 1) + (40, 70, 0) for name, joint in joints.items()}
    >>> canvas = np.zeros((80, 80, 3), np.uint8)
    >>> paint_figure(canvas, points, look, scale_px=60.0)
    >>> bool(canvas.any())
    True
    """
    points = {**points, **_hands(points)}
    girth = look.proportions.girth * scale_px
    parts: list[tuple[float, _Bone | Held | str]] = [
        (float((points[bone.begin][2] + points[bone.end][2]) / 2) + bone.nearer, bone)
        for bone in _BONES
    ]
    parts.append((float(points["neck"][2] + points["pelvis"][2]) / 2 + 0.03, "torso"))
    parts.append((float(points["head"][2]) + 0.03, "head"))
    parts.extend((float(points[f"{thing.side}_hand"][2]) + 0.05, thing) for thing in held)
    for _, part in sorted(parts, key=lambda item: item[0]):
        if isinstance(part, _Bone):
            _paint_bone(canvas, points, look, part, girth)
        elif isinstance(part, Held):
            _paint_held(canvas, points, part, scale_px)
        elif part == "torso":
            _paint_torso(canvas, points, look, girth)
        else:
            _paint_head(canvas, points, look, scale_px)


def paint_shadow(canvas: Picture, points: Points, *, scale_px: float) -> None:
    """Darken the floor under the feet, in place.

    >>> canvas = np.full((20, 40, 3), 200, np.uint8)
    >>> feet = {name: np.array([20.0, 10.0, 0.0]) for name in ("left_ankle", "right_ankle")}
    >>> paint_shadow(canvas, feet, scale_px=30.0)
    >>> bool(canvas[11, 20, 0] < 200)
    True
    """
    x, y = (points["left_ankle"][:2] + points["right_ankle"][:2]) / 2
    spread = abs(float(points["left_ankle"][0] - points["right_ankle"][0])) / 2
    half_width, half_height = spread + 0.2 * scale_px, 0.055 * scale_px
    y += 0.02 * scale_px
    top, bottom = max(int(y - half_height), 0), min(int(y + half_height) + 2, canvas.shape[0])
    left, right = max(int(x - half_width), 0), min(int(x + half_width) + 2, canvas.shape[1])
    if top >= bottom or left >= right:
        return
    rows, columns = np.mgrid[top:bottom, left:right]
    distance = ((columns - x) / half_width) ** 2 + ((rows - y) / half_height) ** 2
    mask = (np.clip(1 - distance, 0, 1) * 140).astype(np.uint8)
    region = canvas[top:bottom, left:right]
    blend(region, np.zeros_like(region), np.repeat(mask[..., None], 3, axis=2))


def _hands(points: Points) -> dict[str, FloatArray]:
    """Hands prolong the forearms."""
    return {
        f"{side}_hand": points[f"{side}_wrist"]
        + 0.22 * (points[f"{side}_wrist"] - points[f"{side}_elbow"])
        for side in ("left", "right")
    }


def _pair(point: FloatArray) -> tuple[float, float]:
    return float(point[0]), float(point[1])


def _paint_bone(canvas: Picture, points: Points, look: Look, bone: _Bone, girth: float) -> None:
    begin, end = _pair(points[bone.begin]), _pair(points[bone.end])
    first, second = (radius * girth for radius in bone.radii)
    paint_hull(
        canvas,
        [(*begin, first), (*end, second)],
        look.materials[bone.material],
        begin=begin,
        end=end,
        width_px=2 * first,
    )


def _paint_torso(canvas: Picture, points: Points, look: Look, girth: float) -> None:
    neck, pelvis = points["neck"], points["pelvis"]
    skin = look.materials["skin"]
    head = points["head"]
    throat = neck + 0.3 * (head - neck)
    paint_hull(
        canvas,
        [(*_pair(neck), 0.034 * girth), (*_pair(throat), 0.03 * girth)],
        skin,
        begin=_pair(neck),
        end=_pair(throat),
        width_px=0.07 * girth,
    )
    # A torso seen from the side is deeper than a line between its shoulders.
    circles: list[Circle] = []
    for side in ("left", "right"):
        shoulder = points[f"{side}_shoulder"] * 0.85 + neck * 0.15
        circles.append((*_pair(shoulder), 0.045 * girth))
        circles.append((*_pair(points[f"{side}_hip"]), 0.058 * girth))
    waist = 0.35 * neck + 0.65 * pelvis
    circles.append((*_pair(0.75 * neck + 0.25 * pelvis), 0.082 * girth))
    circles.append((*_pair(waist), 0.07 * girth))
    xs = [x + sign * radius for x, _, radius in circles for sign in (-1, 1)]
    paint_hull(
        canvas,
        circles,
        look.materials["shirt"],
        begin=_pair(neck),
        end=_pair(pelvis),
        width_px=max(xs) - min(xs),
    )


def _paint_head(canvas: Picture, points: Points, look: Look, scale_px: float) -> None:
    radius = look.proportions.head_radius * scale_px
    head, face, neck = points["head"], points["face"], points["neck"]
    up = (head - neck)[:2]
    up = up / max(float(np.hypot(*up)), 1e-6) * radius
    front = (face - head)[:2]
    turned_to_camera = float(face[2] - head[2])
    hair, skin = look.materials["hair"], look.materials["skin"]
    crown, chin = head[:2] + 0.42 * up, head[:2] - 0.55 * up + 0.08 * front
    nape = head[:2] - (0.1 + 0.7 * look.hair_length) * up - 0.3 * front
    back = head[:2] + 0.22 * up - 0.25 * front

    def paint(circles: list[Circle], material: Picture) -> None:
        begin, end = _pair(crown), _pair(chin)
        paint_hull(canvas, circles, material, begin=begin, end=end, width_px=2.0 * radius)

    hair_circles = [(*_pair(back), 0.92 * radius), (*_pair(nape), 0.62 * radius)]
    skull = [
        (*_pair(head[:2] + 0.12 * up + 0.12 * front), 0.8 * radius),
        (*_pair(chin), 0.52 * radius),
    ]
    layers = [(hair_circles, hair), (skull, skin)]
    if turned_to_camera < 0:
        layers.reverse()
    for circles, material in layers:
        paint(circles, material)
    fringe = [
        (*_pair(crown + 0.18 * up - 0.1 * front), 0.55 * radius),
        (*_pair(crown + 0.1 * up - 0.45 * front), 0.55 * radius),
    ]
    paint(fringe, hair)
    if turned_to_camera > 0:
        aside = np.array([-up[1], up[0]]) * min(turned_to_camera * 12, 1.0)
        for sign in (-1, 1):
            eye = head[:2] + 0.02 * up + 0.72 * front + sign * 0.34 * aside
            paint_dot(canvas, _pair(eye), 0.07 * radius, skin[0, 0] // 4)


def _paint_held(canvas: Picture, points: Points, held: Held, scale_px: float) -> None:
    wrist = points[f"{held.side}_wrist"][:2]
    along = points[f"{held.side}_hand"][:2] - points[f"{held.side}_elbow"][:2]
    along = along / max(float(np.hypot(*along)), 1e-6)
    radius = PROP_RADII[held.prop] * scale_px
    paint_prop(
        canvas,
        held.prop,
        held.texture,
        centre=_pair(wrist + along * 0.95 * radius),
        radius_px=radius,
        turn_radians=float(np.arctan2(along[0], along[1])),
    )
