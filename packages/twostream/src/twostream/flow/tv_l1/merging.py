"""Merging what is in order, by minima and maxima of sixteen lanes; the compiler drops what nobody asks for.

What is merged are sort keys (see `ordering`). Batcher's merge of two sequences merges every other number of
both, and the rest, and then orders neighbours.

Reference
---------
Batcher: Sorting networks and their applications. AFIPS Spring Joint Computer Conference 1968.
doi:10.1145/1468075.1468121
"""

from __future__ import annotations

from twostream.flow.tv_l1.compilation import inlined
from twostream.flow.tv_l1.ordering import higher, lower
from twostream.flow.tv_l1.vectors import Lanes

Two = tuple[Lanes, Lanes]
Four = tuple[Lanes, Lanes, Lanes, Lanes]
Five = tuple[Lanes, Lanes, Lanes, Lanes, Lanes]
Six = tuple[Lanes, Lanes, Lanes, Lanes, Lanes, Lanes]
Seven = tuple[Lanes, Lanes, Lanes, Lanes, Lanes, Lanes, Lanes]
Eight = tuple[Lanes, Lanes, Lanes, Lanes, Lanes, Lanes, Lanes, Lanes]
Ten = tuple[Lanes, Lanes, Lanes, Lanes, Lanes, Lanes, Lanes, Lanes, Lanes, Lanes]


@inlined
def _ordered(a: Lanes, b: Lanes) -> Two:
    return lower(a, b), higher(a, b)


@inlined
def _merge2(a: Two, b: Two) -> Four:
    low, c = _ordered(a[0], b[0])
    d, high = _ordered(a[1], b[1])
    return low, lower(c, d), higher(c, d), high


@inlined
def sort4(a: Lanes, b: Lanes, c: Lanes, d: Lanes) -> Four:
    """Four in order, the lowest first."""
    return _merge2(_ordered(a, b), _ordered(c, d))


@inlined
def merge4(a: Four, b: Four) -> Eight:
    """Two times four that are in order, merged."""
    e0, e1, e2, e3 = _merge2((a[0], a[2]), (b[0], b[2]))
    o0, o1, o2, o3 = _merge2((a[1], a[3]), (b[1], b[3]))
    first, second, third = _ordered(o0, e1), _ordered(o1, e2), _ordered(o2, e3)
    return e0, first[0], first[1], second[0], second[1], third[0], third[1], o3


@inlined
def middle_of_16(a: Eight, b: Eight) -> Ten:
    """Of two times eight in order, all in order but the lowest and the highest three."""
    _, _, e2, e3, e4, e5, e6, _ = merge4((a[0], a[2], a[4], a[6]), (b[0], b[2], b[4], b[6]))
    _, o1, o2, o3, o4, o5, _, _ = merge4((a[1], a[3], a[5], a[7]), (b[1], b[3], b[5], b[7]))
    (c0, c1), (c2, c3), (c4, c5) = _ordered(o1, e2), _ordered(o2, e3), _ordered(o3, e4)
    (c6, c7), (c8, c9) = _ordered(o4, e5), _ordered(o5, e6)
    return c0, c1, c2, c3, c4, c5, c6, c7, c8, c9


@inlined
def _merge5_2(a: Five, b: Two) -> Seven:
    # The first of b among every other of a, the second among the rest.
    e1, e2 = lower(a[2], higher(a[0], b[0])), lower(a[4], higher(a[2], b[0]))
    o1 = lower(a[3], higher(a[1], b[1]))
    first, second = _ordered(lower(a[1], b[1]), e1), _ordered(o1, e2)
    third = _ordered(higher(a[3], b[1]), higher(a[4], b[0]))
    return lower(a[0], b[0]), first[0], first[1], second[0], second[1], third[0], third[1]


@inlined
def middle_of_14(a: Ten, b: Four) -> Six:
    """Of ten and four in order, all in order but the lowest and the highest four."""
    _, _, e2, e3, e4, e5, _ = _merge5_2((a[0], a[2], a[4], a[6], a[8]), (b[0], b[2]))
    _, o1, o2, o3, o4, _, _ = _merge5_2((a[1], a[3], a[5], a[7], a[9]), (b[1], b[3]))
    (c1, c2), (c3, c4) = _ordered(o2, e3), _ordered(o3, e4)
    return higher(o1, e2), c1, c2, c3, c4, lower(o4, e5)


@inlined
def median_of_11(a: Six, b: Four, x: Lanes) -> Lanes:
    """The median of six and four in order and of one more."""
    # The sixth of six and five in order: of each of the six, the higher one of it and its counterpart.
    c0, c1 = lower(a[5], higher(a[4], lower(b[0], x))), higher(a[3], lower(b[1], higher(b[0], x)))
    c2, c3 = higher(a[2], lower(b[2], higher(b[1], x))), higher(a[1], lower(b[3], higher(b[2], x)))
    return lower(lower(c0, c1), lower(lower(c2, c3), higher(a[0], higher(b[3], x))))
