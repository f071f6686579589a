"""Image 1 as the warping reads it: value and gradient, with nothing around, in one of two layouts.

Bicubic interpolation takes 4x4 pixels. Where one instruction picks sixteen of 32 floats, sixteen pixels
are interpolated at once from 32 neighbouring ones: the layout has rows of I, of Ix and of Iy below each
other (see `planar`). Elsewhere I, Ix, Iy and 0 of each pixel lie side by side: one vector holds a row of
four pixels with all that is known of them (see `interleaved`).
"""

from __future__ import annotations

import numpy as np

from twostream.flow.tv_l1.blocks import Floats, padded
from twostream.flow.tv_l1.compilation import inlined, kernel
from twostream.flow.tv_l1.vectors import HAS_PERMUTES, LANES, load, splat, store

MARGIN = 4
"""Empty pixels around a texture: as far as clamped positions reach."""

CHANNELS = 4
PLANES = 3
LEFT, RIGHT = LANES, 4 * LANES
"""Empty pixels beside the rows of the planar layout: what is picked from begins within `MARGIN` of them."""


def texture_floats(height: int, width: int) -> int:
    """The length of a texture in either layout."""
    interleaved = (width + 2 * MARGIN) * CHANNELS
    planar = PLANES * (LEFT + padded(width) + RIGHT)
    return (height + 2 * MARGIN) * max(interleaved, planar)


@inlined
def planar_row_floats(stride: int) -> int:
    """Floats of one row of all three planes, where an image's row is `stride` long."""
    return PLANES * (LEFT + stride + RIGHT)


@inlined
def _fill_planes(texture: Floats, image: Floats, width: int) -> None:
    height, stride = image.shape
    row_floats = planar_row_floats(stride)
    plane_floats = LEFT + stride + RIGHT
    half, zero = splat(np.float32(0.5)), splat(np.float32(0))
    flat = image.reshape(-1)
    for at in range(0, MARGIN * row_floats, LANES):
        store(texture, at, zero)
        store(texture, at + (height + MARGIN) * row_floats, zero)
    for y in range(height):
        here = y * stride
        above, below = max(y - 1, 0) * stride, min(y + 1, height - 1) * stride
        row = (y + MARGIN) * row_floats
        for plane in range(PLANES):
            at = row + plane * plane_floats
            store(texture, at, zero)
            for x in range(LEFT + stride, plane_floats, LANES):
                store(texture, at + x, zero)
        at = row + LEFT
        for x in range(0, stride, LANES):
            store(texture, at + x, load(flat, here + x))
            slope = half * (load(flat, below + x) - load(flat, above + x))
            store(texture, at + x + 2 * plane_floats, slope)
        slopes = at + plane_floats
        for x in range(at, at + stride, LANES):
            slope = half * (load(texture, x + 1) - load(texture, x - 1))
            store(texture, x + plane_floats, slope)
        last = width - 1
        texture[slopes] = np.float32(0.5) * (texture[at + min(1, last)] - texture[at])
        texture[slopes + last] = np.float32(0.5) * (
            texture[at + last] - texture[at + max(last - 1, 0)]
        )
        texture[slopes + width] = 0


@inlined
def _fill_interleaved(texture: Floats, image: Floats, width: int) -> None:
    height = image.shape[0]
    row_floats = (width + 2 * MARGIN) * CHANNELS
    margin_floats = MARGIN * CHANNELS
    half = np.float32(0.5)
    texture[: MARGIN * row_floats] = 0
    texture[(height + MARGIN) * row_floats : (height + 2 * MARGIN) * row_floats] = 0
    for y in range(height):
        above, here, below = image[max(y - 1, 0)], image[y], image[min(y + 1, height - 1)]
        line = texture[(y + MARGIN) * row_floats : (y + MARGIN + 1) * row_floats]
        line[:margin_floats] = 0
        line[-margin_floats:] = 0
        for x in range(width):
            at = margin_floats + x * CHANNELS
            line[at] = here[x]
            line[at + 1] = half * (here[min(x + 1, width - 1)] - here[max(x - 1, 0)])
            line[at + 2] = half * (below[x] - above[x])
            line[at + 3] = 0


@kernel
def fill_texture(texture: Floats, image: Floats, width: int) -> None:
    """Put an image, `width` columns of it and zeros, with its central differences, inside the margin."""
    if HAS_PERMUTES:
        _fill_planes(texture, image, width)
    else:
        _fill_interleaved(texture, image, width)
