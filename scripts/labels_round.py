"""The round of a labeller: faulty labels in ELAN, a training, a second look, corrections, a training again.

Usage: python scripts/labels_round.py [--out build/labels-round] [--seeds 0,1,2] [--seconds 40]
       [--picture docs/images/labels-round.svg]

Everything is generated, so that it is known what a careful person would have labelled. For each seed other
recordings of ten are unseen, and other labels have faults:

1. Recordings of an actor, each of another one in another room, labelled in ELAN by somebody in a hurry: of
   the intervals a quarter is missing, a quarter has a wrong label, and the ends of all others are up to
   half a second off.
2. A run of both streams on these labels, with a class of what is unlabelled.
3. `review` of every labelled recording. A person looks at as many seconds as a quarter of the recordings
   lasts, first at what is ranked first, and corrects what is wrong there; told is how many of the faulty
   seconds that finds, beside a random order of the same stretches of time (the mean of a hundred).
4. A recording that nobody labelled is predicted into a BORIS project, and corrected there by hand.
5. A run on the corrected labels of both tools; the backbone is frozen, so that it starts as the first did.
6. Both runs on recordings that neither has seen, against the truth: Cohen's kappa by frames and by bouts,
   and the share of right frames.

The table goes to OUT/round.json and the terminal; the picture shows both runs, seed by seed.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import twostream
from twostream.datasets.manifest import read_manifest
from twostream.lab.generated.recordings import film, recording_name, script_of, write_recording
from twostream.labelling.writers.written import WrittenSegment, WrittenVideo
from twostream.labelling.writing import write_labels
from twostream.reporting.svg import Picture, label, line, tag

CLASSES = ("march", "flap_arms", "bow", "swing_basketball")
SIDE_PX, FPS = 64, 25.0
RECORDINGS, LABELLED, UNSEEN = 10, 6, 2
SEED = 1000
MISSING, WRONG, LATE_S = 0.25, 0.25, 0.5
LOOKED_AT = 0.25
RANDOM_ORDERS = 100
GRID_S = 0.1
SETTINGS: dict[str, Any] = {
    "flow": "dis",
    "background": "largest",
    "backbone": "EfficientNetLite0",
    "epochs": 0,
    "size": 96,
    "protocols": "one-frame",
    "fusion": "average",
}

Part = tuple[float, float]


@dataclass(frozen=True)
class Stage:
    """Where the recordings are, and what happens in them."""

    seconds: float
    videos: Path

    def truth(self, number: int) -> list[WrittenSegment]:
        """What a careful person would label in a recording."""
        script = script_of(seed=SEED, number=number, seconds=self.seconds, classes=CLASSES)
        return [WrittenSegment(a.label, a.start_s, a.end_s) for a in script if a.label is not None]

    def film(self, number: int) -> Path:
        """The recording, rendered if it is not there."""
        target = self.videos / recording_name(number)
        if not target.exists():
            script = script_of(seed=SEED, number=number, seconds=self.seconds, classes=CLASSES)
            size = {"width_px": SIDE_PX, "height_px": SIDE_PX}
            write_recording(target, film(script, seed=SEED, number=number, **size))
        return target

    def video(self, number: int) -> WrittenVideo:
        """The facts of a recording, as labels need them."""
        name, frames = recording_name(number), round(self.seconds * FPS)
        return WrittenVideo(name, FPS, frames, self.seconds, SIDE_PX, SIDE_PX)


def in_a_hurry(truth: Sequence[WrittenSegment], rng: random.Random) -> list[WrittenSegment]:
    """The labels of somebody in a hurry; none overlaps another one."""
    found: list[WrittenSegment] = []
    for one in truth:
        chance = rng.random()
        if chance < MISSING:
            continue
        named = one.label
        if chance < MISSING + WRONG:
            named = rng.choice([name for name in CLASSES if name != one.label])
        start, end = (
            round(time_s + rng.uniform(-LATE_S, LATE_S), 3) for time_s in (one.start_s, one.end_s)
        )
        start = max(start, found[-1].end_s if found else 0.0)
        if end - start >= 0.6:
            found.append(WrittenSegment(named, start, end))
    return found


def label_at(segments: Sequence[WrittenSegment], time_s: float) -> str:
    """The label that holds at a moment; empty where none does."""
    return next((one.label for one in segments if one.start_s <= time_s < one.end_s), "")


def moments(seconds: float) -> list[float]:
    """Moments a tenth of a second apart."""
    return [(k + 0.5) * GRID_S for k in range(round(seconds / GRID_S))]


def corrected(
    labels: Sequence[WrittenSegment], truth: Sequence[WrittenSegment], looked_at: Sequence[Part]
) -> list[WrittenSegment]:
    """The labels, but for the parts that were looked at, in which they are the true ones."""
    cut: list[WrittenSegment] = list(labels)
    for start, end in looked_at:
        kept: list[WrittenSegment] = []
        for one in cut:
            if one.end_s <= start or one.start_s >= end:
                kept.append(one)
                continue
            if one.start_s < start:
                kept.append(replace(one, end_s=start))
            if one.end_s > end:
                kept.append(replace(one, start_s=end))
        for one in truth:
            begin, finish = max(one.start_s, start), min(one.end_s, end)
            if finish > begin:
                kept.append(WrittenSegment(one.label, begin, finish))
        cut = kept
    return joined(cut)


def joined(segments: Sequence[WrittenSegment]) -> list[WrittenSegment]:
    """Segments of one label that touch, as one; what is left of less than a quarter of a second goes."""
    found: list[WrittenSegment] = []
    for one in sorted(segments, key=lambda one: one.start_s):
        last = found[-1] if found else None
        if last is not None and last.label == one.label and one.start_s <= last.end_s + 0.05:
            found[-1] = replace(last, end_s=max(last.end_s, one.end_s))
        else:
            found.append(one)
    return [one for one in found if one.end_s - one.start_s >= 0.25]


def taken(parts: Sequence[Part], budget_s: float) -> list[Part]:
    """Parts in their order until so many seconds are looked at; a person sees half a second around each."""
    seen: set[int] = set()
    for start, end in parts:
        for k in range(max(0, round((start - 0.5) / GRID_S)), round((end + 0.5) / GRID_S)):
            if len(seen) * GRID_S >= budget_s:
                break
            seen.add(k)
    ordered, found = sorted(seen), list[Part]()
    for k in ordered:
        if found and abs(found[-1][1] - k * GRID_S) < GRID_S / 2:
            found[-1] = (found[-1][0], (k + 1) * GRID_S)
        else:
            found.append((k * GRID_S, (k + 1) * GRID_S))
    return found


def share_found(faulty: set[int], looked_at: Sequence[Part]) -> float:
    """The share of faulty moments that lie in the parts that were looked at."""
    seen = {k for a, b in looked_at for k in range(round(a / GRID_S), round(b / GRID_S))}
    return len(faulty & seen) / max(1, len(faulty))


def go_round(seed: int, out: Path, stage: Stage) -> dict[str, Any]:
    """One seed: both runs, and what is told of them."""
    rng, seconds = random.Random(seed), stage.seconds
    numbers = [(UNSEEN * seed + k) % RECORDINGS + 1 for k in range(RECORDINGS)]
    unseen, labelled, new = numbers[:UNSEEN], numbers[UNSEEN:][:LABELLED], numbers[-1]
    labels = out / "labels"
    if (
        labels.exists()
    ):  # of an earlier round: what was corrected in it is not known at the beginning
        shutil.rmtree(labels)
    labels.mkdir(parents=True)
    first: dict[int, list[WrittenSegment]] = {}
    for number in labelled:
        first[number] = in_a_hurry(stage.truth(number), rng)
        _write(labels, number, first[number], stage)
    settings = {**SETTINGS, "videos": stage.videos, "seed": seed}
    before = out / "run-before"
    twostream.run(labels, out=before, **settings)
    by_review: list[float] = []
    by_chance: list[float] = []
    for number in labelled:
        truth, video = stage.truth(number), stage.videos / recording_name(number)
        faulty = {
            k
            for k, time_s in enumerate(moments(seconds))
            if label_at(truth, time_s) != label_at(first[number], time_s)
        }
        eaf = labels / f"recording_{number:02d}.eaf"
        looks = twostream.review(before, video, labels=eaf, most=1000, rate=4).looks
        ranked = [(one.start_s, one.end_s) for one in looks]
        # What nothing is said of comes last, from the beginning to the end.
        looked_at = taken([*ranked, (0.0, seconds)], LOOKED_AT * seconds)
        by_review.append(share_found(faulty, looked_at))
        by_chance.append(_by_chance(faulty, ranked, seconds, rng))
        _write(labels, number, corrected(first[number], truth, looked_at), stage)
    project = labels / "corrected.boris"
    project.unlink(missing_ok=True)
    video = stage.videos / recording_name(new)
    twostream.predict(before, str(video), timeline=True, to="boris", labels=project)
    correct_in_boris(project, stage.truth(new))
    after = out / "run-after"
    twostream.run(labels, out=after, **settings)
    told: dict[str, Any] = {
        "faulty_found_by_review": statistics.mean(by_review),
        "faulty_found_by_chance": statistics.mean(by_chance),
        "clips": {name: len(read_manifest(run / "data").rows) for name, run in _runs(out)},
    }
    judged = out / "judged.csv"
    rows = [
        f"{recording_name(number)},{one.start_s},{one.end_s},{one.label}"
        for number in unseen
        for one in stage.truth(number)
    ]
    judged.write_text("\n".join(["video,start_s,end_s,label", *rows]) + "\n", encoding="utf-8")
    films = [str(stage.videos / recording_name(number)) for number in unseen]
    for name, run in _runs(out):
        table = out / f"{name}.csv"
        found = twostream.predict(run, *films, timeline=True, intervals=table)
        told[name] = {"frames": 0.0, "bouts": 0.0}  # who says nothing agrees by chance alone
        if any(one.intervals for one in found):
            bouts = twostream.bouts(table, videos=stage.videos, against=judged, out=out / name)
            told[name] = {unit: one.kappa for unit, one in bouts.agreements.items()}
        told[name]["right_frames"] = _right(found, stage, unseen)
    return told


def _runs(out: Path) -> list[tuple[str, Path]]:
    return [("before", out / "run-before"), ("after", out / "run-after")]


def _write(labels: Path, number: int, segments: Sequence[WrittenSegment], stage: Stage) -> None:
    path = labels / f"recording_{number:02d}.eaf"
    path.unlink(missing_ok=True)
    write_labels(path, list(segments), "elan", stage.video(number))


def _by_chance(
    faulty: set[int], ranked: Sequence[Part], seconds: float, rng: random.Random
) -> float:
    """The same share where stretches of the same lengths lie anywhere, in any order."""
    lengths = [end - start for start, end in ranked] or [1.0]
    shares = []
    for _ in range(RANDOM_ORDERS):
        parts = []
        for _ in range(max(len(lengths), 40)):
            length = rng.choice(lengths)
            start = rng.uniform(0.0, max(0.0, seconds - length))
            parts.append((start, start + length))
        shares.append(share_found(faulty, taken([*parts, (0.0, seconds)], LOOKED_AT * seconds)))
    return statistics.mean(shares)


def _right(found: Sequence[Any], stage: Stage, numbers: Sequence[int]) -> float:
    """The share of moments with the right label, background among them."""
    right = total = 0
    for number, prediction in zip(numbers, found, strict=True):
        truth = stage.truth(number)
        told = [WrittenSegment(i.label, i.start_s, i.end_s) for i in prediction.intervals]
        for time_s in moments(stage.seconds):
            right += label_at(truth, time_s) == label_at(told, time_s)
            total += 1
    return right / total


def correct_in_boris(project: Path, truth: Sequence[WrittenSegment]) -> None:
    """Do in the BORIS project what a person does: replace wrong events by right ones."""
    content = json.loads(project.read_text(encoding="utf-8"))
    (observation,) = content["observations"].values()
    observation["events"] = sorted(
        [time_s, "", one.label, "", ""]
        for one in truth
        for time_s in (round(one.start_s, 3), round(one.end_s, 3))
    )
    known = {one["code"] for one in content["behaviors_conf"].values()}
    for name in sorted({event[2] for event in observation["events"]} - known):
        like = next(iter(content["behaviors_conf"].values()))
        key = str(len(content["behaviors_conf"]))
        content["behaviors_conf"][key] = {**like, "code": name}
    project.write_text(json.dumps(content), encoding="utf-8")


def picture(results: dict[int, dict[str, Any]]) -> Picture:
    """Kappa by frames of both runs, and what a second look found, a row a seed."""
    left, plot, row, top = 110.0, 330.0, 44.0, 64.0
    panels = (
        ("Kappa with the truth, by frames", "before", "after", lambda one, k: one[k]["frames"]),
        (
            "Share of faulty seconds found",
            "by chance",
            "by review",
            lambda one, k: one[f"faulty_found_by_{k[3:]}"],
        ),
    )
    parts = []
    for index, (title, low, high, reading) in enumerate(panels):
        x0 = left + index * (plot + 90)
        parts.append(label(title, x0, 16, class_="strong"))
        for share in (0, 0.25, 0.5, 0.75, 1):
            x = x0 + plot * share
            parts.append(line(x, top - 10, x, top + row * len(results), class_="grid"))
            parts.append(
                label(f"{share:g}", x, top + row * len(results) + 18, class_="muted middle")
            )
        for place, (seed, one) in enumerate(results.items()):
            y = top + row * (place + 0.5) - 5
            if index == 0:
                parts.append(label(f"seed {seed}", left - 14, y + 5, class_="end"))
            a, b = (max(0.0, reading(one, name) or 0.0) for name in (low, high))
            xa, xb = x0 + plot * a, x0 + plot * b
            parts.append(line(xa, y, xb, y, class_="axis"))
            for x, kind in ((xa, "spatial"), (xb, "fusion")):
                parts.append(tag("circle", class_=f"{kind} dot", cx=x, cy=y, r=6))
        for k, (name, kind) in enumerate(((low, "spatial"), (high, "fusion"))):
            parts.append(tag("circle", class_=f"{kind} dot", cx=x0 + 6 + 110 * k, cy=34, r=6))
            parts.append(label(name, x0 + 18 + 110 * k, 38.5))
    return Picture(
        name="labels-round",
        title="A round of labelling: before and after corrections",
        description="; ".join(
            f"seed {seed}: kappa by frames {one['before']['frames']:.2f} before and "
            f"{one['after']['frames']:.2f} after"
            for seed, one in results.items()
        ),
        width=left + 2 * plot + 110,
        height=top + row * len(results) + 34,
        body="".join(parts),
    )


def main() -> None:
    """Go round once for each seed, and tell the means."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("build/labels-round"))
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--picture", type=Path)
    asked = parser.parse_args()
    stage = Stage(asked.seconds, asked.out / "videos")
    with ProcessPoolExecutor() as pool:
        list(pool.map(stage.film, range(1, RECORDINGS + 1)))
    results: dict[int, dict[str, Any]] = {}
    for seed in map(int, asked.seeds.split(",")):
        began, used = time.monotonic(), time.process_time()
        results[seed] = one = go_round(seed, asked.out / f"seed-{seed}", stage)
        print(
            f"seed {seed}: clips {one['clips']['before']} and {one['clips']['after']}; of the faulty "
            f"seconds review finds {one['faulty_found_by_review']:.0%}, chance "
            f"{one['faulty_found_by_chance']:.0%}; "
            + "; ".join(
                f"{name} kappa by frames {one[name]['frames']}, by bouts {one[name]['bouts']}, frames "
                f"right {one[name]['right_frames']:.1%}"
                for name in ("before", "after")
            )
            + f" ({time.monotonic() - began:.0f} s, {time.process_time() - used:.0f} s of this process)",
            flush=True,
        )
    (asked.out / "round.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    gains = [
        one["after"]["right_frames"] - one["before"]["right_frames"] for one in results.values()
    ]
    print(f"frames right, after less before: {100 * statistics.mean(gains):+.1f} points, the mean")
    if asked.picture is not None:
        asked.picture.write_text(picture(results).standalone(), encoding="utf-8")


if __name__ == "__main__":
    main()
