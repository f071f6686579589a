"""The median of 5x5 pixels by a network of minima and maxima, sixteen pixels at a time.

What is compared are the numbers' sort keys (see `ordering`).

Columns are sorted once and shared by the five windows they belong to. Sorting the rows of five
sorted columns leaves 13 values that can be the median, on three diagonals; of the first only the
largest can be it, of the last only the smallest, and the median of the remaining seven is the
median of all 25 (`tests/flow/tv_l1/test_median.py` compares with sorting).
"""

from __future__ import annotations

from twostream.flow.tv_l1.blocks import BLOCK, Floats
from twostream.flow.tv_l1.compilation import inlined
from twostream.flow.tv_l1.ordering import higher, lower, sort_key
from twostream.flow.tv_l1.vectors import LANES, Lanes, load, store

ROWS = 5


@inlined
def kept_floats(stride: int) -> int:
    """The length of the space that keeps five rows of a field."""
    return ROWS * stride


@inlined
def columns_floats(stride: int) -> int:
    """The length of the scratch space for their sorted columns, between margins."""
    return ROWS * (stride + 2 * LANES)


@inlined
def _sort5(
    a: Lanes, b: Lanes, c: Lanes, d: Lanes, e: Lanes
) -> tuple[Lanes, Lanes, Lanes, Lanes, Lanes]:
    a, b = lower(a, b), higher(a, b)
    d, e = lower(d, e), higher(d, e)
    c, e = lower(c, e), higher(c, e)
    c, d = lower(c, d), higher(c, d)
    a, d = lower(a, d), higher(a, d)
    a, c = lower(a, c), higher(a, c)
    b, e = lower(b, e), higher(b, e)
    b, d = lower(b, d), higher(b, d)
    b, c = lower(b, c), higher(b, c)
    return a, b, c, d, e


@inlined
def _ordered(a: Lanes, b: Lanes) -> tuple[Lanes, Lanes]:
    return lower(a, b), higher(a, b)


@inlined
def _median7(a: Lanes, b: Lanes, c: Lanes, d: Lanes, e: Lanes, f: Lanes, g: Lanes) -> Lanes:
    """Thirteen exchanges; the compiler drops the halves that the median does not need."""
    a, f = _ordered(a, f)
    a, d = _ordered(a, d)
    b, g = _ordered(b, g)
    c, e = _ordered(c, e)
    a, b = _ordered(a, b)
    d, f = _ordered(d, f)
    c, g = _ordered(c, g)
    c, d = _ordered(c, d)
    d, g = _ordered(d, g)
    e, f = _ordered(e, f)
    b, e = _ordered(b, e)
    b, d = _ordered(b, d)
    d, e = _ordered(d, e)
    return d


@inlined
def _sort_columns(
    rows: Floats, height: int, y: int, stride: int, width: int, columns: Floats, spacing: int
) -> None:
    """Sort the five values above each other around row `y`; repeat the outermost columns twice."""
    above2, above = max(y - 2, 0) % ROWS * stride, max(y - 1, 0) % ROWS * stride
    here = y % ROWS * stride
    below, below2 = (
        min(y + 1, height - 1) % ROWS * stride,
        min(y + 2, height - 1) % ROWS * stride,
    )
    for x in range(0, stride, LANES):
        a, b, c, d, e = _sort5(
            load(rows, above2 + x),
            load(rows, above + x),
            load(rows, here + x),
            load(rows, below + x),
            load(rows, below2 + x),
        )
        to = LANES + x
        store(columns, to, a)
        store(columns, to + spacing, b)
        store(columns, to + 2 * spacing, c)
        store(columns, to + 3 * spacing, d)
        store(columns, to + 4 * spacing, e)
    for rank in range(ROWS):
        left = rank * spacing + LANES
        right = left + width - 1
        columns[left - 2] = columns[left - 1] = columns[left]
        columns[right + 1] = columns[right + 2] = columns[right]


@inlined
def _around(columns: Floats, at: int) -> tuple[Lanes, Lanes, Lanes, Lanes, Lanes]:
    """The two values on both sides of each pixel, sorted, and the pixel's own."""
    # Comparing neighbours here, for each window anew, is faster than reading what was compared before.
    low1, high1 = _ordered(load(columns, at - 2), load(columns, at - 1))
    low2, high2 = _ordered(load(columns, at + 1), load(columns, at + 2))
    low, high = higher(low1, low2), lower(high1, high2)
    return (
        lower(low1, low2),
        lower(low, high),
        higher(low, high),
        higher(high1, high2),
        load(columns, at),
    )


@inlined
def _median_of_columns(columns: Floats, at: int, spacing: int) -> Lanes:
    """The medians of sixteen windows from the sorted columns around them.

    Each rank's row of five is the four around the pixel, sorted, and the pixel itself put among them, as
    far as is needed of it: the compiler drops the rest.
    """
    _, _, s2, s3, x = _around(columns, at)
    a4, a3 = higher(s3, x), higher(s2, lower(s3, x))
    _, s1, s2, s3, x = _around(columns, at + spacing)
    b4, x = higher(s3, x), lower(s3, x)
    b3, b2 = higher(s2, x), higher(s1, lower(s2, x))
    s0, s1, s2, s3, x = _around(columns, at + 2 * spacing)
    x = lower(s3, x)
    c3, x = higher(s2, x), lower(s2, x)
    c2, c1 = higher(s1, x), higher(s0, lower(s1, x))
    s0, s1, s2, _, x = _around(columns, at + 3 * spacing)
    d0, x = lower(s0, x), higher(s0, x)
    d1, d2 = lower(s1, x), lower(s2, higher(s1, x))
    s0, s1, _, _, x = _around(columns, at + 4 * spacing)
    e0, e1 = lower(s0, x), lower(s1, higher(s0, x))
    first = higher(higher(a3, b2), higher(c1, d0))
    last = lower(lower(b4, c3), lower(d2, e1))
    return _median7(first, last, a4, e0, b3, d1, c2)


@inlined
def _keep_row(rows: Floats, state: Floats, field: int, y: int, stride: int) -> None:
    at, to = y * (stride // LANES) * BLOCK + field, y % ROWS * stride
    for x in range(to, to + stride, LANES):
        store(rows, x, sort_key(load(state, at)))
        at += BLOCK


@inlined
def filter_row(
    state: Floats, field: int, y: int, height: int, width: int, stride: int, rows: Floats,
    columns: Floats, valid: Lanes, upward: bool,
) -> None:  # fmt: skip
    """Put the 5x5 medians into row `y` of one field of the state, in place.

    Called for every row in turn, from the first or, `upward`, from the last; `rows`, of `kept_floats`,
    keeps the rows around it as they were, and `columns`, of `columns_floats`, is scratch space. The image
    continues with its border values. `valid` has ones where the last block has pixels.
    """
    begins = y == (height - 1 if upward else 0)
    if upward:
        first, end = max(y - 2, 0), height if begins else max(y - 1, 0)
    else:
        first, end = 0 if begins else y + 2, min(y + 3, height)
    for row in range(first, end):
        _keep_row(rows, state, field, row, stride)
    spacing = stride + 2 * LANES
    to = y * (stride // LANES) * BLOCK + field
    _sort_columns(rows, height, y, stride, width, columns, spacing)
    for x in range(LANES, stride, LANES):
        store(state, to, sort_key(_median_of_columns(columns, x, spacing)))
        to += BLOCK
    store(state, to, sort_key(_median_of_columns(columns, stride, spacing)) * valid)
