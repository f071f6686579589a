"""The picture that explains flow colours: the Middlebury wheel."""

from __future__ import annotations

import math

from twostream.flow.colors import color_wheel
from twostream.reporting.svg import Picture, label, tag

RADIUS, CENTRE_X, CENTRE_Y = 70.0, 130.0, 96.0
SIDES = (
    ("right", RADIUS + 10, 4.5, ""),
    ("left", -RADIUS - 10, 4.5, "end"),
    ("up", 0.0, -RADIUS - 10, "middle"),
    ("down", 0.0, RADIUS + 20, "middle"),
)


def wheel_picture() -> Picture:
    """Hue is the direction of motion, white is rest, full colour the speed stated at a picture."""
    wheel = color_wheel()
    # Red at the right, then clockwise, as y grows downwards; the last colour meets the first one,
    # which is drawn over it.
    step = 2 * math.pi / (len(wheel) - 1)
    parts = []
    for index, rgb in reversed(list(enumerate(wheel))):
        start, end = (index - 0.55) * step, (index + 0.55) * step
        x1, y1, x2, y2 = (
            coordinate
            for angle in (start, end)
            for coordinate in (
                CENTRE_X + RADIUS * math.cos(angle),
                CENTRE_Y + RADIUS * math.sin(angle),
            )
        )
        path = (
            f"M{CENTRE_X} {CENTRE_Y}L{x1:.2f} {y1:.2f}A{RADIUS} {RADIUS} 0 0 1 {x2:.2f} {y2:.2f}Z"
        )
        color = "#" + "".join(f"{round(255 * float(channel)):02x}" for channel in rgb)
        parts.append(tag("path", d=path, fill=color))
    fade = tag(
        "radialGradient",
        tag("stop", offset=0, stop_color="#fff"),
        tag("stop", offset=1, stop_color="#fff", stop_opacity=0),
        id="wheel-fade",
    )
    parts.append(tag("defs", fade))
    parts.append(tag("circle", cx=CENTRE_X, cy=CENTRE_Y, r=RADIUS, fill="url(#wheel-fade)"))
    parts += [
        label(name, CENTRE_X + dx, CENTRE_Y + dy, class_=anchor) for name, dx, dy, anchor in SIDES
    ]
    return Picture(
        name="flow_wheel",
        title="Colours of motion",
        description="Motion to the right is red, down yellow, left cyan, up violet; rest is "
        "white, and faster motion has more colour.",
        width=260,
        height=196,
        body="".join(parts),
        least_width=200,
    )
