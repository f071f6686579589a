"""Rooms: a wall with things on it, a floor, and a camera which pans and trembles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from twostream.lab.generated.keyframes import FloatArray
from twostream.lab.generated.painting import Picture
from twostream.lab.generated.textures import draw_colour, draw_noise

MARGIN = 0.3
"""How far a room reaches beyond each edge of the picture, as a share of its size."""


def draw_room(rng: np.random.Generator, *, width_px: int, height_px: int) -> Picture:
    """Draw a room larger than the picture by `MARGIN` on every side, uint8 RGB.

    >>> draw_room(np.random.default_rng(0), width_px=100, height_px=50).shape
    (80, 160, 3)
    """
    width, height = round(width_px * (1 + 2 * MARGIN)), round(height_px * (1 + 2 * MARGIN))
    edge = round(height_px * (MARGIN + rng.uniform(0.64, 0.74)))
    room = np.empty((height, width, 3), np.uint8)
    _paint_wall(room[:edge], rng)
    _paint_floor(room[edge:], rng)
    skirting = draw_colour(rng, saturation=(0.0, 0.4))
    room[edge - max(2, height_px // 50) : edge] = skirting
    return room


def _speckled(rng: np.random.Generator, rows: int, columns: int, *, contrast: float) -> FloatArray:
    noise = draw_noise(rng, rows, columns, grains=(3, 7, 23))
    return 1 + contrast * noise[..., None].astype(np.float64)


def _paint_wall(wall: Picture, rng: np.random.Generator) -> None:
    rows, columns = wall.shape[:2]
    colours = draw_colour(rng, saturation=(0.0, 0.2)), draw_colour(rng, saturation=(0.0, 0.2))
    surface = np.broadcast_to(colours[0], (rows, columns, 3)).copy()
    kind = rng.integers(4)
    period = int(rng.integers(rows // 12 + 2, rows // 4 + 3))
    y, x = np.mgrid[0:rows, 0:columns]
    second = 0.72 * colours[0] + 0.28 * colours[1]
    if kind == 1:
        surface[(x // period) % 2 == 1] = second
    elif kind == 2:
        surface[((x // period) + (y // period)) % 2 == 1] = second
    elif kind == 3:
        surface[(y % period < 2) | ((x + (y // period) % 2 * period) % (2 * period) < 2)] = second
    surface *= _speckled(rng, rows, columns, contrast=rng.uniform(0.03, 0.07))
    wall[:] = np.clip(surface, 0, 255).astype(np.uint8)
    for _ in range(int(rng.integers(1, 5))):
        _hang_something(wall, rng)


def _hang_something(wall: Picture, rng: np.random.Generator) -> None:
    rows, columns = wall.shape[:2]
    width, height = (int(rng.uniform(0.07, 0.3) * rows) for _ in range(2))
    left, top = int(rng.integers(columns)), int(rng.uniform(0.05, 0.95) * rows)
    colours = [draw_colour(rng, saturation=(0.05, 0.35)).tolist() for _ in range(3)]
    if rng.random() < 0.3:
        cv2.circle(wall, (left, top), width // 2, colours[0], -1, cv2.LINE_AA)
        cv2.circle(wall, (left, top), width // 3, colours[1], -1, cv2.LINE_AA)
        return
    cv2.rectangle(wall, (left, top), (left + width, top + height), colours[0], -1)
    inset = max(2, width // 8)
    inner = (left + inset, top + inset), (left + width - inset, top + height - inset)
    cv2.rectangle(wall, *inner, colours[1], -1)
    if rng.random() < 0.5:
        centre = (left + width // 2, top + height // 2)
        cv2.circle(wall, centre, max(2, min(width, height) // 4), colours[2], -1, cv2.LINE_AA)


def _paint_floor(floor: Picture, rng: np.random.Generator) -> None:
    rows, columns = floor.shape[:2]
    colour = draw_colour(rng, saturation=(0.0, 0.25)) * 0.85
    surface = colour * _speckled(rng, rows, columns, contrast=rng.uniform(0.04, 0.1))
    floor[:] = np.clip(surface, 0, 255).astype(np.uint8)
    # Boards run towards a vanishing point above the floor.
    line = (colour * rng.uniform(0.6, 0.9)).tolist()
    point = np.array([columns * rng.uniform(0.3, 0.7), -rows * 1.4])
    for foot in np.arange(-columns, 2 * columns, rng.uniform(0.06, 0.2) * columns):
        begin = point + (np.array([foot, rows]) - point) * 0.55
        cv2.line(floor, begin.astype(int).tolist(), (int(foot), rows), line, 2, cv2.LINE_AA)


@dataclass(frozen=True)
class Camera:
    """Where the camera looks in every frame, in pixels from the middle: float64 (frames, 2).

    >>> draw_camera(np.random.default_rng(0), frames=30, width_px=128).offsets.shape
    (30, 2)
    """

    offsets: FloatArray


def draw_camera(rng: np.random.Generator, *, frames: int, width_px: int) -> Camera:
    """Draw a camera path: a resting, panning or drifting camera held by a trembling hand.

    >>> path = draw_camera(np.random.default_rng(1), frames=5, width_px=128).offsets
    >>> bool(np.all(np.abs(path) < 128))
    True
    """
    pixel = width_px / 128
    time = np.arange(frames)[:, None] - frames / 2
    moving = rng.random() < 0.5
    pan = rng.normal(0.0, (0.35, 0.18)) * pixel * moving
    sway = rng.uniform(0.0, 1.2, 2) * np.sin(
        rng.uniform(0.1, 0.45, 2) * time + rng.uniform(0, 6, 2)
    )
    tremble = rng.uniform(0.0, 0.28) * rng.standard_normal((frames, 2))
    # All clips of a room are framed alike: a framing of its own would give a clip away.
    start = rng.uniform(-0.012, 0.012, 2) * width_px
    offsets = start + pan * time + (sway * moving + tremble) * pixel
    return Camera(offsets)


def photograph(room: Picture, offset: FloatArray, *, width_px: int, height_px: int) -> Picture:
    """Return the part of `room` that a camera moved by `offset` pixels sees, to sub-pixels.

    >>> room = np.zeros((80, 160, 3), np.uint8)
    >>> photograph(room, np.zeros(2), width_px=100, height_px=50).shape
    (50, 100, 3)
    """
    left = (room.shape[1] - width_px) / 2 + offset[0]
    top = (room.shape[0] - height_px) / 2 + offset[1]
    matrix = np.array([[1.0, 0.0, -left], [0.0, 1.0, -top]])
    view: Any = cv2.warpAffine(room, matrix, (width_px, height_px), borderMode=cv2.BORDER_REFLECT)
    result: Picture = view
    return result
