"""Painting smooth textured shapes onto a picture, in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from twostream.generated.keyframes import FloatArray

Picture = NDArray[np.uint8]
Circle = tuple[float, float, float]
"""Centre x, centre y and radius, in pixels."""

_FRACTION_BITS = 4
_RING_ANGLES = np.linspace(0, 2 * np.pi, 20, endpoint=False)
_RING: FloatArray = np.stack([np.cos(_RING_ANGLES), np.sin(_RING_ANGLES)], axis=1)


def hull_of(circles: Sequence[Circle]) -> NDArray[np.float32]:
    """Return the outline of the convex hull of `circles`, float32 (points, 2), in pixels.

    >>> hull_of([(0, 0, 2.0)]).shape
    (20, 2)
    """
    points = np.concatenate([_RING * radius + (x, y) for x, y, radius in circles])
    outline: Any = cv2.convexHull(points.astype(np.float32))
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
    opacity: float = 1.0,
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
    outline = hull_of(circles)
    height, width = canvas.shape[:2]
    left, top = (int(x) for x in np.maximum(np.floor(outline.min(axis=0)) - 1, 0))
    right, bottom = (int(x) for x in np.minimum(np.ceil(outline.max(axis=0)) + 2, (width, height)))
    if right <= left or bottom <= top:
        return
    mask = np.zeros((bottom - top, right - left), np.uint8)
    fixed = np.round((outline - (left, top)) * (1 << _FRACTION_BITS)).astype(np.int32)
    cv2.fillConvexPoly(mask, fixed, 255, cv2.LINE_AA, _FRACTION_BITS)
    rows, columns = texture.shape[:2]
    along = np.array(end, np.float64) - begin
    length = float(np.hypot(*along))
    if length < 1.0:
        along, length = np.array([0.0, 1.0]), 1.0
    across = np.array([along[1], -along[0]]) / length * width_px
    origin = np.array(begin) - across / 2 - (left, top)
    to_picture = np.column_stack([across / columns, along / rows, origin])
    # Texture pixel centres lie at half-integers of the unit grid, picture pixels at integers.
    to_picture[:, 2] += 0.5 * (to_picture[:, 0] + to_picture[:, 1])
    paint: Any = cv2.warpAffine(
        texture, to_picture, (mask.shape[1], mask.shape[0]), borderMode=cv2.BORDER_REPLICATE
    )
    blend(canvas[top:bottom, left:right], paint, mask, opacity=opacity)


def blend(region: Picture, paint: Picture, mask: Picture, *, opacity: float = 1.0) -> None:
    """Lay `paint` over `region` in place, weighted by `mask` (255 is full) times `opacity`.

    >>> region = np.zeros((1, 2, 3), np.uint8)
    >>> blend(region, np.full((1, 2, 3), 200, np.uint8), np.array([[255, 0]], np.uint8))
    >>> region[0, :, 0].tolist()
    [200, 0]
    """
    weight = mask.astype(np.uint16)
    if opacity < 1.0:
        weight = (weight * opacity).astype(np.uint16)
    weight = weight[..., None]
    region[:] = (region * (255 - weight) + paint * weight + 127) // 255
