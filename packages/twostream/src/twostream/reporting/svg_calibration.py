"""The picture of calibration: how often clips are right, by how sure the stream is."""

from __future__ import annotations

import math
from collections.abc import Mapping

from twostream.evaluation.calibration import Calibration
from twostream.reporting.palette import kind
from twostream.reporting.svg import Picture, hint, label, line, tag

LARGEST, SMALLEST = 13.0, 3.0
# The largest disc at 100 % stays clear of the words above.
SIDE, LEFT, GAP, TOP, BOTTOM = 240.0, 48.0, 56.0, 42.0 + LARGEST, 48.0


def calibration_picture(calibrations: Mapping[str, Calibration]) -> Picture:
    """A panel a stream: a disc a bin, its area growing with the clips; honest ones lie on the line."""
    body = []
    for place, (stream, found) in enumerate(calibrations.items()):
        left = LEFT + place * (SIDE + GAP)
        body.append(_axes(left, with_name=place == 0))
        body.append(label(stream, left + SIDE / 2, 16, class_="strong middle"))
        told = f"calibration error {100 * found.ece:.1f} points"
        body.append(label(told, left + SIDE / 2, 34, class_="muted middle"))
        most = max(b.clips for b in found.bins)
        for b in sorted(found.bins, key=lambda b: -b.clips):
            text = (
                f"{stream}: {b.clips} clip{'' if b.clips == 1 else 's'} with a probability of "
                f"{100 * b.confidence:.0f} % on average, {100 * b.accuracy:.0f} % right"
            )
            x, y = left + SIDE * b.confidence, TOP + SIDE * (1 - b.accuracy)
            body.append(line(x, TOP + SIDE * (1 - b.confidence), x, y, class_="axis"))
            body.append(
                tag(
                    "circle",
                    hint(text),
                    class_=f"{kind(stream)} dot",
                    cx=x,
                    cy=y,
                    r=max(SMALLEST, LARGEST * math.sqrt(b.clips / most)),
                    fill_opacity=0.85,
                )
            )
    return Picture(
        name="calibration",
        title="Calibration: how often clips are right, by how sure a stream is",
        description="; ".join(
            f"{stream}: expected calibration error {100 * found.ece:.1f} points"
            for stream, found in calibrations.items()
        ),
        width=LEFT + len(calibrations) * (SIDE + GAP) - GAP + 24,
        height=TOP + SIDE + BOTTOM,
        body="".join(body),
        least_width=200.0 * len(calibrations),
    )


def _axes(left: float, *, with_name: bool) -> str:
    bottom = TOP + SIDE
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = left + SIDE * share, bottom - SIDE * share
        outer = "axis" if share == 0 else "grid"
        parts.append(line(x, TOP, x, bottom, class_=outer))
        parts.append(line(left, y, left + SIDE, y, class_=outer))
        text = f"{100 * share:.0f}"
        parts.append(label(text, x, bottom + 18, class_="muted middle num"))
        parts.append(label(text, left - 8, y + 4.5, class_="muted end num"))
    parts.append(line(left, bottom, left + SIDE, TOP, class_="axis", stroke_dasharray="4 3"))
    parts.append(
        label("highest probability, %", left + SIDE / 2, bottom + 38, class_="muted middle")
    )
    if with_name:
        y = TOP + SIDE / 2
        turn = f"rotate(-90 12 {y:.2f})"
        parts.append(label("right, %", 12, y, class_="muted middle", transform=turn))
    return tag("g", *parts)
