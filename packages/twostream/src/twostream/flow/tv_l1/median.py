"""The median of 5x5 pixels by networks of minima and maxima, sixteen times 2x2 pixels at once.

What is compared are the numbers' sort keys (see `ordering`).

The windows of 2x2 pixels have 4x4 pixels in common. Of these the three lowest cannot be the median of any
window, nor can the three highest, for 13 of 25 are above or below them. A window adds a column of four to
the others, whereupon six of twenty remain, and a row of five; the median of these eleven is the median of
all 25. Whatever is added is sorted before: columns of four, and rows of five, of which two windows have
four in common (`tests/flow/tv_l1/test_median.py` compares with sorting).

Lanes are tiles of 2x2 pixels, so even and odd columns lie apart in the scratch space.

Reference
---------
Adams: Fast median filters using separable sorting networks. ACM Transactions on Graphics 40(4), 2021.
doi:10.1145/3450626.3459773
"""

from __future__ import annotations

import numpy as np

from twostream.flow.tv_l1.blocks import BLOCK, Floats
from twostream.flow.tv_l1.compilation import inlined
from twostream.flow.tv_l1.merging import (
    Eight,
    Four,
    Six,
    Two,
    median_of_11,
    merge4,
    middle_of_14,
    middle_of_16,
    sort4,
)
from twostream.flow.tv_l1.ordering import sort_key
from twostream.flow.tv_l1.vectors import (
    LANES,
    Lanes,
    even_lanes,
    interleaved_first,
    interleaved_second,
    left_neighbours,
    load,
    odd_lanes,
    splat,
    store,
)

_KEPT = 8  # rows; two rows of windows look at six
# Half rows in the scratch space, even columns before odd ones: four ranks, the row before and that after,
# and eight ranks of two columns.
_BEFORE, _AFTER, _PAIRS = 8, 10, 12
_HALVES = 20


@inlined
def _row_floats(stride: int) -> int:
    """Floats from one kept row to the next: whole tiles, and a margin."""
    return (stride + LANES) // (2 * LANES) * 2 * LANES + LANES


@inlined
def kept_floats(stride: int) -> int:
    """The length of the space that keeps some rows of a field."""
    return _KEPT * _row_floats(stride)


@inlined
def _spacing(stride: int) -> int:
    """Floats from one half row to the next, with a margin on either side."""
    return (stride + LANES) // (2 * LANES) * LANES + 2 * LANES


@inlined
def columns_floats(stride: int) -> int:
    """The length of the scratch space for what windows share."""
    return _HALVES * _spacing(stride)


@inlined
def _keep_row(rows: Floats, state: Floats, field: int, y: int, stride: int, width: int) -> None:
    at, to = y * (stride // LANES) * BLOCK + field, _kept_at(y, stride)
    for x in range(to, to + stride, LANES):
        store(rows, x, sort_key(load(state, at)))
        at += BLOCK
    store(rows, to + width, splat(rows[np.uint64(to + width - 1)]))


@inlined
def _kept_at(y: int, stride: int) -> int:
    return (y & (_KEPT - 1)) * _row_floats(stride)


@inlined
def _part(halves: Floats, to: int, spacing: int, first: Lanes, second: Lanes) -> Two:
    even, odd = even_lanes(first, second), odd_lanes(first, second)
    store(halves, to, even)
    store(halves, to + spacing, odd)
    return even, odd


@inlined
def _column_of(rows: Floats, x: int, a: int, b: int, c: int, d: int) -> Four:
    return sort4(
        splat(rows[np.uint64(a + x)]), splat(rows[np.uint64(b + x)]),
        splat(rows[np.uint64(c + x)]), splat(rows[np.uint64(d + x)]),
    )  # fmt: skip


@inlined
def _share_columns(
    rows: Floats, height: int, top: int, stride: int, width: int, halves: Floats, spacing: int
) -> None:
    """Sort the columns of four, even and odd ones apart, and merge those on both sides of where tiles meet.

    The rows before and after them are put apart, too. The outermost columns are repeated twice.
    """
    before = _kept_at(min(max(top - 2, 0), height - 1), stride)
    a, b = _kept_at(max(top - 1, 0), stride), _kept_at(max(top, 0), stride)
    c, d = _kept_at(min(top + 1, height - 1), stride), _kept_at(min(top + 2, height - 1), stride)
    after = _kept_at(min(top + 3, height - 1), stride)
    p0, p1, p2, p3 = _column_of(rows, 0, a, b, c, d)
    _store_four(halves, 0, 2 * spacing, (p0, p1, p2, p3))
    _store_border(halves, _BEFORE * spacing, spacing, rows[np.uint64(before)])
    _store_border(halves, _AFTER * spacing, spacing, rows[np.uint64(after)])
    to = LANES
    for x in range(0, stride, 2 * LANES):
        y = x + LANES
        first = sort4(load(rows, a + x), load(rows, b + x), load(rows, c + x), load(rows, d + x))
        second = sort4(load(rows, a + y), load(rows, b + y), load(rows, c + y), load(rows, d + y))
        e0, o0 = _part(halves, to, spacing, first[0], second[0])
        e1, o1 = _part(halves, to + 2 * spacing, spacing, first[1], second[1])
        e2, o2 = _part(halves, to + 4 * spacing, spacing, first[2], second[2])
        e3, o3 = _part(halves, to + 6 * spacing, spacing, first[3], second[3])
        left = (
            left_neighbours(p0, o0), left_neighbours(p1, o1),
            left_neighbours(p2, o2), left_neighbours(p3, o3),
        )  # fmt: skip
        p0, p1, p2, p3 = o0, o1, o2, o3
        pair = merge4(left, (e0, e1, e2, e3))
        pairs = to + _PAIRS * spacing
        _store_four(halves, pairs, spacing, (pair[0], pair[1], pair[2], pair[3]))
        pairs += 4 * spacing
        _store_four(halves, pairs, spacing, (pair[4], pair[5], pair[6], pair[7]))
        at = to + _BEFORE * spacing
        _part(halves, at, spacing, load(rows, before + x), load(rows, before + y))
        at = to + _AFTER * spacing
        _part(halves, at, spacing, load(rows, after + x), load(rows, after + y))
        to += LANES
    # Beyond the last tile all is as in the last column.
    p0, p1, p2, p3 = _column_of(rows, width - 1, a, b, c, d)
    _store_four(halves, to, 2 * spacing, (p0, p1, p2, p3))
    _store_four(halves, to + spacing, 2 * spacing, (p0, p1, p2, p3))
    pairs = to + _PAIRS * spacing
    _store_four(halves, pairs, spacing, (p0, p0, p1, p1))
    _store_four(halves, pairs + 4 * spacing, spacing, (p2, p2, p3, p3))
    last = np.uint64(width - 1)
    _store_border(halves, to + _BEFORE * spacing, spacing, rows[np.uint64(before) + last])
    _store_border(halves, to + _AFTER * spacing, spacing, rows[np.uint64(after) + last])


@inlined
def _store_border(halves: Floats, to: int, spacing: int, value: float) -> None:
    store(halves, to, splat(value))
    store(halves, to + spacing, splat(value))


@inlined
def _store_four(halves: Floats, to: int, spacing: int, four: Four) -> None:
    store(halves, to, four[0])
    store(halves, to + spacing, four[1])
    store(halves, to + 2 * spacing, four[2])
    store(halves, to + 3 * spacing, four[3])


@inlined
def _column(halves: Floats, at: int, spacing: int) -> Four:
    return (
        load(halves, at),
        load(halves, at + 2 * spacing),
        load(halves, at + 4 * spacing),
        load(halves, at + 6 * spacing),
    )


@inlined
def _pair(halves: Floats, at: int, spacing: int) -> Eight:
    at += _PAIRS * spacing
    return (
        load(halves, at),
        load(halves, at + spacing),
        load(halves, at + 2 * spacing),
        load(halves, at + 3 * spacing),
        load(halves, at + 4 * spacing),
        load(halves, at + 5 * spacing),
        load(halves, at + 6 * spacing),
        load(halves, at + 7 * spacing),
    )


@inlined
def _medians(halves: Floats, even: int, spacing: int, left: Six, right: Six) -> Two:
    """The medians of one row of tiles: from six of each window, and the row around that is at `even`."""
    odd = even + spacing
    common = sort4(
        load(halves, odd - 1), load(halves, even), load(halves, odd), load(halves, even + 1)
    )
    a = median_of_11(left, common, load(halves, even - 1))
    b = median_of_11(right, common, load(halves, odd + 1))
    return sort_key(interleaved_first(a, b)), sort_key(interleaved_second(a, b))


@inlined
def _put(state: Floats, to: int, medians: Two, remaining: int, valid: Lanes) -> None:
    """Store two blocks, or only one if no more remain of the row."""
    everywhere = splat(np.float32(1))
    store(state, to, medians[0] * (everywhere if remaining > LANES else valid))
    if remaining > LANES:
        inside = everywhere if remaining > 2 * LANES else valid
        store(state, to + BLOCK, medians[1] * inside)


@inlined
def filter_rows(
    state: Floats, field: int, top: int, height: int, width: int, stride: int, rows: Floats,
    halves: Floats, valid: Lanes, upward: bool,
) -> None:  # fmt: skip
    """Put the 5x5 medians into the rows `top` and `top` + 1 of one field of the state, in place.

    Called for all rows in turn, two by two, from the first or, `upward`, from the last, so that a single
    one remains at the end where the `height` is odd: then one of both is outside the image. `rows`, of
    `kept_floats`, keeps the rows around as they were, and `halves`, of `columns_floats`, is scratch
    space. The image continues with its border values. `valid` has ones where the last block has pixels.
    """
    begins = top == (height - 2 if upward else 0)
    if upward:
        first, end = max(top - 2, 0), height if begins else max(top, 0)
    else:
        first, end = 0 if begins else top + 2, min(top + 4, height)
    for row in range(first, end):
        _keep_row(rows, state, field, row, stride, width)
    spacing = _spacing(stride)
    _share_columns(rows, height, top, stride, width, halves, spacing)
    above = top * (stride // LANES) * BLOCK + field
    below = above + stride // LANES * BLOCK
    at = LANES
    for x in range(0, stride, 2 * LANES):
        ten = middle_of_16(_pair(halves, at, spacing), _pair(halves, at + 1, spacing))
        left = middle_of_14(ten, _column(halves, at - 1, spacing))
        right = middle_of_14(ten, _column(halves, at + spacing + 1, spacing))
        if top >= 0:
            medians = _medians(halves, at + _BEFORE * spacing, spacing, left, right)
            _put(state, above, medians, stride - x, valid)
        if top + 1 < height:
            medians = _medians(halves, at + _AFTER * spacing, spacing, left, right)
            _put(state, below, medians, stride - x, valid)
        above += 2 * BLOCK
        below += 2 * BLOCK
        at += LANES
