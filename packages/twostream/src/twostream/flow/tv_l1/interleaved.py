"""Sampling image 1 pixel by pixel: four loads and four multiply-adds for its value and gradient.

For processors that cannot pick floats from two vectors in one instruction.
"""

from __future__ import annotations

import numpy as np

from twostream.flow.tv_l1.blocks import BLOCK, U1, U2, Floats
from twostream.flow.tv_l1.compilation import inlined
from twostream.flow.tv_l1.cubic import row_weights
from twostream.flow.tv_l1.texture import CHANNELS, MARGIN
from twostream.flow.tv_l1.vectors import (
    LANES,
    Lanes,
    even_lanes,
    floor,
    halves_added,
    load,
    maximum,
    minimum,
    odd_lanes,
    quarters_added,
    splat,
    store,
)

_SAMPLED = 7  # rows of positions in the scratch space, before what is found there
SCRATCH_ROWS = _SAMPLED + CHANNELS


@inlined
def _positions(
    y: int, height: int, width: int, state: Floats, at: int, stride: int, ramp: Lanes,
    pixels: Lanes, scratch: Floats,
) -> None:  # fmt: skip
    """Where one row of pixels looks in image 1, as seven rows of `scratch`.

    Left pixel, fraction in x, upper pixel, weights of the four rows of pixels. Positions farther
    outside than the cubic kernel reaches are all alike.
    """
    outside = splat(np.float32(-3))
    right, bottom = splat(np.float32(width + 1)), splat(np.float32(height + 1))
    row = splat(np.float32(y))
    for k in range(0, stride, LANES):
        x = ramp + splat(np.float32(k)) + pixels * load(state, at + U1)
        x = minimum(maximum(x, outside), right)
        left = floor(x)
        store(scratch, k, left)
        store(scratch, k + stride, x - left)
        down = minimum(maximum(row + pixels * load(state, at + U2), outside), bottom)
        top = floor(down)
        store(scratch, k + 2 * stride, top)
        weight0, weight1, weight2, weight3 = row_weights(down - top)
        store(scratch, k + 3 * stride, weight0)
        store(scratch, k + 4 * stride, weight1)
        store(scratch, k + 5 * stride, weight2)
        store(scratch, k + 6 * stride, weight3)
        at += BLOCK


@inlined
def _sample(
    texture: Floats, row_floats: int, scratch: Floats, stride: int, x: int,
    c0: Lanes, c1: Lanes, c2: Lanes, c3: Lanes,
) -> Lanes:  # fmt: skip
    """Four weighted columns (I, Ix, Iy, 0) around the position of pixel `x`, yet to be added."""
    left = np.int64(np.int32(scratch[np.uint64(x)]))
    top = np.int64(np.int32(scratch[np.uint64(x + 2 * stride)]))
    at = (top + (MARGIN - 1)) * row_floats + (left + (MARGIN - 1)) * CHANNELS
    total = splat(scratch[np.uint64(x + 3 * stride)]) * load(texture, at)
    at += row_floats
    total = total + splat(scratch[np.uint64(x + 4 * stride)]) * load(texture, at)
    at += row_floats
    total = total + splat(scratch[np.uint64(x + 5 * stride)]) * load(texture, at)
    at += row_floats
    total = total + splat(scratch[np.uint64(x + 6 * stride)]) * load(texture, at)
    t = splat(scratch[np.uint64(x + stride)])
    return total * (c0 + t * (c1 + t * (c2 + t * c3)))


@inlined
def sample_row(
    texture: Floats, y: int, height: int, width: int, state: Floats, at: int, stride: int,
    ramp: Lanes, cubic: Floats, pixels: Lanes, scratch: Floats, _upward: bool,
) -> None:  # fmt: skip
    """Sample at every pixel of row `y`, moved by the flow that the state has from `at` on.

    `pixels` is the unit of that flow. What is found lies in `scratch`, of `SCRATCH_ROWS` rows, for
    `sampled` to read.
    """
    _positions(y, height, width, state, at, stride, ramp, pixels, scratch)
    row_floats = (width + 2 * MARGIN) * CHANNELS
    c0, c1 = load(cubic, 0), load(cubic, LANES)
    c2, c3 = load(cubic, 2 * LANES), load(cubic, 3 * LANES)
    to = _SAMPLED * stride
    for x in range(0, stride, 4):
        a = _sample(texture, row_floats, scratch, stride, x, c0, c1, c2, c3)
        b = _sample(texture, row_floats, scratch, stride, x + 1, c0, c1, c2, c3)
        c = _sample(texture, row_floats, scratch, stride, x + 2, c0, c1, c2, c3)
        d = _sample(texture, row_floats, scratch, stride, x + 3, c0, c1, c2, c3)
        store(scratch, to, quarters_added(halves_added(a, b), halves_added(c, d)))
        to += 4 * CHANNELS


@inlined
def sampled(scratch: Floats, stride: int, x: int) -> tuple[Lanes, Lanes, Lanes]:
    """I, Ix and Iy of the sixteen pixels from `x` on."""
    at = _SAMPLED * stride + x * CHANNELS
    first, second = load(scratch, at), load(scratch, at + LANES)
    third, fourth = load(scratch, at + 2 * LANES), load(scratch, at + 3 * LANES)
    low, high = even_lanes(first, second), even_lanes(third, fourth)
    slope_x = even_lanes(odd_lanes(first, second), odd_lanes(third, fourth))
    return even_lanes(low, high), slope_x, odd_lanes(low, high)
