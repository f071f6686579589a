"""An ethogram: who does what when, a lane a label, those of a second person below those of the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twostream.reporting.svg import Picture, hint, label, line, tag, text_width
from twostream.timelines.bouts import Bout

WIDTH, LANE, GAP, HEAD = 900.0, 22.0, 6.0, 30.0
LONGEST_NAME_PX = 260.0
TEXT_PX = 13.0
LEAST_BAR = 1.0
STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
Lane = tuple[str, str]  # subject, label


def ethogram(
    bouts: Sequence[Bout],
    observed_s: Mapping[str, float],
    *,
    against: Sequence[Bout] = (),
    names: tuple[str, str] = ("labels", "compared with"),
) -> Picture:
    """A picture with a panel for each video: a lane for each subject and label, times along it.

    `names` are those of the two whose bouts are shown, where `against` has some.
    """
    lanes = sorted({(one.subject, one.label) for one in (*bouts, *against)})
    left = min(
        LONGEST_NAME_PX, max((text_width(_name(lane), TEXT_PX) for lane in lanes), default=0.0)
    )
    left += 12
    parts: list[str] = []
    top = 0.0
    if against:
        parts += _legend(names, left)
        top += HEAD
    for video in observed_s:
        body, height = _panel(video, observed_s[video], bouts, against, lanes, left, top)
        parts += body
        top += height
    videos = "1 video" if len(observed_s) == 1 else f"{len(observed_s)} videos"
    return Picture(
        name="ethogram",
        title="Ethogram",
        description=f"{len(bouts)} bouts of {len(lanes)} behaviours in {videos} over time",
        width=left + WIDTH,
        height=max(top, HEAD),
        body="".join(parts),
        least_width=600.0,
    )


def _name(lane: Lane) -> str:
    return f"{lane[0]}: {lane[1]}" if lane[0] else lane[1]


def _legend(names: tuple[str, str], left: float) -> list[str]:
    parts = []
    x = left
    for style, name in zip(("spatial", "temporal"), names, strict=True):
        parts.append(tag("rect", class_=style, x=x, y=4, width=14, height=10))
        parts.append(label(name, x + 20, 14))
        x += text_width(name, TEXT_PX) + 50
    return parts


def _panel(
    video: str,
    seconds: float,
    bouts: Sequence[Bout],
    against: Sequence[Bout],
    lanes: Sequence[Lane],
    left: float,
    top: float,
) -> tuple[list[str], float]:
    height = LANE * len(lanes)
    first = top + HEAD
    scale = WIDTH / seconds if seconds > 0 else 0.0
    parts = [label(video, 0, top + 20, class_="strong")]
    for place, lane in enumerate(lanes):
        y = first + LANE * place
        parts.append(tag("rect", class_="surface", x=left, y=y, width=WIDTH, height=LANE - 2))
        parts.append(label(_shortened(_name(lane)), left - 8, y + 15, class_="end"))
    step = next((step for step in STEPS_S if step * 12 >= seconds), STEPS_S[-1] * 4)
    count = int(seconds // step) + 1 if seconds > 0 else 1
    for k in range(min(count, 200)):
        x = left + k * step * scale
        parts.append(line(x, first, x, first + height, class_="grid"))
        parts.append(label(_clock(k * step), x, first + height + 14, class_="muted middle num"))
    for who, (some, style) in enumerate(((bouts, "spatial"), (against, "temporal"))):
        share = (LANE - 6) / (2 if against else 1)
        for one in some:
            if one.video != video:
                continue
            y = first + LANE * lanes.index((one.subject, one.label)) + 2 + who * share
            width = max(one.duration_s * scale, LEAST_BAR)
            end = "" if one.duration_s <= 0 else f" to {one.end_s:.3f}"
            said = f"{_name((one.subject, one.label))}, {one.start_s:.3f}{end} s"
            parts.append(
                tag(
                    "rect",
                    hint(said),
                    class_=style,
                    x=left + one.start_s * scale,
                    y=y,
                    width=width,
                    height=share - 1 if against else share,
                    stroke_width=0,
                )
            )
    return parts, HEAD + height + 20 + GAP


def _shortened(name: str) -> str:
    if text_width(name, TEXT_PX) <= LONGEST_NAME_PX:
        return name
    while name and text_width(f"{name}…", TEXT_PX) > LONGEST_NAME_PX:
        name = name[:-1]
    return f"{name}…"


def _clock(seconds: float) -> str:
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"
