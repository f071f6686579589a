"""The things held in the hand, and the same things lying or rolling about in the background."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from twostream.lab.generated.actions import Prop
from twostream.lab.generated.painting import Picture, paint_hull
from twostream.lab.generated.textures import colour_of, draw_noise

PROP_RADII: Mapping[Prop, float] = {
    "basketball": 0.125,
    "football": 0.125,
    "melon": 0.125,
    "parcel": 0.125,
    "pompom": 0.07,
    "mitten": 0.062,
}
"""Half the size of every prop, in body heights.

Those that tell classes apart have one size, so that their flow hardly differs.
"""

_SIDE_PX = 48
PROPS: tuple[Prop, ...] = tuple(PROP_RADII)


def draw_prop_texture(prop: Prop, rng: np.random.Generator) -> Picture:
    """Draw one specimen of `prop`, uint8 (48, 48, 3): hues and turns vary.

    >>> draw_prop_texture("melon", np.random.default_rng(0)).shape
    (48, 48, 3)
    """
    middle = _SIDE_PX / 2
    canvas = np.empty((_SIDE_PX, _SIDE_PX, 3), np.uint8)
    y, x = np.mgrid[0:_SIDE_PX, 0:_SIDE_PX]
    if prop == "basketball":
        canvas[:] = colour_of(rng.uniform(14, 34), rng.uniform(0.7, 0.95), rng.uniform(0.75, 1.0))
        for centre in (-0.25, 1.25):
            cv2.circle(canvas, (int(centre * _SIDE_PX), 24), 20, (45, 25, 15), 3, cv2.LINE_AA)
        cv2.line(canvas, (24, 0), (24, 47), (45, 25, 15), 3)
        cv2.line(canvas, (0, 24), (47, 24), (45, 25, 15), 3)
    elif prop == "football":
        canvas[:] = colour_of(rng.uniform(0, 360), rng.uniform(0, 0.08), rng.uniform(0.85, 1.0))
        dark = colour_of(rng.uniform(0, 360), rng.uniform(0, 0.5), rng.uniform(0.05, 0.25))
        for turn in [None, *np.arange(5) * 72.0]:
            angle = np.deg2rad(0.0 if turn is None else turn)
            away = 0.0 if turn is None else 20.0
            centre_px = (int(middle + away * np.cos(angle)), int(middle + away * np.sin(angle)))
            cv2.circle(canvas, centre_px, 7, dark.tolist(), -1, cv2.LINE_AA)
    elif prop == "melon":
        light = colour_of(rng.uniform(78, 130), rng.uniform(0.45, 0.7), rng.uniform(0.6, 0.85))
        dark = colour_of(rng.uniform(110, 150), rng.uniform(0.7, 0.95), rng.uniform(0.2, 0.35))
        wave = np.sin((x + 2.5 * np.sin(y / 4.0)) / _SIDE_PX * 2 * np.pi * 3.0) > 0.15
        canvas[:] = np.where(wave[..., None], dark, light)
    elif prop == "pompom":
        fringe = draw_noise(rng, _SIDE_PX, _SIDE_PX, grains=(4, 7))[..., None]
        pink = colour_of(rng.uniform(322, 338), rng.uniform(0.6, 0.85), 0.85)
        canvas[:] = np.clip(pink * (1 + 0.25 * fringe), 0, 255)
    elif prop == "mitten":
        canvas[:] = colour_of(rng.uniform(178, 192), rng.uniform(0.75, 0.95), rng.uniform(0.8, 1.0))
        canvas[:12] = 235
    else:
        canvas[:] = colour_of(rng.uniform(220, 310), rng.uniform(0.6, 0.95), rng.uniform(0.5, 0.95))
        ribbon = colour_of(rng.uniform(40, 60), rng.uniform(0.2, 0.9), 1.0)
        across = np.abs(x - middle + 0.5) < 6
        canvas[across | (np.abs(y - middle + 0.5) < 6)] = ribbon
    radius = np.hypot(x - middle + 0.5, y - middle + 0.5) / middle
    light_factor = 1.08 - (0.12 if prop == "parcel" else 0.45) * np.minimum(radius, 1.0) ** 3
    lit: Picture = np.clip(canvas * light_factor[..., None], 0, 255).astype(np.uint8)
    return _turned(lit, 0.0 if prop in ("parcel", "mitten") else rng.uniform(0, 360))


def _turned(texture: Picture, degrees: float) -> Picture:
    matrix: Any = cv2.getRotationMatrix2D((_SIDE_PX / 2 - 0.5, _SIDE_PX / 2 - 0.5), degrees, 1.0)
    result: Picture = cv2.warpAffine(
        texture, matrix, (_SIDE_PX, _SIDE_PX), borderMode=cv2.BORDER_REFLECT
    )
    return result


def draw_prop_textures(rng: np.random.Generator) -> Mapping[Prop, Picture]:
    """Draw one specimen of every prop.

    >>> sorted(draw_prop_textures(np.random.default_rng(0)))
    ['basketball', 'football', 'melon', 'mitten', 'parcel', 'pompom']
    """
    return {prop: draw_prop_texture(prop, rng) for prop in PROPS}


def paint_prop(
    canvas: Picture,
    prop: Prop,
    texture: Picture,
    *,
    centre: tuple[float, float],
    radius_px: float,
    turn_radians: float,
) -> None:
    """Paint a prop in place: a disc for the round ones, a box for the parcel.

    >>> canvas = np.zeros((30, 30, 3), np.uint8)
    >>> paint_prop(canvas, "parcel", np.full((48, 48, 3), 99, np.uint8), centre=(15.0, 15.0),
    ...            radius_px=8.0, turn_radians=0.0)
    >>> canvas[15, 15].tolist(), canvas[0, 0].tolist()
    ([99, 99, 99], [0, 0, 0])
    """
    along = np.array([np.sin(turn_radians), np.cos(turn_radians)]) * radius_px
    across = np.array([along[1], -along[0]])
    middle = np.array(centre)
    if prop == "parcel":
        half = 0.86
        corner_px = 0.12 * radius_px
        corners = [
            middle + half * (a * along + b * across) * 0.9
            for a, b in ((-1, -1), (-1, 1), (1, 1), (1, -1))
        ]
        circles = [(float(x), float(y), corner_px) for x, y in corners]
    else:
        half = 1.0
        circles = [(*centre, radius_px)]
    begin, end = middle - half * along, middle + half * along
    paint_hull(
        canvas,
        circles,
        texture,
        begin=(float(begin[0]), float(begin[1])),
        end=(float(end[0]), float(end[1])),
        width_px=2 * half * radius_px,
    )
