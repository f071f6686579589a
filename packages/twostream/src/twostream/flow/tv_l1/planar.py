"""Sampling image 1 sixteen pixels at a time, by picking from 32 neighbouring floats.

Where the flow is smooth, sixteen neighbouring pixels look at positions that lie within two rows and 28
columns of each other. Their 4x4 neighbours then are in four or five rows of 32 floats, from which one
instruction picks sixteen. Pixels that look elsewhere have their turn after those.
"""

from __future__ import annotations

import numpy as np

from twostream.flow.tv_l1.blocks import BLOCK, U1, U2, Floats
from twostream.flow.tv_l1.compilation import inlined
from twostream.flow.tv_l1.cubic import column_weights, row_weights
from twostream.flow.tv_l1.texture import LEFT, MARGIN, RIGHT, planar_row_floats
from twostream.flow.tv_l1.vectors import (
    LANES,
    Lanes,
    any_less,
    floor,
    load,
    lowest,
    maximum,
    minimum,
    picked,
    plain_sum,
    splat,
    store,
    where_less,
)

_REACHED = 2 * LANES - 3  # left pixels within so many columns have all four neighbours in 32
_BEFORE = 6  # in the first turn, how many of them may be left of the first pixel's
_FAR = 1e6
_ACROSS, _DOWN, _LEFT, _TOP = 0, LANES, 2 * LANES, 3 * LANES  # fractions, and pixels above left
_PLACE = 4 * LANES
SCRATCH_ROWS = _PLACE // LANES


@inlined
def _turn(left: Lanes, top: Lanes) -> tuple[float, float]:
    """The upper of two rows and the first of 29 columns; who looks there has its turn now."""
    first = lowest(top)
    near = where_less(top, splat(first + np.float32(2)), left, splat(np.float32(_FAR)))
    return first, lowest(near)


@inlined
def _locate_row(
    y: int, height: int, width: int, state: Floats, at: int, stride: int, ramp: Lanes,
    pixels: Lanes, places: Floats,
) -> None:  # fmt: skip
    """Where the pixels of one row look. Farther outside than the cubic kernel reaches, all are alike."""
    outside, row = splat(np.float32(-3)), splat(np.float32(y))
    right, bottom = splat(np.float32(width + 1)), splat(np.float32(height + 1))
    to = 0
    for k in range(0, stride, LANES):
        x = ramp + splat(np.float32(k)) + pixels * load(state, at + U1)
        x = minimum(maximum(x, outside), right)
        down = minimum(maximum(row + pixels * load(state, at + U2), outside), bottom)
        left, top = floor(x), floor(down)
        store(places, to + _ACROSS, x - left)
        store(places, to + _DOWN, down - top)
        store(places, to + _LEFT, left)
        store(places, to + _TOP, top)
        at += BLOCK
        to += _PLACE


@inlined
def _of_columns(
    a: Lanes, b: Lanes, c: Lanes, d: Lanes, w0: Lanes, w1: Lanes, w2: Lanes, w3: Lanes
) -> Lanes:
    return plain_sum(plain_sum(a * w0, c * w2), plain_sum(b * w1, d * w3))


@inlined
def sample_row(
    texture: Floats, y: int, height: int, width: int, state: Floats, at: int, stride: int,
    ramp: Lanes, cubic: Floats, pixels: Lanes, scratch: Floats,
) -> None:  # fmt: skip
    """Sample at every pixel of row `y`, moved by the flow that the state has from `at` on.

    `pixels` is the unit of that flow. What is found lies in `scratch`, of `SCRATCH_ROWS` rows, for
    `sampled` to read.
    """
    _locate_row(y, height, width, state, at, stride, ramp, pixels, scratch)
    for x in range(0, stride, LANES):
        _sample_block(texture, stride, scratch, x, cubic)


@inlined
def sampled(scratch: Floats, _stride: int, x: int) -> tuple[Lanes, Lanes, Lanes]:
    """I, Ix and Iy of the sixteen pixels from `x` on."""
    at = x // LANES * _PLACE
    return load(scratch, at), load(scratch, at + LANES), load(scratch, at + 2 * LANES)


@inlined
def _sample_block(texture: Floats, stride: int, places: Floats, x: int, cubic: Floats) -> None:
    """Put I, Ix and Iy of image 1 where sixteen pixels look in the place of where that is."""
    place = x // LANES * _PLACE
    left, top = load(places, place + _LEFT), load(places, place + _TOP)
    w0, w1, w2, w3 = column_weights(cubic, load(places, place + _ACROSS))
    v0, v1, v2, v3 = row_weights(load(places, place + _DOWN))
    # Nearly always all of them look near the first one, which is faster told than the least of sixteen.
    first, start = places[np.uint64(place + _TOP)], places[np.uint64(place + _LEFT)]
    first = first - np.float32(1) if any_less(top, splat(first)) else first
    start = start - np.float32(_BEFORE)
    row_floats, plane_floats = planar_row_floats(stride), LEFT + stride + RIGHT
    far, zero = splat(np.float32(_FAR)), splat(np.float32(0))
    one, reached = splat(np.float32(1)), splat(np.float32(_REACHED))
    value = slope_x = slope_y = zero
    waiting = True
    while waiting:
        second, third = splat(first + np.float32(1)), splat(first + np.float32(2))
        index = where_less(top, third, left, far) - splat(start)
        index = where_less(top, splat(first), far, where_less(index, zero, far, index))
        index1 = index + one
        index2 = index1 + one
        index3 = index2 + one
        at = (np.int64(np.int32(first)) + (MARGIN - 1)) * row_floats
        at += np.int64(np.int32(start)) + (LEFT - 1)
        i0 = i1 = i2 = i3 = x0 = x1 = x2 = x3 = y0 = y1 = y2 = y3 = zero
        # Who looks between the lower two rows of five has no weight in the first.
        rows = 5 if any_less(splat(first), where_less(top, third, top, splat(first))) else 4
        before, weight = zero, v0
        for row in range(rows):
            here = v0 if row == 0 else v1 if row == 1 else v2 if row == 2 else v3
            here = here if row < 4 else zero
            weight = where_less(top, second, here, before)
            before = here
            low, high = load(texture, at), load(texture, at + LANES)
            i0 = i0 + weight * picked(low, high, index)
            i1 = i1 + weight * picked(low, high, index1)
            i2 = i2 + weight * picked(low, high, index2)
            i3 = i3 + weight * picked(low, high, index3)
            plane = at + plane_floats
            low, high = load(texture, plane), load(texture, plane + LANES)
            x0 = x0 + weight * picked(low, high, index)
            x1 = x1 + weight * picked(low, high, index1)
            x2 = x2 + weight * picked(low, high, index2)
            x3 = x3 + weight * picked(low, high, index3)
            plane += plane_floats
            low, high = load(texture, plane), load(texture, plane + LANES)
            y0 = y0 + weight * picked(low, high, index)
            y1 = y1 + weight * picked(low, high, index1)
            y2 = y2 + weight * picked(low, high, index2)
            y3 = y3 + weight * picked(low, high, index3)
            at += row_floats
        value = where_less(index, reached, _of_columns(i0, i1, i2, i3, w0, w1, w2, w3), value)
        slope_x = where_less(index, reached, _of_columns(x0, x1, x2, x3, w0, w1, w2, w3), slope_x)
        slope_y = where_less(index, reached, _of_columns(y0, y1, y2, y3, w0, w1, w2, w3), slope_y)
        top = where_less(index, reached, far, top)
        waiting = any_less(top, far)
        if waiting:
            first, start = _turn(left, top)
    store(places, place, value)
    store(places, place + LANES, slope_x)
    store(places, place + 2 * LANES, slope_y)
