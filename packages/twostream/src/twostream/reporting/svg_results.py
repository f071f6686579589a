"""The picture of all accuracies: a panel a measure, a bar a protocol and stream."""

from __future__ import annotations

from typing import Any

from twostream.reporting.measures import wilson_interval
from twostream.reporting.svg import Picture, hint, label, line, tag

MEASURES = (("top1", "Top-1"), ("top5", "Top-5"), ("mean_class", "Mean class"))
WIDTH, LEFT, PANEL, BAR, ROW, HEAD = 920, 110, 270, 190, 27, 34


def results_picture(protocols: dict[str, dict[str, dict[str, Any]]], *, n_test: int) -> Picture:
    """Bars of the accuracies in `protocols` (as in ``results.json``), in per cent.

    The whisker at top-1 is the 95 % interval of `n_test` clips.
    """
    rows: list[str] = []
    y = float(HEAD)
    for protocol, streams in protocols.items():
        rows.append(label(protocol, 0, y + 14, class_="strong"))
        y += 24
        top = y
        for stream, values in streams.items():
            rows.append(_row(protocol, stream, values, streams, y, n_test))
            y += ROW
        rows.insert(0, _grid(top, y))
        y += 16
    heads = [
        label(name, LEFT + index * PANEL, 14, class_="strong")
        for index, (_, name) in enumerate(MEASURES)
    ]
    return Picture(
        name="results",
        title="Accuracies by protocol and stream",
        description=_description(protocols),
        width=WIDTH,
        height=y - 10,
        body="".join(heads + rows),
        least_width=640,
    )


def _row(
    protocol: str,
    stream: str,
    values: dict[str, Any],
    streams: dict[str, dict[str, Any]],
    y: float,
    n_test: int,
) -> str:
    parts = [label(stream, LEFT - 12, y + 18, class_="end muted")]
    for index, (measure, name) in enumerate(MEASURES):
        x, share = LEFT + index * PANEL, float(values[measure])
        best = len(streams) > 1 and share == max(float(o[measure]) for o in streams.values())
        parts.append(
            tag(
                "rect",
                hint(f"{protocol}, {stream}: {name} {100 * share:.1f} %"),
                class_=f"bar {stream}",
                x=x,
                y=y + 4,
                width=max(BAR * share, 0.75),
                height=ROW - 9,
                rx=1.5,
            )
        )
        if measure == "top1":
            parts.append(_whisker(x, y + ROW / 2, wilson_interval(share, n_test)))
        weight = "end num strong" if best else "end num"
        parts.append(label(f"{100 * share:.1f}", x + BAR + 48, y + 18, class_=weight))
    return tag("g", *parts)


def _whisker(x: float, y: float, interval: tuple[float, float]) -> str:
    low, high = (x + BAR * edge for edge in interval)
    path = f"M{low:.2f} {y - 4}v8M{low:.2f} {y}H{high:.2f}M{high:.2f} {y - 4}v8"
    # The halo parts it from a bar that is as bright as the line, on dark paper.
    return tag("path", class_="halo", d=path) + tag("path", class_="whisker", d=path)


def _grid(top: float, bottom: float) -> str:
    marks = [
        line(x, top, x, bottom, class_="axis" if share == 0 else "grid")
        for index in range(len(MEASURES))
        for share in (0, 0.5, 1)
        for x in (LEFT + index * PANEL + BAR * share,)
    ]
    return tag("g", *marks)


def _description(protocols: dict[str, dict[str, dict[str, Any]]]) -> str:
    return "; ".join(
        f"{protocol}, {stream}: "
        + ", ".join(f"{name} {100 * float(values[measure]):.1f} %" for measure, name in MEASURES)
        for protocol, streams in protocols.items()
        for stream, values in streams.items()
    )
