"""Painting smooth textured shapes onto a picture, in place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from twostream.lab.generated.keyframes import FloatArray

Picture = NDArray[np.uint8]
Circle = tuple[float, float, float]
"""Centre x, centre y and radius, in pixels."""

_FRACTION_BITS = 4
_RING_ANGLES = np.linspace(0, 2 * np.pi, 16, endpoint=False)
_RING = np.stack([np.cos(_RING_ANGLES), np.sin(_RING_ANGLES)], axis=1).astype(np.float32)


def hull_of(circles: Sequence[Circle]) -> NDArray[np.float32]:
    """Return the outline of the convex hull of `circles`, float32 (points, 2), in pixels.

    >>> hull_of([(0, 0, 2.0)]).shape
    (16, 2)
    """
    rings = np.array(circles, np.float32)[:, None]
    points = _RING * rings[..., 2:] + rings[..., :2]
    outline: Any = cv2.convexHull(points.reshape(-1, 2))
    result: NDArray[np.float32] = outline[:, 0]
    return result


def paint_hull(
    canvas: Picture,
    circles: Sequence[Circle],
    texture: Picture,
    *,
    begin: tuple[float, float],
    end: tuple[float, float],
    width_px: float,
) -> None:
    """Paint the hull of `circles` with `texture`: its rows run from `begin` to `end`.

    The columns of the texture span `width_px` across that axis; outside, its edge continues. The
    edge is anti-aliased and anything outside the canvas is cut off. An axis shorter than a pixel
    is taken as one pixel downwards.

    >>> canvas = np.zeros((20, 20, 3), np.uint8)
    >>> red = np.full((4, 4, 3), (255, 0, 0), np.uint8)
    >>> paint_hull(canvas, [(6, 6, 3), (14, 14, 3)], red, begin=(6, 6), end=(14, 14), width_px=6)
    >>> canvas[10, 10].tolist(), canvas[0, 19].tolist()
    ([255, 0, 0], [0, 0, 0])
    """
    left = max(int(min(x - radius for x, _, radius in circles)) - 1, 0)
    top = max(int(min(y - radius for _, y, radius in circles)) - 1, 0)
    right = min(int(max(x + radius for x, _, radius in circles)) + 2, canvas.shape[1])
    bottom = min(int(max(y + radius for _, y, radius in circles)) + 2, canvas.shape[0])
    if right <= left or bottom <= top:
        return
    mask = np.zeros((bottom - top, right - left, 3), np.uint8)
    outline = hull_of([(x - left, y - top, radius) for x, y, radius in circles])
    fixed = (outline * (1 << _FRACTION_BITS)).round().astype(np.int32)
    cv2.fillConvexPoly(mask, fixed, (255, 255, 255), cv2.LINE_AA, _FRACTION_BITS)
    to_texture = _picture_to_texture(
        (begin[0] - left, begin[1] - top), (end[0] - left, end[1] - top), width_px, texture
    )
    paint: Any = cv2.warpAffine(
        texture,
        to_texture,
        (right - left, bottom - top),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    blend(canvas[top:bottom, left:right], paint, mask)


def _picture_to_texture(
    begin: tuple[float, float], end: tuple[float, float], width_px: float, texture: Picture
) -> FloatArray:
    """The affine map, shape (2, 3), from picture pixels to pixels of the texture."""
    dx, dy = end[0] - begin[0], end[1] - begin[1]
    length = math.hypot(dx, dy)
    if length < 1.0:
        dx, dy, length = 0.0, 1.0, 1.0
    dx, dy = dx / length, dy / length
    rows, columns = texture.shape[0] / length, texture.shape[1] / width_px
    # Pixel centres of the texture lie half a pixel inside its edge.
    across = columns * (begin[1] * dx - begin[0] * dy) + texture.shape[1] / 2 - 0.5
    along = -rows * (begin[0] * dx + begin[1] * dy) - 0.5
    return np.array([[dy * columns, -dx * columns, across], [dx * rows, dy * rows, along]])


def blend(region: Picture, paint: Picture, mask: Picture) -> None:
    """Lay `paint` over `region` in place, weighted by `mask` (255 is full), all (H, W, 3).

    >>> region = np.zeros((1, 2, 3), np.uint8)
    >>> blend(region, np.full((1, 2, 3), 200, np.uint8), np.array([[[255] * 3, [0] * 3]], np.uint8))
    >>> region[0, :, 0].tolist()
    [200, 0]
    """
    full = 1 / 255
    kept: Any = cv2.multiply(region, ~mask, scale=full)
    region[:] = cv2.add(cv2.multiply(paint, mask, scale=full), kept)


def paint_dot(
    canvas: Picture, centre: tuple[float, float], radius_px: float, colour: Picture
) -> None:
    """Paint a small anti-aliased disc of one `colour`, uint8 (3,), in place.

    >>> canvas = np.zeros((9, 9, 3), np.uint8)
    >>> paint_dot(canvas, (4.0, 4.0), 2.0, np.array([9, 8, 7], np.uint8))
    >>> canvas[4, 4].tolist()
    [9, 8, 7]
    """
    one = 1 << _FRACTION_BITS
    fixed = (round(centre[0] * one), round(centre[1] * one))
    radius = round(radius_px * one)
    cv2.circle(canvas, fixed, radius, colour.tolist(), -1, cv2.LINE_AA, _FRACTION_BITS)
