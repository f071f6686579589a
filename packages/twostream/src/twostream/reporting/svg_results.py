"""The picture of all accuracies: a panel a measure, a bar a protocol and stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twostream.evaluation.bootstrap import Interval
from twostream.reporting.palette import kind
from twostream.reporting.svg import Picture, hint, label, line, tag, text_width
from twostream.reporting.tables import MEASURE_NAMES, ResultRow

PANEL, BAR, ROW, HEAD = 270, 190, 27, 34
LEAST_LABEL_ROOM = 98.0


def results_picture(
    rows: Sequence[ResultRow], *, measures: Mapping[str, str] = MEASURE_NAMES
) -> Picture:
    """Bars of the accuracies of `rows`, in per cent; whiskers are their 95 % intervals.

    `measures` are those that are drawn, with their names.
    """
    left = max([LEAST_LABEL_ROOM, *(text_width(row.stream, 13) for row in rows)]) + 12
    parts: list[str] = []
    y = float(HEAD)
    for protocol in dict.fromkeys(row.protocol for row in rows):
        parts.append(label(protocol, 0, y + 14, class_="strong"))
        y += 24
        top = y
        for row in rows:
            if row.protocol == protocol:
                parts.append(_row(row, left, y, measures))
                y += ROW
        parts.insert(0, _grid(left, top, y, len(measures)))
        y += 16
    heads = [
        label(name, left + index * PANEL, 14, class_="strong")
        for index, name in enumerate(measures.values())
    ]
    return Picture(
        name="results",
        title="Accuracies by protocol and stream",
        description="; ".join(_told(row, measures) for row in rows),
        width=left + len(measures) * PANEL,
        height=y - 10,
        body="".join(heads + parts),
        least_width=640,
    )


def _row(row: ResultRow, left: float, y: float, measures: Mapping[str, str]) -> str:
    parts = [label(row.stream, left - 12, y + 18, class_="end muted")]
    for index, (measure, name) in enumerate(measures.items()):
        x, share = left + index * PANEL, row.values[measure]
        told = f"{row.protocol}, {row.stream}: {name} {100 * share:.1f} %"
        interval = row.intervals.get(measure)
        if interval is not None:
            told += f", 95 % interval {100 * interval[0]:.1f} to {100 * interval[1]:.1f} %"
        parts.append(
            tag(
                "rect",
                hint(told),
                class_=f"bar {kind(row.stream)}",
                x=x,
                y=y + 4,
                width=max(BAR * share, 0.75),
                height=ROW - 9,
                rx=1.5,
            )
        )
        if interval is not None and interval[1] > interval[0]:
            parts.append(_whisker(x, y + ROW / 2, interval))
        weight = "end num strong" if measure in row.best else "end num"
        parts.append(label(f"{100 * share:.1f}", x + BAR + 48, y + 18, class_=weight))
    return tag("g", *parts)


def _whisker(x: float, y: float, interval: Interval) -> str:
    low, high = (x + BAR * edge for edge in interval)
    path = f"M{low:.2f} {y - 4}v8M{low:.2f} {y}H{high:.2f}M{high:.2f} {y - 4}v8"
    # The halo parts it from a bar that is as bright as the line, on dark paper.
    return tag("path", class_="halo", d=path) + tag("path", class_="whisker", d=path)


def _grid(left: float, top: float, bottom: float, panels: int) -> str:
    marks = [
        line(x, top, x, bottom, class_="axis" if share == 0 else "grid")
        for index in range(panels)
        for share in (0, 0.5, 1)
        for x in (left + index * PANEL + BAR * share,)
    ]
    return tag("g", *marks)


def _told(row: ResultRow, measures: Mapping[str, str]) -> str:
    numbers = (f"{name} {100 * row.values[m]:.1f} %" for m, name in measures.items())
    return f"{row.protocol}, {row.stream}: " + ", ".join(numbers)
