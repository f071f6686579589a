"""Small charts as SVG that follow the page's light or dark colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from xml.sax.saxutils import escape

import numpy as np
from markupsafe import Markup

from streamergraph.lettering import Box, ems, overlap, shortened

WIDTH, HEIGHT = 760.0, 296.0
LETTER_SIZE = 13.0  # pixels, as in the page
NICE_STEPS = (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 4.8, 6, 8, 10)
LEFT, RIGHT, TOP, BOTTOM = 64.0, 12.0, 32.0, 52.0
TICKS_UP, TITLE_UP = (
    32.0,
    10.0,
)  # base lines above the lower edge: of ticks, of the title of an axis


def bars(
    values: Mapping[str, float | None], *, label: str, x_title: str, y_title: str, every: int = 1
) -> Markup:
    """Vertical bars; every n-th has its name below. None: the place of a bar, and no bar.

    `label` is the chart's name for who cannot see it; the titles say what the axes measure.
    """
    most = nice(max((value for value in values.values() if value is not None), default=1.0))
    slot = (WIDTH - LEFT - RIGHT) / max(1, len(values))
    parts = [*_frame(most)]
    for k, (name, value) in enumerate(values.items()):
        x = LEFT + slot * k
        if value is not None:
            top = _y(value, most)
            parts.append(
                f'<rect class="mark" x="{x + 0.12 * slot:.1f}" y="{top:.1f}" width="{0.76 * slot:.1f}" '
                f'height="{HEIGHT - BOTTOM - top:.1f}">'
                f"<title>{escape(name)}: {number(value)}</title></rect>"
            )
        if k % every == 0:
            parts.append(_text(x + slot / 2, HEIGHT - TICKS_UP, name, "middle"))
    parts += _titles(x_title, y_title, HEIGHT)
    return _svg(parts, label)


def across(
    values: Mapping[str, float], *, label: str, x_title: str, whole: float | None = None
) -> Markup:
    """Horizontal bars with names at the left and numbers at the right; `whole`: the longest possible."""
    most = whole or max(values.values(), default=1.0) or 1.0
    left, row = 260.0, 24.0
    height = row * len(values) + 30
    parts = [_text(left, height - 8, x_title, "start", "title")]
    for k, (name, value) in enumerate(values.items()):
        y = row * k + 4
        width = (WIDTH - left - 90) * value / most
        shown = shortened(name, most_ems=(left - 8) / LETTER_SIZE)
        parts.append(_text(left - 8, y + 16, shown, "end"))
        parts.append(
            f'<rect class="mark" x="{left}" y="{y + 3}" width="{max(1.0, width):.1f}" height="17"/>'
        )
        parts.append(_text(left + width + 7, y + 16, number(value), "start", "strong"))
    return _svg(parts, label, height=height)


def violin(values: Sequence[float], *, label: str, x_title: str, points: int = 180) -> Markup:
    """The density of `values` above and below a line, with the middle half and the median marked.

    Gaussian kernels; the width is Silverman's rule of thumb (Density Estimation, 1986, eq. 3.31).
    """
    numbers = np.sort(np.asarray(values, dtype=float))
    most = nice(float(numbers[-1]) if len(numbers) else 1.0)
    grid = np.linspace(0.0, most, points)
    quartiles = np.percentile(numbers, (25, 50, 75)) if len(numbers) else np.zeros(3)
    spread = (
        min(float(numbers.std()), float(quartiles[2] - quartiles[0]) / 1.34) if len(numbers) else 0
    )
    width = max(0.9 * spread * max(1, len(numbers)) ** -0.2, most / points)
    density = np.array([np.exp(-0.5 * ((x - numbers) / width) ** 2).sum() for x in grid])
    height, middle = 218.0, 90.0
    half = 70.0 * density / max(float(density.max()), 1e-12)

    def across_to(x: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * x / most

    upper = [f"{across_to(x):.1f} {middle - h:.1f}" for x, h in zip(grid, half, strict=True)]
    lower = [f"{across_to(x):.1f} {middle + h:.1f}" for x, h in zip(grid, half, strict=True)]
    low, median, high = (across_to(float(q)) for q in quartiles)
    parts = [f'<path class="dot" d="M{"L".join(upper + lower[::-1])}Z"/>']
    for k in range(5):
        x = across_to(most * k / 4)
        parts.append(f'<path class="grid" d="M{x:.1f} {TOP}V{height - BOTTOM}"/>')
        parts.append(_text(x, height - TICKS_UP, tick(most * k / 4), "middle" if k < 4 else "end"))
    parts += _titles(x_title, "", height)
    parts.append(
        f'<path class="box" stroke-width="5" d="M{low:.1f} {middle}H{high:.1f}"/>'
        f'<circle class="median" cx="{median:.1f}" cy="{middle}" r="6"/>'
    )
    return _svg(parts, label, height=height)


def scatter(
    points: Sequence[tuple[float, float, float, str]],
    *,
    label: str,
    x_title: str,
    y_title: str,
    named: int,
) -> Markup:
    """Points (x, y, size, name) on linear axes from 0; of the first `named` names those that fit."""
    most_x = nice(max((p[0] for p in points), default=1.0))
    most_y = nice(max((p[1] for p in points), default=1.0))
    largest = max((p[2] for p in points), default=1.0) or 1.0
    height = 456.0
    parts = [*_frame(most_y, height=height)]
    for k in range(5):
        x = LEFT + (WIDTH - LEFT - RIGHT) * k / 4
        anchor = "middle" if k < 4 else "end"
        parts.append(_text(x, height - TICKS_UP, tick(most_x * k / 4), anchor))
    parts += _titles(x_title, y_title, height)
    circles: list[Box] = []
    for x, y, size, name in points:
        px = LEFT + (WIDTH - LEFT - RIGHT) * x / most_x
        py = _y(y, most_y, height=height)
        radius = 3 + 13 * (size / largest) ** 0.5
        circles.append((px - radius, py - radius, px + radius, py + radius))
        parts.append(
            f'<circle class="dot" cx="{px:.1f}" cy="{py:.1f}" r="{radius:.1f}">'
            f"<title>{escape(name)}</title></circle>"
        )
    boxes: list[Box] = []
    names: list[str] = []
    for circle, (*_, name) in list(zip(circles, points, strict=True))[:named]:
        box = _room(circle, name, boxes, [one for one in circles if one != circle], height)
        if box is None:
            continue  # a name over another is no name; the circle has it as its title
        boxes.append(box)
        at_its_left = box[2] < (circle[0] + circle[2]) / 2
        anchor, at = ("end", box[2]) if at_its_left else ("start", box[0])
        names.append(_text(at, box[3] - 3, name, anchor, "strong"))
    parts += names  # above all circles
    return _svg(parts, label, height=height)


def _room(
    circle: Box, name: str, names: Sequence[Box], circles: Sequence[Box], height: float
) -> Box | None:
    """Room for a name around its circle: off other `names`, and off `circles` if it can be."""
    left, top, right, bottom = circle
    long, middle, centre = LETTER_SIZE * ems(name), (top + bottom) / 2, (left + right) / 2
    beside = middle - 7, middle + 7
    places: list[Box] = [
        (right + 3, beside[0], right + 3 + long, beside[1]),
        (left - 3 - long, beside[0], left - 3, beside[1]),
        (centre - long / 2, top - 16, centre + long / 2, top - 2),
        (centre - long / 2, bottom + 2, centre + long / 2, bottom + 16),
        *((right - 2, y, right - 2 + long, y + 14) for y in (top - 12, bottom - 2)),
        *((left + 2 - long, y, left + 2, y + 14) for y in (top - 12, bottom - 2)),
    ]
    free = [
        place
        for place in places
        if place[0] >= 0
        and place[2] <= WIDTH
        and place[1] >= 0
        and place[3] <= height - BOTTOM + 8
        and not any(overlap(place, one) for one in names)
    ]
    off_circles = (one for one in free if not any(overlap(one, other) for other in circles))
    return next(off_circles, free[0] if free else None)


def nice(value: float) -> float:
    """The next number that four steps divide evenly, such as 1.2 or 4 times a power of ten.

    >>> nice(3575), nice(0), nice(100), nice(10_100)
    (4000.0, 1.0, 100.0, 12000.0)
    """
    if value <= 0:
        return 1.0
    power = 1.0
    while power * 10 < value:
        power *= 10
    while power > value:
        power /= 10
    return next(power * step for step in NICE_STEPS if power * step >= value)


def number(value: float) -> str:
    """A number with separators of thousands and one decimal, or two digits where it is below 0.1.

    >>> number(706170), number(2.5), number(0.0123)
    ('706,170', '2.5', '0.012')
    """
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:,.1f}" if abs(value) >= 0.1 else tick(float(f"{value:.2g}"))


def tick(value: float) -> str:
    """A quarter of a `nice` number exactly: those have three digits at most.

    >>> tick(0.08), tick(0.1 + 0.2), tick(2.5e-6), tick(9000.0)
    ('0.08', '0.3', '0.0000025', '9,000')
    """
    return f"{Decimal(f'{value:.3g}'):,f}"


def _y(value: float, most: float, *, height: float = HEIGHT) -> float:
    return height - BOTTOM - (height - TOP - BOTTOM) * value / most


def _frame(most: float, *, height: float = HEIGHT) -> list[str]:
    parts = []
    for k in range(5):
        y = _y(most * k / 4, most, height=height)
        parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(_text(LEFT - 7, y + 4, tick(most * k / 4), "end"))
    return parts


def _titles(x_title: str, y_title: str, height: float) -> list[str]:
    """What the axes measure: below the one, above the other."""
    titles = [_text((LEFT + WIDTH - RIGHT) / 2, height - TITLE_UP, x_title, "middle", "title")]
    if y_title:
        titles.append(_text(2, TOP - 16, y_title, "start", "title"))
    return titles


def _text(x: float, y: float, text: str, anchor: str, kind: str = "") -> str:
    kept = "".join(c for c in text if c >= " " and not "\ud800" <= c <= "\udfff")
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(kept)}</text>'
    )


def _svg(parts: Sequence[str], label: str, *, height: float = HEIGHT) -> Markup:
    said = escape(label, {'"': "&quot;"})
    return Markup(
        f'<svg class="chart" viewBox="0 0 {WIDTH:g} {height:g}" role="img" aria-label="{said}">'
        + "".join(parts)
        + "</svg>"
    )
