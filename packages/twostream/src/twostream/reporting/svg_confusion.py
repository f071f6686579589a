"""The picture of a confusion matrix, from 2 to some hundred classes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from twostream.reporting.svg import Picture, hint, label, line, shorten, tag, text_width

Counts = npt.NDArray[np.int64]
SIDE, LARGEST_CELL, SMALLEST_CELL, COUNTS_FROM = 620.0, 84.0, 9.0, 19.0
LABEL_ROOM, EDGE = 190.0, 22.0


def confusion_picture(counts: Counts, classes: tuple[str, ...], *, subject: str) -> Picture:
    """A heat map of `counts` (C, C): rows are true classes, columns what was recognised.

    Shades are shares of the true class's clips; cells on and off the diagonal differ in hue. Class
    names shrink with the cells, and long ones are cut with the whole name on hover.
    """
    n = len(classes)
    cell = min(LARGEST_CELL, max(SMALLEST_CELL, SIDE / n))
    size = min(13.0, cell * 0.9)
    rows = [shorten(name, size, LABEL_ROOM) for name in classes]
    flat = all(text_width(name, size) <= cell - 8 for name in classes)
    longest = max(text_width(name, size) for name in rows)
    left, top = EDGE + longest + 8, EDGE + (size + 8 if flat else longest + 8)
    side = cell * n
    # The key below a small matrix is wider than the matrix.
    width = max(left + side + 8, 430.0)
    body = [
        label("recognised as", left + side / 2, 13, class_="muted middle"),
        _upright("true class", 13, top + side / 2, class_="muted middle"),
        tag("rect", class_="surface", x=left, y=top, width=side, height=side),
        *_cells(counts, classes, cell=cell, left=left, top=top),
        *_grid(n, cell=cell, left=left, top=top),
    ]
    sizes = counts.sum(axis=1)
    for i, name in enumerate(rows):
        middle = (i + 0.5) * cell
        font = f"font-size: {size:.1f}px"
        weak = "" if sizes[i] else " muted"
        full = hint(f"{classes[i]}: {sizes[i]} test clip{'' if sizes[i] == 1 else 's'}")
        y = top + middle + size * 0.35
        body.append(_named(name, full, x=left - 6, y=y, class_="end" + weak, style=font))
        if flat:
            body.append(_named(name, full, x=left + middle, y=top - 8, class_="middle", style=font))
        else:
            x = left + middle + size * 0.35
            turn = f"rotate(-90 {x:.2f} {top - 6:.2f})"
            body.append(_named(name, full, x=x, y=top - 6, transform=turn, style=font))
    body.append(_key(top + side + 22))
    right = int(np.trace(counts))
    return Picture(
        name="confusion",
        title=f"Confusion matrix, {subject}",
        description=f"{right} of {int(counts.sum())} test clips lie on the diagonal, that is, were "
        f"recognised; rows are the {n} true classes, columns what was recognised.",
        width=width,
        height=top + side + 48,
        body="".join(body),
        least_width=min(width, 300 + 7.5 * n),
    )


def _cells(
    counts: Counts, classes: tuple[str, ...], *, cell: float, left: float, top: float
) -> list[str]:
    sizes = counts.sum(axis=1)
    parts = []
    for i, j in np.argwhere(counts > 0):
        count, share = int(counts[i, j]), float(counts[i, j] / sizes[i])
        kind = "right" if i == j else "wrong"
        parts.append(
            tag(
                "rect",
                hint(f"{classes[i]} recognised as {classes[j]}: {count} of {sizes[i]}"),
                class_=kind,
                fill_opacity=shade(share),
                x=left + j * cell,
                y=top + i * cell,
                width=cell,
                height=cell,
            )
        )
        if cell >= COUNTS_FROM:
            size = min(14.0, cell * 0.48)
            tone = "on-heat " if shade(share) > 0.7 else ""
            parts.append(
                label(
                    str(count),
                    left + (j + 0.5) * cell,
                    top + (i + 0.5) * cell + size * 0.35,
                    class_=f"{tone}middle num",
                    style=f"font-size: {size:.1f}px",
                    pointer_events="none",
                )
            )
    return parts


def shade(share: float) -> float:
    """Opacity of a cell: a single confused clip must still be seen among hundreds.

    >>> [round(shade(share), 2) for share in (0.01, 0.5, 1.0)]
    [0.16, 0.69, 1.0]
    """
    return 0.1 + 0.9 * share**0.6 if share < 1 else 1.0


def _grid(n: int, *, cell: float, left: float, top: float) -> list[str]:
    """Lines between all cells, or every fifth where cells are small."""
    step, side = (1 if cell >= COUNTS_FROM else 5), n * cell
    parts = []
    for k in [*range(0, n, step), n]:
        at = k * cell
        parts.append(line(left + at, top, left + at, top + side, class_="rule", stroke_width=0.7))
        parts.append(line(left, top + at, left + side, top + at, class_="rule", stroke_width=0.7))
    return parts


def _key(y: float) -> str:
    parts = []
    for x, kind, name in (
        (EDGE, "right", "recognised"),
        (EDGE + 190, "wrong", "taken for another"),
    ):
        for k, share in enumerate((0.02, 0.25, 0.5, 0.75, 1.0)):
            parts.append(
                tag(
                    "rect",
                    class_=kind,
                    fill_opacity=shade(share),
                    x=x + 14 * k,
                    y=y,
                    width=14,
                    height=12,
                )
            )
        parts.append(label(name, x + 80, y + 10.5))
    return tag("g", *parts)


def _upright(content: str, x: float, y: float, *, class_: str) -> str:
    return label(content, x, y, class_=class_, transform=f"rotate(-90 {x:.2f} {y:.2f})")


def _named(content: str, full: str, **attributes: str | float | None) -> str:
    from twostream.reporting.svg import clean

    return tag("text", clean(content) + full, **attributes)
