"""The picture of differences class by class: bars to the left and to the right of nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twostream.reporting.svg import (
    Picture,
    clean,
    hint,
    label,
    line,
    shorten,
    signed,
    tag,
    text_width,
)

PLOT, LABEL_ROOM, BOTTOM, NUMBER_ROOM = 460.0, 210.0, 34.0, 78.0


@dataclass(frozen=True, kw_only=True)
class GainRow:
    """Differences of one class by series, as fractions of 1; `told` is what a pointer is shown.

    Those of `few_clips` are pale.
    """

    name: str
    told: str
    gains: Mapping[str, float]
    few_clips: bool = False


def gain_picture(
    rows: Sequence[GainRow],
    series: Mapping[str, str],
    *,
    name: str,
    title: str,
    axis: str,
) -> Picture:
    """Bars of every row's gains in points; `series` maps a series to its palette colour.

    The scale is symmetric and ends at a round number of points that holds all bars.
    """
    thick = 9.0 if len(rows) <= 30 else 6.0
    height = thick * len(series) + (9 if len(rows) <= 30 else 6)
    size = min(13.0, max(11.0, height * 0.72))
    names = [shorten(row.name, size, LABEL_ROOM) for row in rows]
    left = max((text_width(n, size) for n in names), default=0.0) + 16
    limit = _limit([abs(gain) for row in rows for gain in row.gains.values()])
    middle, half = left + PLOT / 2, PLOT / 2
    several = len(series) > 1
    first = 84.0 if several else 58.0
    bottom = first + height * len(rows)
    body = [_axes(middle, half, limit, first, bottom, axis)]
    if several:
        body.append(_legend(series))
        for place, color in enumerate(series.values(), start=1):
            x = left + PLOT + NUMBER_ROOM * place - 22
            body.append(tag("rect", class_=f"bar {color}", x=x, y=first - 24, width=22, height=11))
    for index, (row, short) in enumerate(zip(rows, names, strict=True)):
        top = first + index * height
        centre = top + height / 2
        font = f"font-size: {size:.1f}px"
        marks = [
            line(left, top + height, left + PLOT, top + height, class_="grid"),
            tag(
                "text",
                clean(short) + hint(f"{row.name}: {row.told}"),
                x=left - 14,
                y=centre + size * 0.35,
                class_="end",
                style=font,
            ),
        ]
        for place, (one, color) in enumerate(series.items()):
            gain = row.gains.get(one)
            if gain is None:
                continue
            length = half * abs(gain) / limit
            y = centre + thick * (place - len(series) / 2)
            marks.append(
                tag(
                    "rect",
                    hint(f"{row.name}, {one}: {signed(gain)} points ({row.told})"),
                    class_=f"bar {color}{' few' if row.few_clips else ''}",
                    x=middle - length if gain < 0 else middle - 0.75,
                    y=y + 0.5,
                    width=max(length, 1.5),
                    height=thick - 1,
                )
            )
            x = left + PLOT + NUMBER_ROOM * (place + 1)
            text = label(signed(gain), x, centre + size * 0.35, class_="end num muted", style=font)
            marks.append(text)
        body.append(tag("g", *marks))
    return Picture(
        name=name,
        title=title,
        description=_description(rows, series),
        width=left + PLOT + NUMBER_ROOM * max(1, len(series)) + 10,
        height=bottom + BOTTOM,
        body="".join(body),
        least_width=600,
    )


def _limit(gains: Sequence[float]) -> float:
    highest = max(gains, default=0.0)
    return next(step for step in (0.1, 0.2, 0.25, 0.5, 1.0) if highest <= step + 1e-9)


def _legend(series: Mapping[str, str]) -> str:
    parts, x = [], 0.0
    for one, color in series.items():
        parts.append(tag("rect", class_=f"bar {color}", x=x, y=6, width=22, height=11))
        parts.append(label(one, x + 30, 16.5))
        x += 30 + text_width(one, 13) + 24
    return tag("g", *parts)


def _axes(middle: float, half: float, limit: float, top: float, bottom: float, axis: str) -> str:
    parts = []
    for share in (-1.0, -0.5, 0.0, 0.5, 1.0):
        x = middle + half * share
        kind = "axis" if share == 0 else "rule"
        parts.append(line(x, top, x, bottom, class_=kind))
        text = signed(share * limit).removesuffix(".0")
        parts.append(label(text, x, top - 14, class_="muted middle num"))
        parts.append(label(text, x, bottom + 20, class_="muted middle num"))
    parts.append(label(axis, middle, top - 34, class_="muted middle"))
    return tag("g", *parts)


def _description(rows: Sequence[GainRow], series: Mapping[str, str]) -> str:
    told = []
    for one in series:
        gains = [row.gains[one] for row in rows if one in row.gains]
        up = sum(gain > 1e-9 for gain in gains)
        down = sum(gain < -1e-9 for gain in gains)
        mean = math.fsum(gains) / len(gains) if gains else 0.0
        told.append(
            f"{one}: better in {up} classes, worse in {down}, of {len(gains)}; "
            f"mean {signed(mean)} points"
        )
    return "; ".join(told)
