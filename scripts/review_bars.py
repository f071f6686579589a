"""What a second look finds: faulty labels of recordings that networks know nothing of but the actions.

Usage: make timelines; python scripts/review_bars.py [--timelines build/timelines] [--seeds 0,1,2]
       [--pictures docs/images]

The networks of `make timelines` have learnt from other people in other rooms; they have looked at a
recording of ten minutes of each seed. Of its labels, of which it is known what they should be, 15 % are
missing, 15 % have a wrong label, of 15 % an end is 0.7 to 1.5 s off, and all ends are off by up to a tenth
of a second. Faulty is a stretch of at least three tenths of a second whose label is not the true one. Told
is which share of the faulty seconds a person sees who watches for one, two or three minutes, half a second
around each stretch included, the mean of twenty drawings of faults: in the order of `review`; of stretches
against the labels by their doubt alone; of what the network is unsure of by itself; of stretches as long in
a random order; and if the faults were known. Takes a minute, and no network is asked.
"""

from __future__ import annotations

import argparse
import random
import statistics
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from twostream.lab.generated.recordings import script_of, truth_of
from twostream.reporting.svg import Picture, label, line, shorten, tag
from twostream.timelines.bouts import Bout
from twostream.timelines.intervals import Interval, intervals_from
from twostream.timelines.options import TimelineOptions
from twostream.timelines.review import AGAINST, SecondLook, second_looks
from twostream.timelines.window_scores import WindowScores
from twostream.training.bundle import StreamBundle, read_bundle

SECONDS, GRID_S, AROUND_S = 600.0, 0.1, 0.5
MISSING = WRONG = SHIFTED = 0.15
OFF_S, BLURRED_S = (0.7, 1.5), 0.1
LEAST_CELLS = 3
DRAWINGS, RANDOM_ORDERS = 20, 20
MINUTES = (1, 2, 3)
SHOWN_S = (0.0, 60.0)
GAP, TEXT_PX = 1.5, 13.0
Part = tuple[float, float]


def in_a_hurry(truth: Sequence[Interval], names: Sequence[str], rng: random.Random) -> list[Bout]:
    """The labels of somebody in a hurry; none overlaps another one."""
    found: list[Bout] = []
    for one in truth:
        chance, name, start, end = rng.random(), one.label, one.start_s, one.end_s
        if chance < MISSING:
            continue
        if chance < MISSING + WRONG:
            name = rng.choice([other for other in names if other != name])
        elif chance < MISSING + WRONG + SHIFTED:
            by = rng.choice((-1, 1)) * rng.uniform(*OFF_S)
            start, end = (start + by, end) if rng.random() < 0.5 else (start, end + by)
        start += rng.uniform(-BLURRED_S, BLURRED_S)
        end += rng.uniform(-BLURRED_S, BLURRED_S)
        start = max(start, found[-1].end_s if found else 0.0)
        end = min(end, SECONDS)
        if end - start >= LEAST_CELLS * GRID_S:
            found.append(Bout("", "", start, end, name))
    return found


def lane(some: Sequence[Bout] | Sequence[Interval]) -> list[str]:
    """The label of every tenth of a second; empty where there is none."""
    found = [""] * round(SECONDS / GRID_S)
    for one in some:
        for k in range(max(0, round(one.start_s / GRID_S)), round(one.end_s / GRID_S)):
            found[k] = one.label
    return found


def faulty_parts(truth: Sequence[Interval], labels: Sequence[Bout]) -> list[list[int]]:
    """The stretches, by tenths of a second, whose label is not the true one, without the shortest."""
    runs: list[list[int]] = []
    for k, (one, other) in enumerate(zip(lane(truth), lane(labels), strict=True)):
        if one == other:
            continue
        if runs and runs[-1][-1] == k - 1:
            runs[-1].append(k)
        else:
            runs.append([k])
    return [run for run in runs if len(run) >= LEAST_CELLS]


def watched(parts: Sequence[Part], budget_s: float) -> set[int]:
    """The tenths of a second that are seen of stretches in their order, in so many seconds."""
    seen: set[int] = set()
    last = round(SECONDS / GRID_S)
    for start, end in parts:
        first = max(0, round((start - AROUND_S) / GRID_S))
        for k in range(first, min(last, round((end + AROUND_S) / GRID_S))):
            if len(seen) * GRID_S >= budget_s:
                return seen
            seen.add(k)
    return seen


def parts_of(looks: Sequence[SecondLook]) -> list[Part]:
    """Where they are."""
    return [(one.start_s, one.end_s) for one in looks]


def at_random(parts: Sequence[Part], rng: random.Random) -> list[Part]:
    """Stretches as long as those, anywhere."""
    lengths = [end - start for start, end in parts]
    found = []
    for _ in range(round(SECONDS)):
        length = rng.choice(lengths)
        start = rng.uniform(0.0, SECONDS - length)
        found.append((start, start + length))
    return found


def read_scores(folder: Path, bundle: StreamBundle) -> WindowScores:
    """What the networks said of a recording, as `make timelines` keeps it."""
    kept = np.load(folder / "scores.npz")
    streams = {name: kept[name] for name in ("spatial", "temporal", "fused")}
    return WindowScores(
        class_names=bundle.classes,
        windows_s=kept["windows"],
        background=bundle.background,
        agreement=True,
        **streams,
    )


def measured(
    seed: int, scores: WindowScores, intervals: Sequence[Interval], budgets_s: Sequence[float]
) -> tuple[float, dict[str, list[float]]]:
    """The faulty seconds of one recording, and by order which share of them is seen within each budget."""
    truth = truth_of(script_of(seed=seed, number=1, seconds=SECONDS))
    names = [name for name in scores.class_names if name != scores.background]
    as_found = [Bout("", "", one.start_s, one.end_s, one.label) for one in intervals]
    own = parts_of(second_looks(scores, intervals, as_found))
    seconds: list[float] = []
    shares: dict[str, list[list[float]]] = {}
    for drawing in range(DRAWINGS):
        rng = random.Random(1000 * seed + drawing)
        labels = in_a_hurry(truth, names, rng)
        runs = faulty_parts(truth, labels)
        faulty = {k for run in runs for k in run}
        seconds.append(len(faulty) * GRID_S)
        looks = second_looks(scores, intervals, labels)
        against = [one for one in looks if one.reason == AGAINST]
        known = [(run[0] * GRID_S, (run[-1] + 1) * GRID_S) for run in runs]
        orders = {
            "review": [parts_of(looks)],
            "against the labels, by doubt alone": [
                parts_of(sorted(against, key=lambda one: -one.doubt))
            ],
            "what the network is unsure of": [own],
            "random": [at_random(parts_of(looks), rng) for _ in range(RANDOM_ORDERS)],
            "if the faults were known": [sorted(known, key=lambda p: p[0] - p[1])],
        }
        for name, some in orders.items():
            means = [
                statistics.mean(len(faulty & watched(parts, budget)) for parts in some)
                / max(1, len(faulty))
                for budget in budgets_s
            ]
            shares.setdefault(name, []).append(means)
    return statistics.mean(seconds), {
        name: [statistics.mean(column) for column in zip(*rows, strict=True)]
        for name, rows in shares.items()
    }


def curves(shares: dict[str, list[float]], budgets_s: Sequence[float]) -> Picture:
    """The share of faulty seconds that is seen, by the minutes that are watched."""
    left, width, height, top = 56.0, 520.0, 240.0, 12.0
    styles = {
        "if the faults were known": "axis line dashed",
        "review": "fusion line",
        "what the network is unsure of": "temporal line",
        "random": "spatial line",
    }
    longest = budgets_s[-1]
    parts = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = top + height * (1 - share)
        parts.append(line(left, y, left + width, y, class_="grid"))
        parts.append(label(f"{share:.0%}", left - 8, y + 4, class_="muted end"))
    for minute in range(round(longest / 60) + 1):
        x = left + width * minute * 60 / longest
        parts.append(label(f"{minute}", x, top + height + 20, class_="muted middle"))
    parts.append(
        label("minutes watched of ten", left + width / 2, top + height + 42, class_="muted middle")
    )
    for name, style in styles.items():
        points = [(0.0, 0.0), *zip(budgets_s, shares[name], strict=True)]
        drawn = " ".join(
            f"{left + width * t / longest:.1f},{top + height * (1 - s):.1f}" for t, s in points
        )
        parts.append(tag("polyline", points=drawn, class_=style, style="fill: none"))
        y = top + height * (1 - shares[name][-1]) + 4
        parts.append(label(name, left + width + 10, y))
    return Picture(
        name="review",
        title="Faulty seconds that are seen, by the minutes that are watched",
        description="; ".join(f"{n}: {shares[n][-1]:.0%} in {longest / 60:g} min" for n in styles),
        width=left + width + 220,
        height=top + height + 50,
        body="".join(parts),
    )


def lanes(seed: int, scores: WindowScores, intervals: Sequence[Interval]) -> Picture:
    """A minute of labels in a hurry, what the networks find, and the stretches in their order."""
    truth = truth_of(script_of(seed=seed, number=1, seconds=SECONDS))
    names = [name for name in scores.class_names if name != scores.background]
    labels = in_a_hurry(truth, names, random.Random(1000 * seed))
    looks = second_looks(scores, intervals, labels)
    left, width, height = 130.0, 1100.0, 30.0
    begin, end = SHOWN_S

    def x_of(time_s: float) -> float:
        return left + width * (min(max(time_s, begin), end) - begin) / (end - begin)

    parts = []
    rows: tuple[tuple[str, str, Sequence[Bout] | Sequence[Interval]], ...] = (
        ("a careful person", "right", truth),
        ("in a hurry", "spatial", labels),
        ("the networks", "temporal", intervals),
    )
    for row, (name, style, some) in enumerate(rows):
        y = row * (height + 8)
        parts.append(label(name, left - 10, y + 20, class_="end"))
        for one in some:
            if one.start_s >= end or one.end_s <= begin:
                continue
            x, last = x_of(one.start_s), x_of(one.end_s)
            sizes = {"x": x, "y": y, "width": max(last - x - GAP, 1.0), "height": height}
            parts.append(tag("rect", class_=f"{style} bar", fill_opacity="0.25", **sizes))
            shown = shorten(one.label.replace("_", " "), TEXT_PX, last - x - 8)
            if len(shown) > 2:
                parts.append(label(shown, x + 5, y + 20))
    y = len(rows) * (height + 8) + 6
    parts.append(label("second look", left - 10, y + 20, class_="end"))
    for place, one in enumerate(looks, start=1):
        if one.reason != AGAINST or one.start_s >= end or one.end_s <= begin:
            continue
        x, last = x_of(one.start_s), x_of(one.end_s)
        sizes = {"x": x, "y": y, "width": max(last - x - GAP, 1.5), "height": height}
        parts.append(tag("rect", class_="fusion bar", fill_opacity="0.35", **sizes))
        if last - x > 20:
            parts.append(label(f"{place}", (x + last) / 2, y + 20, class_="middle strong"))
    for second in range(round(begin), round(end) + 1, 10):
        x = x_of(second)
        parts.append(line(x, 0, x, y + height, class_="grid"))
        parts.append(label(f"{second} s", x, y + height + 18, class_="muted middle"))
    return Picture(
        name="second-looks",
        title="A minute of labels, what networks find, and where to look again first",
        description=f"the stretches of ten minutes in their order, of which there are {len(looks)}",
        width=left + width + 20,
        height=y + height + 26,
        body="".join(parts),
    )


def main() -> None:
    """Print a table a seed and the means, and draw both pictures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--timelines", type=Path, default=Path("build/timelines"))
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--pictures", type=Path)
    asked = parser.parse_args()
    bundle = read_bundle(asked.timelines / "run" / "spatial")
    shortest = None if bundle.sources is None else bundle.sources.shortest_s
    options = TimelineOptions()
    options = replace(options, shortest_s=options.shortest(shortest))
    steps = [60.0 * minute for minute in MINUTES]
    fine = [10.0 * k for k in range(1, round(steps[-1] / 10) + 1)]
    every: dict[str, list[list[float]]] = {}
    seeds = [int(seed) for seed in asked.seeds.split(",")]
    for seed in seeds:
        scores = read_scores(asked.timelines / f"seed{seed}", bundle)
        intervals = intervals_from(scores, options)
        seconds, shares = measured(seed, scores, intervals, fine)
        print(f"seed {seed}: {seconds:.0f} of {SECONDS:g} s are faulty; of these are seen")
        for name, values in shares.items():
            cells = ", ".join(f"{values[fine.index(t)]:.1%} in {t / 60:g} min" for t in steps)
            print(f"  {name}: {cells}")
            every.setdefault(name, []).append(values)
    if asked.pictures is not None:
        means = {
            name: [statistics.mean(column) for column in zip(*rows, strict=True)]
            for name, rows in every.items()
        }
        first = read_scores(asked.timelines / f"seed{seeds[0]}", bundle)
        for picture in (
            curves(means, fine),
            lanes(seeds[0], first, intervals_from(first, options)),
        ):
            path = asked.pictures / f"{picture.name}.svg"
            path.write_text(picture.standalone(), encoding="utf-8")


if __name__ == "__main__":
    main()
