"""About how much room a text takes in a picture, and whether two rooms overlap."""

from __future__ import annotations

import unicodedata

Box = tuple[float, float, float, float]  # left, top, right, bottom


def ems(text: str) -> float:
    """About how wide a text is, in heights of its letters: those of East Asia are as wide as high.

    >>> ems("abc") < ems("日本語")
    True
    """
    return sum(1.0 if unicodedata.east_asian_width(c) in "WF" else 0.57 for c in text)


def shortened(text: str, *, most_ems: float) -> str:
    """The text, or as much of its beginning as takes `most_ems` with an ellipsis after it.

    >>> shortened("Counter-Strike", most_ems=6), shortened("日本語", most_ems=2.7)
    ('Counter-S…', '日本…')
    """
    if ems(text) <= most_ems:
        return text
    kept = len(text)
    while kept and ems(text[:kept] + "…") > most_ems:
        kept -= 1
    return text[:kept] + "…"


def overlap(a: Box, b: Box) -> bool:
    """Whether two boxes share more than an edge.

    >>> overlap((0, 0, 2, 2), (1, 1, 3, 3)), overlap((0, 0, 2, 2), (2, 0, 4, 2))
    (True, False)
    """
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
