"""Sampling image 1 sixteen pixels at a time, by picking from 32 neighbouring floats.

Where the flow is smooth, sixteen neighbouring pixels look at positions that lie within two rows and 28
columns of each other. Their 4x4 neighbours then are in four or five rows of 32 floats, from which one
instruction picks sixteen. Pixels that look farther apart than that need more rows, and more than one
turn if they are far apart in a row, or very far.

What a block needs is told for a whole row of them first, apart from the picking. A processor looks ahead by
little more than one block; asked there, whether four rows are enough would be known too late.
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
    first_lane,
    floor,
    load,
    lowest,
    maximum,
    minimum,
    picked,
    plain_product,
    plain_sum,
    prefetch,
    splat,
    store,
    where_less,
)

Four = tuple[Lanes, Lanes, Lanes, Lanes]
"""What belongs to four neighbouring columns or rows."""

_REACHED = 2 * LANES - 3  # left pixels within so many columns have all four neighbours in 32
_BEFORE = 6  # how many of them may be left of the first pixel's
_FAR = 1e6
_MOST_ROWS = 5  # that a block looks at whose pixels look near each other
_ROWS_A_TURN = 8
_ACROSS, _DOWN, _LEFT, _TOP = 0, LANES, 2 * LANES, 3 * LANES  # fractions, and pixels above left
_PLACE = 4 * LANES
_LEVEL, _UNEVEN = 0, 1  # kinds of blocks: all look between the same two rows; some one row lower
_KIND = 2  # beside all places, two numbers a block: its kind, and the higher one of those rows
SCRATCH_ROWS = _PLACE // LANES + 1


@inlined
def _locate_row(
    texture: Floats, y: int, height: int, width: int, state: Floats, at: int, stride: int,
    ramp: Lanes, pixels: Lanes, places: Floats, upward: bool,
) -> None:  # fmt: skip
    """Where the pixels of one row look, and the kind of each block.

    Farther outside than the cubic kernel reaches, all are alike. What the next row but one is likely to
    look at is asked for; it may be outside the texture.
    """
    outside, row = splat(np.float32(-3)), splat(np.float32(y))
    right, bottom = splat(np.float32(width + 1)), splat(np.float32(height + 1))
    zero, middle = splat(np.float32(0)), splat(np.float32((_REACHED - 1) // 2))
    most = middle * middle
    to, kind = 0, stride // LANES * _PLACE
    row_floats, plane_floats = planar_row_floats(stride), LEFT + stride + RIGHT
    ahead = (-2 if upward else _MOST_ROWS + 1) * row_floats + _BEFORE + LANES
    for k in range(0, stride, LANES):
        x = ramp + splat(np.float32(k)) + pixels * load(state, at + U1)
        x = minimum(maximum(x, outside), right)
        down = minimum(maximum(row + pixels * load(state, at + U2), outside), bottom)
        left, top = floor(x), floor(down)
        store(places, to + _ACROSS, x - left)
        store(places, to + _DOWN, down - top)
        store(places, to + _LEFT, left)
        store(places, to + _TOP, top)
        first, start = first_lane(top), first_lane(left) - np.float32(_BEFORE)
        lower, column = top - splat(first), left - splat(start) - middle
        above, below = any_less(lower, zero), any_less(zero, lower)
        # Of whole numbers the squares tell whether any is beyond one row or `middle` columns.
        beyond = any_less(most, maximum(most * (lower * lower), column * column))
        apart = (above & below) | beyond
        places[np.uint64(kind)] = np.int64(above | below) + 2 * np.int64(apart)
        places[np.uint64(kind + 1)] = first - np.float32(above)
        ask = _texture_at(first, start, row_floats) + ahead
        prefetch(texture, ask)
        prefetch(texture, ask + plane_floats)
        prefetch(texture, ask + 2 * plane_floats)
        at += BLOCK
        to += _PLACE
        kind += _KIND


@inlined
def _weighted(
    texture: Floats, at: int, row_floats: int, rows: int, index: Four, across: Four,
    down: tuple[Lanes, Lanes, Lanes, Lanes, Lanes],
) -> Lanes:  # fmt: skip
    """The weighted sum of four neighbours in each of four or five rows, from `at` on, of one plane."""
    low, high = load(texture, at), load(texture, at + LANES)
    a = plain_product(down[0], picked(low, high, index[0]))
    b = plain_product(down[0], picked(low, high, index[1]))
    c = plain_product(down[0], picked(low, high, index[2]))
    d = plain_product(down[0], picked(low, high, index[3]))
    for row in range(1, rows):
        weight = down[1] if row == 1 else down[2] if row == 2 else down[3] if row == 3 else down[4]
        at += row_floats
        low, high = load(texture, at), load(texture, at + LANES)
        a = a + weight * picked(low, high, index[0])
        b = b + weight * picked(low, high, index[1])
        c = c + weight * picked(low, high, index[2])
        d = d + weight * picked(low, high, index[3])
    return _of_columns((a, b, c, d), across)


@inlined
def _of_columns(of: Four, across: Four) -> Lanes:
    outer = plain_sum(of[0] * across[0], of[2] * across[2])
    return plain_sum(outer, plain_sum(of[1] * across[1], of[3] * across[3]))


@inlined
def _columns_from(column: Lanes) -> Four:
    one = splat(np.float32(1))
    second = column + one
    third = second + one
    return column, second, third, third + one


@inlined
def _texture_at(first: float, start: float, row_floats: int) -> int:
    """Where the neighbours begin of a pixel between row `first` and column `start` and the next ones."""
    return (int(first) + (MARGIN - 1)) * row_floats + int(start) + (LEFT - 1)


@inlined
def _sample_near(
    texture: Floats, stride: int, places: Floats, place: int, first: float, rows: int, cubic: Floats
) -> None:
    """Sample for a block whose pixels look at four or five rows, `first` being that of the second."""
    row_floats, plane_floats = planar_row_floats(stride), LEFT + stride + RIGHT
    start = places[np.uint64(place + _LEFT)] - np.float32(_BEFORE)
    index = _columns_from(load(places, place + _LEFT) - splat(start))
    across = column_weights(cubic, load(places, place + _ACROSS))
    v0, v1, v2, v3 = row_weights(load(places, place + _DOWN))
    down = v0, v1, v2, v3, v3
    if rows == _MOST_ROWS:
        top, zero = load(places, place + _TOP), splat(np.float32(0))
        second = splat(first + np.float32(1))
        down = (
            where_less(top, second, v0, zero),
            where_less(top, second, v1, v0),
            where_less(top, second, v2, v1),
            where_less(top, second, v3, v2),
            where_less(top, second, zero, v3),
        )
    at = _texture_at(first, start, row_floats)
    for plane in range(3):
        value = _weighted(texture, at, row_floats, rows, index, across, down)
        store(places, place + plane * LANES, value)
        at += plane_floats


@inlined
def _sample_apart(texture: Floats, stride: int, places: Floats, place: int, cubic: Floats) -> None:
    """Sample for a block whose pixels look anywhere."""
    row_floats, plane_floats = planar_row_floats(stride), LEFT + stride + RIGHT
    left, top = load(places, place + _LEFT), load(places, place + _TOP)
    across = column_weights(cubic, load(places, place + _ACROSS))
    v0, v1, v2, v3 = row_weights(load(places, place + _DOWN))
    far, zero = splat(np.float32(_FAR)), splat(np.float32(0))
    reached = splat(np.float32(_REACHED))
    value = slope_x = slope_y = zero
    waiting = True
    while waiting:
        # Whose turn it is: those near the highest, of them those near the leftmost.
        first = lowest(top)
        near = where_less(top, splat(first + np.float32(_ROWS_A_TURN - 3)), left, far)
        start = lowest(near)
        column = near - splat(start)
        last = -lowest(zero - where_less(column, reached, top, splat(first)))
        index = _columns_from(column)
        at = _texture_at(first, start, row_floats)
        i0 = i1 = i2 = i3 = x0 = x1 = x2 = x3 = y0 = y1 = y2 = y3 = zero
        for row in range(np.int64(last - first) + 4):
            below = splat(first + np.float32(row)) - top
            weight = where_less(below, splat(np.float32(3)), v2, v3)
            weight = where_less(below, splat(np.float32(2)), v1, weight)
            weight = where_less(below, splat(np.float32(1)), v0, weight)
            weight = where_less(below, splat(np.float32(4)), weight, zero)
            weight = where_less(below, zero, zero, weight)
            low, high = load(texture, at), load(texture, at + LANES)
            i0 = i0 + weight * picked(low, high, index[0])
            i1 = i1 + weight * picked(low, high, index[1])
            i2 = i2 + weight * picked(low, high, index[2])
            i3 = i3 + weight * picked(low, high, index[3])
            plane = at + plane_floats
            low, high = load(texture, plane), load(texture, plane + LANES)
            x0 = x0 + weight * picked(low, high, index[0])
            x1 = x1 + weight * picked(low, high, index[1])
            x2 = x2 + weight * picked(low, high, index[2])
            x3 = x3 + weight * picked(low, high, index[3])
            plane += plane_floats
            low, high = load(texture, plane), load(texture, plane + LANES)
            y0 = y0 + weight * picked(low, high, index[0])
            y1 = y1 + weight * picked(low, high, index[1])
            y2 = y2 + weight * picked(low, high, index[2])
            y3 = y3 + weight * picked(low, high, index[3])
            at += row_floats
        value = where_less(column, reached, _of_columns((i0, i1, i2, i3), across), value)
        slope_x = where_less(column, reached, _of_columns((x0, x1, x2, x3), across), slope_x)
        slope_y = where_less(column, reached, _of_columns((y0, y1, y2, y3), across), slope_y)
        top = where_less(column, reached, far, top)
        waiting = any_less(top, far)
    store(places, place, value)
    store(places, place + LANES, slope_x)
    store(places, place + 2 * LANES, slope_y)


@inlined
def sample_row(
    texture: Floats, y: int, height: int, width: int, state: Floats, at: int, stride: int,
    ramp: Lanes, cubic: Floats, pixels: Lanes, scratch: Floats, upward: bool,
) -> None:  # fmt: skip
    """Sample at every pixel of row `y`, moved by the flow that the state has from `at` on.

    `pixels` is the unit of that flow; `upward` says whether the row above is next. What is found lies in
    `scratch`, of `SCRATCH_ROWS` rows, for `sampled` to read.
    """
    _locate_row(texture, y, height, width, state, at, stride, ramp, pixels, scratch, upward)
    place, kinds = 0, stride // LANES * _PLACE
    for at_kind in range(kinds, kinds + stride // LANES * _KIND, _KIND):
        kind, first = scratch[np.uint64(at_kind)], scratch[np.uint64(at_kind + 1)]
        if kind == _LEVEL:
            _sample_near(texture, stride, scratch, place, first, _MOST_ROWS - 1, cubic)
        elif kind == _UNEVEN:
            _sample_near(texture, stride, scratch, place, first, _MOST_ROWS, cubic)
        else:
            _sample_apart(texture, stride, scratch, place, cubic)
        place += _PLACE


@inlined
def sampled(scratch: Floats, _stride: int, x: int) -> tuple[Lanes, Lanes, Lanes]:
    """I, Ix and Iy of the sixteen pixels from `x` on."""
    at = x // LANES * _PLACE
    return load(scratch, at), load(scratch, at + LANES), load(scratch, at + 2 * LANES)
