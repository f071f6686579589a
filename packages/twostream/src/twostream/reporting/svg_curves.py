"""The picture of one stream's training: loss and top-1, phase beside phase."""

from __future__ import annotations

import math
from collections.abc import Callable

from twostream.reporting.facts import RunFacts
from twostream.reporting.svg import Picture, hint, label, line, nice_ticks, number, tag
from twostream.training.history import EpochRecord

PHASES = {"head": "head alone", "all": "all layers"}
WIDTH, HEIGHT, TOP, BOTTOM = 920, 330, 76, 46
PANELS = ((46.0, 450.0), (516.0, 920.0))
GAP = 26
LEAST_TICK_DISTANCE, LEAST_DOT_DISTANCE = 30, 9

Reading = Callable[[EpochRecord], float | None]


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


MEASURES: tuple[tuple[str, Reading, Reading], ...] = (
    # Version 0.1 recorded of training nothing but what was minimised.
    ("Loss", lambda r: r.objective if r.loss is None else r.loss, lambda r: r.validation_loss),
    ("Top-1, %", lambda r: _percent(r.top1), lambda r: _percent(r.validation_top1)),
)


LABEL_MEASURES: tuple[tuple[str, Reading, Reading], ...] = (
    MEASURES[0],
    # Training is not ranked, and the epoch is chosen by mAP.
    (
        "Top-1 in training, mAP in validation, %",
        MEASURES[1][1],
        lambda r: _percent(r.validation_map),
    ),
)


def curves_of(facts: RunFacts) -> list[Picture]:
    """The curves of each stream that trained epochs."""
    drawn = []
    for stream, history in facts.histories.items():
        if history:
            record = facts.records.get(stream)
            drawn.append(
                curves_picture(
                    stream,
                    history,
                    selected_epoch=record.selected_epoch if record else None,
                    blended=bool(record and record.options.get("mixup")),
                )
            )
    return drawn


def curves_picture(
    stream: str,
    records: list[EpochRecord],
    *,
    selected_epoch: int | None = None,
    blended: bool = False,
) -> Picture:
    """Curves over the epochs of both phases; epochs are counted anew in each phase.

    `selected_epoch` is an epoch of phase ``all`` and marked there; None or 0 marks nothing. `blended` says
    that training blended its clips (mixup). Where training was not measured as validation was, the picture
    says so.
    """
    phases = {
        phase: [r for r in records if r.phase == phase]
        for phase in dict.fromkeys(record.phase for record in records)
    }
    validated = any(r.validation_loss is not None for r in records)
    marked = (
        selected_epoch if any(r.epoch == selected_epoch for r in phases.get("all", [])) else None
    )
    unlike = _unlike(records, blended=blended)
    body = [_legend(stream, validated, marked, unlike)]
    of_labels = any(r.validation_map is not None for r in records)
    measures = LABEL_MEASURES if of_labels else MEASURES
    for (left, right), (name, training, validation) in zip(PANELS, measures, strict=True):
        values = [v for r in records for v in (training(r), validation(r)) if _finite(v)]
        ticks = (
            [0.0, 25.0, 50.0, 75.0, 100.0]
            if name.startswith("Top-1")
            else nice_ticks(max((v for v in values if v is not None), default=1.0))
        )
        body.append(label(name, left - 40, TOP - 34, class_="strong"))
        body.append(_y_axis(ticks, left, right))
        for phase, start, end in _spans(phases, left, right):
            scale = _Scale(phases[phase], start, end, ticks[-1])
            body.append(scale.frame(PHASES.get(phase, phase)))
            if phase == "all" and marked:
                x = scale.x(marked)
                body.append(line(x, TOP, x, HEIGHT - BOTTOM, class_="axis", stroke_dasharray="2 3"))
            body.append(scale.curve(training, f"line dashed {stream}", "training"))
            body.append(scale.curve(validation, f"line {stream}", "validation", dots=stream))
    return Picture(
        name=f"curves_{stream}",
        title=f"Training of the {stream} stream",
        description=_description(phases, marked, unlike),
        width=WIDTH,
        height=HEIGHT,
        body="".join(body),
        least_width=680,
    )


class _Scale:
    """Places of one phase's epochs between `start` and `end`, and of values up to `high`."""

    def __init__(self, records: list[EpochRecord], start: float, end: float, high: float) -> None:
        self.records, self.start, self.end, self.high = records, start, end, high
        self.first, self.last = records[0].epoch, records[-1].epoch

    def x(self, epoch: int) -> float:
        inner_start, inner_end = self.start + 7, self.end - 7
        if self.last == self.first:
            return (inner_start + inner_end) / 2
        return inner_start + (inner_end - inner_start) * (epoch - self.first) / (
            self.last - self.first
        )

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * min(value, self.high) / self.high

    def frame(self, name: str) -> str:
        middle = (self.start + self.end) / 2
        parts = [
            line(self.start, TOP - 8, self.end, TOP - 8, class_="rule"),
            label(name, middle, TOP - 15, class_="muted middle"),
            line(self.start, HEIGHT - BOTTOM, self.end, HEIGHT - BOTTOM, class_="axis"),
        ]
        for epoch in self._epoch_ticks():
            x = self.x(epoch)
            parts.append(line(x, HEIGHT - BOTTOM, x, HEIGHT - BOTTOM + 4, class_="axis"))
            parts.append(label(str(epoch), x, HEIGHT - BOTTOM + 19, class_="muted middle num"))
        parts.append(label("epoch", middle, HEIGHT - 8, class_="muted middle"))
        return tag("g", *parts)

    def _epoch_ticks(self) -> list[int]:
        """The first and the last epoch, and round ones where there is room."""
        epochs = [r.epoch for r in self.records]
        room = max(2, int((self.end - self.start) / 44))
        if len(epochs) <= room:
            round_ones = epochs
        else:
            round_ones = [int(t) for t in nice_ticks(self.last, room - 1) if t.is_integer()]
        kept = [self.first]
        for epoch in [e for e in round_ones if self.first < e < self.last]:
            free = self.x(epoch) - self.x(kept[-1]), self.x(self.last) - self.x(epoch)
            if min(free) >= LEAST_TICK_DISTANCE:
                kept.append(epoch)
        return kept if self.last == self.first else [*kept, self.last]

    def curve(self, reading: Reading, kind: str, name: str, dots: str = "") -> str:
        points = [(r.epoch, v) for r in self.records for v in (reading(r),) if v is not None]
        points = [(epoch, value) for epoch, value in points if math.isfinite(value)]
        if not points:
            return ""
        places = " ".join(f"{number(self.x(e))},{number(self.y(v))}" for e, v in points)
        # A single epoch is a point, which a line does not show.
        marked = dots or (kind.split()[-1] if len(points) == 1 else "")
        spacing = (self.end - self.start) / len(points)
        radius, edge = (3.0, " dot") if spacing >= LEAST_DOT_DISTANCE else (1.2, "")
        return tag("polyline", class_=kind, points=places) + "".join(
            tag(
                "circle",
                hint(f"{name}, epoch {epoch}: {value:.3g}"),
                class_=f"{marked}{edge}",
                cx=self.x(epoch),
                cy=self.y(value),
                r=radius,
            )
            for epoch, value in points
            if marked
        )


def _spans(
    phases: dict[str, list[EpochRecord]], left: float, right: float
) -> list[tuple[str, float, float]]:
    """Each phase's share of a panel; the head gets less than all layers."""
    weights = {phase: 2.0 if phase == "head" else 3.0 for phase in phases}
    room = right - left - GAP * (len(phases) - 1)
    spans = []
    for phase, weight in weights.items():
        width = room * weight / sum(weights.values())
        spans.append((phase, left, left + width))
        left += width + GAP
    return spans


def _y_axis(ticks: list[float], left: float, right: float) -> str:
    parts = []
    for tick in ticks:
        y = HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * tick / ticks[-1]
        parts.append(line(left, y, right, y, class_="grid"))
        parts.append(label(f"{tick:g}", left - 8, y + 4.5, class_="muted end num"))
    return tag("g", *parts)


def _unlike(records: list[EpochRecord], *, blended: bool) -> str:
    """In what training was measured otherwise than validation; empty where it was not."""
    if any(r.loss is None for r in records):
        return "its loss with penalties: not to be compared"
    return "blended clips in phase “all layers”" if blended else ""


def _legend(stream: str, validated: bool, marked: int | None, unlike: str) -> str:
    training = f"training ({unlike})" if unlike else "training"
    parts = [
        line(6, 10, 40, 10, class_=f"line dashed {stream}"),
        label(training, 48, 14.5),
    ]
    x = 126.0 + (7 * (len(training) - len("training")))
    if validated:
        parts.append(line(x, 10, x + 34, 10, class_=f"line {stream}"))
        parts.append(tag("circle", class_=f"{stream} dot", cx=x + 17, cy=10, r=3))
        parts.append(label("validation", x + 42, 14.5))
        x += 136
    if marked:
        parts.append(line(x, 2, x, 18, class_="axis", stroke_dasharray="2 3"))
        parts.append(label(f"epoch used ({marked})", x + 10, 14.5))
    return tag("g", *parts)


def _description(phases: dict[str, list[EpochRecord]], marked: int | None, unlike: str) -> str:
    ends = [
        f"{PHASES.get(phase, phase)}: {len(records)} logged epochs, last training loss "
        f"{_told(MEASURES[0][1](records[-1]))}, top-1 {_told(MEASURES[1][1](records[-1]), '.1f')} %"
        for phase, records in phases.items()
    ]
    if unlike:
        ends.append(f"training: {unlike}")
    return "; ".join([*ends, f"epoch used: {marked}"] if marked else ends)


def _told(value: float | None, form: str = ".3g") -> str:
    return "unknown" if value is None else format(value, form)


def _finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
