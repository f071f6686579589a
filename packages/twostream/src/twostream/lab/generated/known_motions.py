"""Clips of pictures under known motions: a piece of one moves over another while the camera drifts.

What a temporal stream can learn motion from without labels by people: the class is what the piece does
against its ground. No class depends on left or right, and of one group number all classes show the same
pictures, so that neither a mirrored clip nor a look tells anything else.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import cv2
import numpy as np
import numpy.typing as npt

from twostream.lab.generated.actions import FRAMES_PER_SECOND
from twostream.lab.generated.painting import Picture
from twostream.lab.generated.scene import draw_room
from twostream.lab.generated.textures import CLOTH_PATTERNS, cloth, draw_colour

KnownMotion = Literal[
    "piece_rises",
    "piece_falls",
    "piece_passes",
    "piece_grows",
    "piece_shrinks",
    "piece_turns",
    "piece_bobs",
    "piece_swings",
    "piece_rocks",
    "piece_rests",
]
KNOWN_MOTIONS: tuple[KnownMotion, ...] = get_args(KnownMotion)
MARGIN = 0.3  # of the ground beyond each edge, as a share of the picture
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Path:
    """Where the piece is at a time from 0 to 1: shifts as shares of the side, scale, turn in degrees."""

    right: Callable[[float], float]
    down: Callable[[float], float]
    scale: Callable[[float], float]
    degrees: Callable[[float], float]


def render_known_motion(
    motion: KnownMotion,
    *,
    seed: int,
    group: int,
    clip: int = 1,
    side_px: int = 96,
    pictures: Sequence[Picture] = (),
) -> Picture:
    """One clip of a class of `KNOWN_MOTIONS`, uint8 RGB (26 to 34, side, side, 3), 25 fps.

    Ground and piece are of `pictures` (uint8 RGB, each at least 32 px a side), or textures where there are
    none. The same arguments give the same pixels.

    >>> render_known_motion("piece_turns", seed=0, group=1, side_px=32).shape[1:]
    (32, 32, 3)
    """
    looks = np.random.default_rng([seed, group, 7])
    ground = _ground(looks, side_px, pictures)
    piece = _piece(looks, side_px, pictures)
    rng = np.random.default_rng([seed, zlib.crc32(motion.encode()), group, clip])
    count = int(rng.integers(26, 35))
    path = _path(motion, rng, seconds=count / FRAMES_PER_SECOND)
    centre = rng.uniform(0.38, 0.62, 2) * side_px
    drift = rng.uniform(-0.1, 0.1, 2) * side_px
    zoom, roll = rng.uniform(-0.06, 0.06), rng.uniform(-4.0, 4.0)
    frames = []
    for k in range(count):
        time = k / (count - 1)
        tremble = rng.normal(0.0, 0.004 * side_px, 2)
        camera = _moved(
            (side_px / 2, side_px / 2), drift * time + tremble, 1.0 + zoom * time, roll * time
        )
        shift = np.asarray([path.right(time), path.down(time)]) * side_px
        own = _moved(centre, shift, path.scale(time), path.degrees(time))
        frames.append(_photographed(ground, piece, camera, camera @ own, centre, side_px, rng))
    return np.stack(frames)


def _path(motion: KnownMotion, rng: np.random.Generator, *, seconds: float) -> _Path:
    sign = float(rng.choice((-1.0, 1.0)))
    way, turn = rng.uniform(0.3, 0.55), sign * rng.uniform(60.0, 150.0)
    ratio, swing = rng.uniform(1.5, 2.0), rng.uniform(0.08, 0.16)
    turns = 2 * np.pi * rng.uniform(0.8, 2.2) * seconds
    start = rng.uniform(0.0, 2 * np.pi)

    def still(_: float) -> float:
        return 0.0

    def same(_: float) -> float:
        return 1.0

    def through(length: float) -> Callable[[float], float]:
        return lambda time: length * (time - 0.5)

    def wave(length: float) -> Callable[[float], float]:
        return lambda time: length * float(np.sin(start + turns * time))

    match motion:
        case "piece_rises":
            return _Path(still, through(-way), same, still)
        case "piece_falls":
            return _Path(still, through(way), same, still)
        case "piece_passes":
            return _Path(through(sign * way), still, same, still)
        case "piece_grows":
            return _Path(still, still, lambda time: ratio ** (time - 0.5), still)
        case "piece_shrinks":
            return _Path(still, still, lambda time: ratio ** (0.5 - time), still)
        case "piece_turns":
            return _Path(still, still, same, through(turn))
        case "piece_bobs":
            return _Path(still, wave(swing), same, still)
        case "piece_swings":
            return _Path(wave(swing), still, same, still)
        case "piece_rocks":
            return _Path(still, still, same, wave(turn / 4))
        case "piece_rests":
            return _Path(still, still, same, still)


def _moved(centre: Any, shift: Any, scale: float, degrees: float) -> Matrix:
    """Scaled and turned around a centre, then shifted: 3 x 3."""
    x, y = (float(value) for value in centre)
    matrix = np.vstack([cv2.getRotationMatrix2D((x, y), degrees, scale), [0.0, 0.0, 1.0]])
    matrix[:2, 2] += shift
    return matrix


def _photographed(
    ground: Picture,
    piece: tuple[Picture, npt.NDArray[np.float32]],
    camera: Matrix,
    own: Matrix,
    centre: Any,
    side_px: int,
    rng: np.random.Generator,
) -> Picture:
    size = (side_px, side_px)
    border = (np.asarray(ground.shape[1::-1]) - side_px) / 2
    from_ground = camera @ np.asarray([[1, 0, -border[0]], [0, 1, -border[1]], [0, 0, 1.0]])
    picture, mask = piece
    half = picture.shape[0] / 2
    from_piece = own @ np.asarray(
        [[1, 0, float(centre[0]) - half], [0, 1, float(centre[1]) - half], [0, 0, 1.0]]
    )
    below = cv2.warpAffine(ground, from_ground[:2], size, borderMode=cv2.BORDER_REFLECT_101)
    above = cv2.warpAffine(picture, from_piece[:2], size, borderMode=cv2.BORDER_REFLECT_101)
    share = cv2.warpAffine(mask, from_piece[:2], size)[..., None]
    frame = below * (1.0 - share) + above * share + rng.normal(0.0, 2.0, below.shape)
    developed: Picture = np.clip(frame, 0, 255).astype(np.uint8)
    return developed


def _ground(rng: np.random.Generator, side_px: int, pictures: Sequence[Picture]) -> Picture:
    if not pictures:
        return draw_room(rng, width_px=side_px, height_px=side_px)
    picture = pictures[int(rng.integers(len(pictures)))]
    scale = side_px * (1 + 2 * MARGIN) / min(picture.shape[:2])
    scaled: Picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return scaled


def _piece(
    rng: np.random.Generator, side_px: int, pictures: Sequence[Picture]
) -> tuple[Picture, npt.NDArray[np.float32]]:
    """A square of a picture or of cloth, and how much of each of its pixels there is (an ellipse)."""
    side = round(side_px * rng.uniform(0.4, 0.6))
    if pictures:
        picture = pictures[int(rng.integers(len(pictures)))]
        cut = round(min(picture.shape[:2]) * rng.uniform(0.4, 0.8))
        top, left = (int(rng.integers(size - cut + 1)) for size in picture.shape[:2])
        square = cv2.resize(picture[top : top + cut, left : left + cut], (side, side))
    else:
        pattern = str(rng.choice(CLOTH_PATTERNS[1:]))
        colours = draw_colour(rng), draw_colour(rng)
        square = cloth(rng, pattern, colours, rows=side, columns=side, period_px=max(6, side // 5))
    mask = np.zeros((side, side), np.float32)
    axes = (round(side * rng.uniform(0.3, 0.46)), round(side * rng.uniform(0.3, 0.46)))
    cv2.ellipse(mask, (side // 2, side // 2), axes, 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    return np.asarray(square, np.uint8), mask
