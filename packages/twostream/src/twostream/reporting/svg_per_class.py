"""The picture of accuracies in every stream: a row a class or tag, a mark a stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twostream.evaluation.per_class import ClassResult, TagResult
from twostream.reporting.palette import kind
from twostream.reporting.svg import (
    Picture,
    clean,
    hint,
    label,
    line,
    shorten,
    tag,
    text_width,
)

PLOT, LABEL_ROOM, TOP, BOTTOM = 460.0, 210.0, 60.0, 34.0


@dataclass(frozen=True, kw_only=True)
class MarkRow:
    """A row of marks: top-1 by stream on `clips` test clips."""

    name: str
    clips: int
    top1: Mapping[str, float]


def per_class_picture(rows: Sequence[ClassResult], streams: Sequence[str]) -> Picture:
    """Marks at each class's top-1 in per cent, in the order of `rows`."""
    paired = "spatial" in streams and "temporal" in streams
    return marks_picture(
        [MarkRow(name=row.name, clips=row.clips, top1=row.top1) for row in rows],
        streams,
        name="per_class",
        title="Accuracy of each class",
        description="Top-1 in per cent, one row a class, "
        + ("sorted by the gain of the temporal over the spatial stream." if paired else "sorted."),
    )


def per_tag_picture(rows: Sequence[TagResult], streams: Sequence[str]) -> Picture:
    """Marks at the top-1 of the clips of every value of every meta tag."""
    return marks_picture(
        [MarkRow(name=f"{r.tag}: {r.value}", clips=r.clips, top1=r.top1) for r in rows],
        streams,
        name="per_tag",
        title="Accuracy by meta tag",
        description="Top-1 in per cent, one row for each value of each meta tag.",
    )


def marks_picture(
    rows: Sequence[MarkRow],
    streams: Sequence[str],
    *,
    name: str,
    title: str,
    description: str,
    measure: str = "",
) -> Picture:
    """A row of marks for each of the `rows`, one a stream, by shares in per cent.

    `measure` says what the shares are, where they are none of the row's clips.
    """
    paired = "spatial" in streams and "temporal" in streams
    row_height = 24.0 if len(rows) <= 30 else 18.0 if len(rows) <= 60 else 17.0
    size = 13.0 if row_height > 17 else 12.0
    names = [shorten(row.name, size, LABEL_ROOM) for row in rows]
    left = max(text_width(short, size) for short in names) + 16
    end = left + PLOT
    bottom = TOP + row_height * len(rows)
    body = [_legend(streams), _axes(left, bottom, row_height, len(rows))]
    for index, (row, short) in enumerate(zip(rows, names, strict=True)):
        y = TOP + (index + 0.5) * row_height
        font = f"font-size: {size:.1f}px"
        count = f"{row.clips} test clip{'' if row.clips == 1 else 's'}"
        full = clean(short) + hint(f"{row.name}: {count}")
        marks = [tag("text", full, x=left - 14, y=y + size * 0.35, class_="end", style=font)]
        if paired:
            ends = (left + PLOT * row.top1[stream] for stream in ("spatial", "temporal"))
            marks.append(line(next(ends), y, next(ends), y, class_="axis"))
        for stream in streams:
            share = row.top1[stream]
            text = f"{row.name}, {stream}: {100 * share:.1f} % of {count}"
            if measure:
                text = f"{row.name}, {stream}: {measure} {100 * share:.1f} %, {count}"
            marks.append(mark(stream, left + PLOT * share, y, row_height, text))
        body.append(tag("g", *marks))
    return Picture(
        name=name,
        title=title,
        description=description,
        width=end + 28,
        height=bottom + BOTTOM,
        body="".join(body),
        least_width=560,
    )


def mark(stream: str, x: float, y: float, row_height: float, text: str) -> str:
    """A stream's mark: disc, diamond or ring, so that equal values stay visible."""
    unit = 1.0 if row_height >= 24 else 0.8
    if stream == "temporal":
        r = 5.8 * unit
        points = f"{x:.2f},{y - r:.2f} {x + r:.2f},{y:.2f} {x:.2f},{y + r:.2f} {x - r:.2f},{y:.2f}"
        return tag("polygon", hint(text), class_="temporal dot", points=points)
    if kind(stream) == "fusion":
        return tag(
            "circle",
            hint(text),
            class_="fusion hollow",
            cx=x,
            cy=y,
            r=9 * unit,
            stroke_width=2 * unit,
            pointer_events="all",
        )
    return tag("circle", hint(text), class_="spatial dot", cx=x, cy=y, r=6 * unit)


def _legend(streams: Sequence[str]) -> str:
    parts = []
    x = 10.0
    for stream in streams:
        parts.append(mark(stream, x, 12, 24, stream))
        parts.append(label(stream, x + 16, 16.5))
        x += 30 + text_width(stream, 13) + 16
    return tag("g", *parts)


def _axes(left: float, bottom: float, row_height: float, n: int) -> str:
    parts = [
        line(
            left,
            TOP + (i + 0.5) * row_height,
            left + PLOT,
            TOP + (i + 0.5) * row_height,
            class_="grid",
        )
        for i in range(n)
    ]
    for share in (0, 0.25, 0.5, 0.75, 1):
        x = left + PLOT * share
        parts.append(line(x, TOP, x, bottom, class_="rule"))
        text = f"{100 * share:.0f}" + (" %" if share == 1 else "")
        parts.append(label(text, x, TOP - 14, class_="muted middle num"))
        parts.append(label(text, x, bottom + 20, class_="muted middle num"))
    return tag("g", *parts)
