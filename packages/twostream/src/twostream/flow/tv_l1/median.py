"""The median of 5x5 pixels by a network of minima and maxima, sixteen pixels at a time.

Columns are sorted once and shared by the five windows they belong to. Sorting the rows of five
sorted columns leaves 13 values that can be the median, on three diagonals; of the first only the
largest can be it, of the last only the smallest, and the median of the remaining seven is the
median of all 25 (`tests/flow/tv_l1/test_median.py` compares with sorting).
"""

from __future__ import annotations

from twostream.flow.tv_l1.blocks import BLOCK, Floats
from twostream.flow.tv_l1.compilation import inlined
from twostream.flow.tv_l1.vectors import LANES, Lanes, load, maximum, minimum, store


@inlined
def _sort5(
    a: Lanes, b: Lanes, c: Lanes, d: Lanes, e: Lanes
) -> tuple[Lanes, Lanes, Lanes, Lanes, Lanes]:
    a, b = minimum(a, b), maximum(a, b)
    d, e = minimum(d, e), maximum(d, e)
    c, e = minimum(c, e), maximum(c, e)
    c, d = minimum(c, d), maximum(c, d)
    a, d = minimum(a, d), maximum(a, d)
    a, c = minimum(a, c), maximum(a, c)
    b, e = minimum(b, e), maximum(b, e)
    b, d = minimum(b, d), maximum(b, d)
    b, c = minimum(b, c), maximum(b, c)
    return a, b, c, d, e


@inlined
def _ordered(a: Lanes, b: Lanes) -> tuple[Lanes, Lanes]:
    return minimum(a, b), maximum(a, b)


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
    plane: Floats, height: int, y: int, stride: int, width: int, columns: Floats, spacing: int
) -> None:
    """Sort the five values above each other around row `y`; repeat the outermost columns twice."""
    above2, above = max(y - 2, 0) * stride, max(y - 1, 0) * stride
    below, below2 = min(y + 1, height - 1) * stride, min(y + 2, height - 1) * stride
    for x in range(0, stride, LANES):
        a, b, c, d, e = _sort5(
            load(plane, above2 + x),
            load(plane, above + x),
            load(plane, y * stride + x),
            load(plane, below + x),
            load(plane, below2 + x),
        )
        to = LANES + x
        store(columns, to, a)
        store(columns, to + spacing, b)
        store(columns, to + 2 * spacing, c)
        store(columns, to + 3 * spacing, d)
        store(columns, to + 4 * spacing, e)
    for rank in range(5):
        left = rank * spacing + LANES
        right = left + width - 1
        columns[left - 2] = columns[left - 1] = columns[left]
        columns[right + 1] = columns[right + 2] = columns[right]


@inlined
def _sorted_row(columns: Floats, at: int) -> tuple[Lanes, Lanes, Lanes, Lanes, Lanes]:
    """The values of one rank in the five columns around each of sixteen pixels, sorted."""
    return _sort5(
        load(columns, at - 2),
        load(columns, at - 1),
        load(columns, at),
        load(columns, at + 1),
        load(columns, at + 2),
    )


@inlined
def _median_of_columns(columns: Floats, at: int, spacing: int) -> Lanes:
    """The medians of sixteen windows from the sorted columns around them."""
    _, _, _, a3, a4 = _sorted_row(columns, at)
    _, _, b2, b3, b4 = _sorted_row(columns, at + spacing)
    _, c1, c2, c3, _ = _sorted_row(columns, at + 2 * spacing)
    d0, d1, d2, _, _ = _sorted_row(columns, at + 3 * spacing)
    e0, e1, _, _, _ = _sorted_row(columns, at + 4 * spacing)
    first = maximum(maximum(a3, b2), maximum(c1, d0))
    last = minimum(minimum(b4, c3), minimum(d2, e1))
    return _median7(first, last, a4, e0, b3, d1, c2)


@inlined
def median_filter(
    state: Floats, field: int, plane: Floats, height: int, width: int, stride: int,
    columns: Floats, valid: Lanes,
) -> None:  # fmt: skip
    """Put the 5x5 medians of an image with padded rows into one field of the state.

    The image continues with its border values. `columns` takes five rows with a block on both
    sides; `valid` has ones where the last block has pixels.
    """
    spacing = stride + 2 * LANES
    to = field
    for y in range(height):
        _sort_columns(plane, height, y, stride, width, columns, spacing)
        for x in range(LANES, stride, LANES):
            store(state, to, _median_of_columns(columns, x, spacing))
            to += BLOCK
        store(state, to, _median_of_columns(columns, stride, spacing) * valid)
        to += BLOCK
