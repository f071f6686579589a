"""The pictures of the exploration: bars, histograms and strips of dots, one row a class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from twostream.exploration.counts import Bin, ClassCount, SplitCount
from twostream.reporting.svg import (
    Picture,
    clean,
    hint,
    label,
    line,
    nice_ticks,
    shorten,
    tag,
    text_width,
)

PLOT, LABEL_ROOM, TOP, BOTTOM = 470.0, 210.0, 34.0, 30.0
HISTOGRAM_WIDTH, HISTOGRAM_HEIGHT = 400.0, 150.0


@dataclass(frozen=True)
class _Rows:
    """The frame of a picture with one row a class: where names end and values begin."""

    names: Sequence[str]
    high: float
    top: float = TOP
    whole: bool = False

    @property
    def height(self) -> float:
        return 24.0 if len(self.names) <= 30 else 17.0

    @property
    def size(self) -> float:
        return 13.0 if len(self.names) <= 30 else 11.5

    @property
    def left(self) -> float:
        shown = (shorten(name, self.size, LABEL_ROOM) for name in self.names)
        return max((text_width(name, self.size) for name in shown), default=0.0) + 16

    @property
    def bottom(self) -> float:
        return self.top + self.height * len(self.names)

    @property
    def ticks(self) -> list[float]:
        return nice_ticks(self.high, whole=self.whole)

    def x(self, value: float) -> float:
        return self.left + PLOT * value / self.ticks[-1]

    def y(self, index: int) -> float:
        return self.top + (index + 0.5) * self.height

    def name(self, index: int) -> str:
        full, short = self.names[index], shorten(self.names[index], self.size, LABEL_ROOM)
        style = f"font-size: {self.size:.1f}px"
        text = clean(short) + hint(full)
        y = self.y(index) + self.size * 0.35
        return tag("text", text, x=self.left - 10, y=y, class_="end", style=style)

    def axes(self, unit: str) -> str:
        parts = []
        for value in self.ticks:
            text = f"{value:g}" + (f" {unit}" if value == self.ticks[-1] else "")
            parts.append(line(self.x(value), self.top, self.x(value), self.bottom, class_="grid"))
            parts += [
                label(text, self.x(value), y, class_="muted middle num")
                for y in (self.top - 8, self.bottom + 18)
            ]
        return tag("g", *parts)

    def picture(self, name: str, title: str, description: str, body: Sequence[str]) -> Picture:
        return Picture(
            name=name,
            title=title,
            description=description,
            width=self.left + PLOT + 70,
            height=self.bottom + BOTTOM,
            body="".join(body),
            least_width=560,
        )


def clips_picture(counts: Sequence[ClassCount]) -> Picture:
    """Clips of each class, the largest first."""
    ordered = sorted(counts, key=lambda count: (-count.clips, count.name))
    most = max(count.clips for count in ordered)
    rows = _Rows([count.name for count in ordered], most, whole=True)
    body = [rows.axes("clips")]
    for index, count in enumerate(ordered):
        told = f"{count.name}: {count.clips} clips of {count.groups} source videos"
        body += [rows.name(index), _bar(rows, index, 0, count.clips, "right bar", told)]
        text = str(count.clips)
        x, y = rows.x(count.clips) + 6, rows.y(index) + rows.size * 0.35
        body.append(label(text, x, y, class_="num muted", style=f"font-size: {rows.size:.1f}px"))
    return rows.picture("clips_per_class", "Clips per class", "One bar a class.", body)


def split_picture(counts: Sequence[SplitCount]) -> Picture:
    """Clips of each class on the sides of one split: bars end to end, that of the test part hollow."""
    used = [count for count in counts if count.used]
    high = max((count.used for count in used), default=1)
    has_val = any(count.val for count in used)
    rows = _Rows([count.name for count in used], high, top=TOP + 30, whole=True)
    body = [_split_legend(has_val), rows.axes("clips")]
    for index, count in enumerate(used):
        share = f"{100 * (count.train_share or 0):.0f} % train"
        val = f"{count.val} val, " if has_val else ""
        told = f"{count.name}: {count.train} train, {val}{count.test} test, {share}"
        learnt = count.train + count.val
        body += [
            rows.name(index),
            _bar(rows, index, 0, count.train, "spatial bar", told),
            *([_bar(rows, index, count.train, learnt, "fusion bar", told)] if count.val else []),
            _bar(rows, index, learnt, count.used, "temporal hollow", told),
            label(
                f"{100 * (count.train_share or 0):.0f} %",
                rows.x(count.used) + 8,
                rows.y(index) + rows.size * 0.35,
                class_="num muted",
                style=f"font-size: {rows.size:.1f}px",
            ),
        ]
    split = counts[0].split
    description = "Training (and val) clips filled, test clips hollow, and the share that trains."
    return rows.picture(f"split_{split}", f"Split {split}", description, body)


def motion_picture(names: Sequence[str], motions: Mapping[str, Sequence[float]]) -> Picture:
    """A dot for each clip at its mean motion, a bar at the class's median; the calmest class last."""
    middle = {name: median(motions.get(name) or [0.0]) for name in names}
    ordered = sorted(names, key=lambda name: (-middle[name], name))
    high = max((value for values in motions.values() for value in values), default=1.0)
    rows = _Rows(ordered, high or 1.0)
    body = [rows.axes("px a step")]
    for index, name in enumerate(ordered):
        y = rows.y(index)
        body.append(rows.name(index))
        body.append(line(rows.left, y, rows.left + PLOT, y, class_="grid"))
        told = hint(f"{name}: median {middle[name]:.2f} px a step")
        dots = [
            tag(
                "circle",
                class_="spatial",
                fill_opacity=0.45,
                stroke="none",
                cx=rows.x(v),
                cy=y,
                r=3,
            )
            for v in motions.get(name, ())
        ]
        x = rows.x(middle[name])
        body.append(tag("g", told, *dots))
        body.append(line(x, y - rows.height * 0.36, x, y + rows.height * 0.36, class_="whisker"))
    description = "Mean length of the flow vectors: a dot a clip, a bar at the median of the class."
    return rows.picture("motion", "Motion", description, body)


def histogram_picture(name: str, title: str, bins: Sequence[Bin], *, unit: str) -> Picture:
    """Clips by a number, such as their duration."""
    left, top = 44.0, 16.0
    width, height = HISTOGRAM_WIDTH, HISTOGRAM_HEIGHT
    ticks = nice_ticks(max(item.clips for item in bins), 3, whole=True)
    body = []
    for value in ticks:
        y = top + height * (1 - value / ticks[-1])
        body.append(line(left, y, left + width, y, class_="grid"))
        body.append(label(f"{value:g}", left - 8, y + 4, class_="muted end num"))
    each = width / len(bins)
    labelled = max(1, -(-len(bins) // 7))
    for k, item in enumerate(bins):
        tall = height * item.clips / ticks[-1]
        told = f"{item.low:g} to {item.high:g} {unit}: {item.clips} clips"
        x = left + k * each
        body.append(
            tag(
                "rect",
                hint(told),
                class_="right bar",
                x=x + 1,
                y=top + height - tall,
                width=each - 2,
                height=tall,
            )
        )
        if k % labelled == 0:
            body.append(label(f"{item.low:g}", x, top + height + 18, class_="muted middle num"))
    x, y = left + width, top + height + 18
    last = bins[-1]
    if len(bins) % labelled == 0 or labelled == 1:
        body.append(label(f"{last.high:g}", x, y, class_="muted middle num"))
    body.append(label(f"{title}, {unit}" if unit else title, left, y + 22, class_="muted"))
    return Picture(
        name=name,
        title=title,
        description=f"Clips by {title.lower()}.",
        width=left + width + 24,
        height=y + 30,
        body="".join(body),
        least_width=300,
    )


def _bar(rows: _Rows, index: int, start: float, end: float, style: str, told: str) -> str:
    thick = rows.height * 0.62
    hollow = 0.75 if "hollow" in style else 0.0
    return tag(
        "rect",
        hint(told),
        class_=style,
        x=rows.x(start) + hollow,
        y=rows.y(index) - thick / 2 + hollow,
        width=max(0.0, rows.x(end) - rows.x(start) - 2 * hollow),
        height=thick - 2 * hollow,
        stroke_width=1.5 if hollow else None,
        pointer_events="all",
    )


def _split_legend(has_val: bool) -> str:
    parts = []
    x = 0
    for style, side in (
        ("spatial bar", "train"),
        ("fusion bar", "val"),
        ("temporal hollow", "test"),
    ):
        if side == "val" and not has_val:
            continue
        hollow = 0.75 if "hollow" in style else 0.0
        parts += [
            tag(
                "rect",
                class_=style,
                x=x + hollow,
                y=2 + hollow,
                width=22 - 2 * hollow,
                height=13 - 2 * hollow,
                stroke_width=1.5 if hollow else None,
            ),
            label(side, x + 30, 13.5),
        ]
        x += 80
    return tag("g", *parts, label("at the end: share that trains", x, 13.5, class_="muted"))
