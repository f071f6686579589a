"""Truth over prediction: what happens when in one recording, a row a class."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from twostream.reporting.rendering import clock
from twostream.reporting.svg import Picture, hint, label, line, shorten, tag, text_width
from twostream.timelines.intervals import Interval
from twostream.timelines.measures import Recording, label_lanes

WIDTH, ROW, BAR, HEAD, AXIS = 1000.0, 26.0, 9.0, 40.0, 30.0
MOST_LABEL_ROOM = 180.0
STEPS_S = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200)
MOST_TICKS = 10
WRONG = "not the same"


def timeline_picture(recording: Recording, *, name: str) -> Picture:
    """True intervals as outlines over found ones as bars; the last row is where they differ."""
    classes = sorted({one.label for one in (*recording.truth, *recording.found)})
    left = min(max(text_width(row, 13) for row in (*classes, WRONG)), MOST_LABEL_ROOM) + 14
    scale = (WIDTH - left) / max(recording.duration_s, 1e-9)
    bottom = HEAD + ROW * (len(classes) + 1)
    parts = [_legend(left), _axis(recording.duration_s, left, scale, bottom)]
    for row, kind in enumerate(classes):
        top = HEAD + ROW * row
        parts.append(line(0, top, WIDTH, top, class_="grid"))
        parts.append(label(shorten(kind, 13, left - 14), 0, top + ROW * 0.67))
        parts += [_true(one, left, scale, top) for one in recording.truth if one.label == kind]
        parts += [_found(one, left, scale, top) for one in recording.found if one.label == kind]
    top = bottom - ROW
    parts.append(line(0, top, WIDTH, top, class_="axis"))
    parts.append(label(WRONG, 0, top + ROW * 0.67, class_="muted"))
    wrong = _differences(recording)
    parts += [
        tag(
            "rect",
            class_="wrong",
            x=left + start * scale,
            y=top + 6,
            width=max((end - start) * scale, 0.4),
            height=ROW - 12,
        )
        for start, end in wrong
    ]
    seconds = sum(end - start for start, end in wrong)
    return Picture(
        name=name,
        title=f"{recording.name}: truth over prediction",
        description=f"{len(recording.truth)} true intervals, {len(recording.found)} found; other labels "
        f"than the true ones for {seconds:.1f} of {recording.duration_s:.1f} s",
        width=WIDTH,
        height=bottom + AXIS,
        body="".join(parts),
        least_width=700,
    )


def _legend(left: float) -> str:
    return "".join(
        (
            tag("rect", class_="whisker", x=left + 1, y=6, width=24, height=BAR),
            label("true", left + 32, 15),
            tag("rect", class_="bar fusion", x=left + 82, y=6, width=24, height=BAR),
            label("found", left + 113, 15),
        )
    )


def _axis(duration_s: float, left: float, scale: float, bottom: float) -> str:
    parts = []
    step = next((one for one in STEPS_S if duration_s / one <= MOST_TICKS), duration_s)
    for seconds in np.arange(0.0, duration_s + 1e-9, step).tolist():
        x = left + seconds * scale
        parts.append(line(x, HEAD, x, bottom, class_="grid"))
        where = "end" if x > WIDTH - 20 else "middle"
        parts.append(label(_clock(seconds), x, bottom + 18, class_=f"muted num {where}"))
    return "".join(parts)


def _clock(seconds: float) -> str:
    """A moment to the second, less than that where it counts."""
    return clock(seconds).removesuffix(".00")


def _true(one: Interval, left: float, scale: float, top: float) -> str:
    return tag(
        "rect",
        hint(f"true: {one.label}, {one.start_s:.2f} to {one.end_s:.2f} s"),
        class_="whisker",
        x=left + one.start_s * scale,
        y=top + 3.5,
        width=max(one.duration_s * scale, 0.4),
        height=BAR - 1.5,
    )


def _found(one: Interval, left: float, scale: float, top: float) -> str:
    told = f"found: {one.label}, {one.start_s:.2f} to {one.end_s:.2f} s, score {one.score:.2f}"
    return tag(
        "rect",
        hint(told),
        class_="bar fusion",
        x=left + one.start_s * scale,
        y=top + ROW - BAR - 2.5,
        width=max(one.duration_s * scale, 0.4),
        height=BAR,
    )


def _differences(recording: Recording) -> list[tuple[float, float]]:
    """Where the labels of frames differ, in seconds."""
    count = max(round(recording.duration_s * recording.fps), 0)
    wrong = np.zeros(count, np.bool_)
    for name in {one.label for one in (*recording.truth, *recording.found)}:
        truth, found = label_lanes(
            replace(
                recording,
                truth=[one for one in recording.truth if one.label == name],
                found=[one for one in recording.found if one.label == name],
            )
        )
        wrong |= truth != found
    differ = np.concatenate([[False], wrong, [False]])
    edges = np.flatnonzero(np.diff(differ)) / recording.fps
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
