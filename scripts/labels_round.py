"""The round of a labeller: faulty labels in ELAN, a training, a second look, corrections, a training again.

Usage: python scripts/labels_round.py [--networks build/timelines/run] [--out build/labels-round]
       [--seeds 0,1,2]

Starts from the networks of `make timelines`, which know the actions from other people in other rooms. All
is generated, so that it is known what a careful person would have labelled. For each seed other recordings
are unseen, and other labels have faults:

1. Six recordings of 40 s, each of another actor in another room, labelled in ELAN by somebody in a hurry:
   of the actions a quarter is missing, a quarter has a wrong label, and of a quarter an end is 0.7 to 1.5 s
   off.
2. A run over two folds on these labels, from the networks, with a class of all that is unlabelled.
3. `review` of all of them, each by the networks that have not learnt from it. A person looks at 60 of the
   240 s, first at what is ranked first, and corrects what is wrong there; told is how many of the faulty
   seconds that finds, beside the same stretches in a random order and place (the mean of a hundred).
4. A recording that nobody labelled is predicted into a BORIS project, and corrected there by hand.
5. A run of the first fold on the corrected labels of both tools, from what the first run had learnt of it.
6. A run of the first fold on what a careful person would have labelled in all of the recordings, from the
   same networks as the first run: what clean labels give.
7. All runs on three recordings that none has seen, against the truth: right frames, F1@50, and Cohen's
   kappa by frames and by bouts. Beside them the networks that all began with.

The table goes to OUT/round.json and the terminal. 60 to 90 seconds of a processor a seed.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import twostream
from twostream.datasets.manifest import read_manifest
from twostream.evaluation.timeline_measures import measure_timelines
from twostream.lab.generated.recordings import film, script_of, write_recording
from twostream.labelling.writers.written import WrittenSegment, WrittenVideo
from twostream.labelling.writing import write_labels
from twostream.timelines.intervals import Interval
from twostream.timelines.measures import Recording

SIDE_PX, FPS, SECONDS = 64, 25.0, 40.0
LABELLED, UNSEEN = 6, 3
RECORDINGS = LABELLED + UNSEEN + 1
SEED = 1000
MISSING = WRONG = SHIFTED = 0.25
OFF_S = (0.7, 1.5)
LOOKED_AT_S = 60.0
TOLD_S = (30.0, LOOKED_AT_S)
RANDOM_ORDERS = 100
GRID_S = 0.1
# How the networks of `make timelines` see clips; how far they go on is left to the clips, as for anybody.
SETTINGS: dict[str, Any] = {
    "flow": "dis",
    "background": "all",
    "folds": 2,
    "batch_size": 32,
    "samples_per_clip": 3,
    "segments": 1,
    "dropout": 0.3,
    "smallest_crop": 0.8,
    "validation_fraction": 0.0,
    "label_smoothing": 0.05,
    "size": 56,
    "protocols": "one-frame",
}

Part = tuple[int, float, float]  # number of the recording, start and end in seconds
Cells = set[tuple[int, int]]  # numbers of recordings and of tenths of a second in them


def name_of(number: int) -> str:
    """The file of a recording."""
    return f"person_{number:02d}.mp4"


@dataclass(frozen=True)
class Stage:
    """Where the recordings are, and what happens in them."""

    videos: Path

    def truth(self, number: int) -> list[WrittenSegment]:
        """What a careful person would label in a recording."""
        script = script_of(seed=SEED, number=number, seconds=SECONDS)
        return [WrittenSegment(a.label, a.start_s, a.end_s) for a in script if a.label is not None]

    def path(self, number: int) -> Path:
        """The recording, rendered if it is not there."""
        target = self.videos / name_of(number)
        if not target.exists():
            script = script_of(seed=SEED, number=number, seconds=SECONDS)
            size = {"width_px": SIDE_PX, "height_px": SIDE_PX}
            write_recording(target, film(script, seed=SEED, number=number, **size))
        return target

    def write(self, labels: Path, number: int, segments: Sequence[WrittenSegment]) -> None:
        """Label a recording in ELAN."""
        path = labels / f"{Path(name_of(number)).stem}.eaf"
        path.unlink(missing_ok=True)
        frames = round(SECONDS * FPS)
        video = WrittenVideo(name_of(number), FPS, frames, SECONDS, SIDE_PX, SIDE_PX)
        write_labels(path, list(segments), "elan", video)


def in_a_hurry(truth: Sequence[WrittenSegment], rng: random.Random) -> list[WrittenSegment]:
    """The labels of somebody in a hurry; none overlaps another one."""
    names = sorted({one.label for one in truth})
    found: list[WrittenSegment] = []
    for one in truth:
        chance, label, start, end = rng.random(), one.label, one.start_s, one.end_s
        if chance < MISSING:
            continue
        if chance < MISSING + WRONG:
            label = rng.choice([name for name in names if name != one.label])
        elif chance < MISSING + WRONG + SHIFTED:
            by = rng.choice((-1, 1)) * rng.uniform(*OFF_S)
            start, end = (start + by, end) if rng.random() < 0.5 else (start, end + by)
        start = round(max(start, found[-1].end_s if found else 0.0), 3)
        end = round(min(end, SECONDS), 3)
        if end - start >= 0.5:
            found.append(WrittenSegment(label, start, end))
    return found


def label_at(segments: Sequence[WrittenSegment], time_s: float) -> str:
    """The label that holds at a moment; empty where none does."""
    return next((one.label for one in segments if one.start_s <= time_s < one.end_s), "")


def wrong_in(
    number: int, truth: Sequence[WrittenSegment], found: Sequence[WrittenSegment]
) -> Cells:
    """The tenths of a second of a recording whose label is not the true one."""
    times = [(k, (k + 0.5) * GRID_S) for k in range(round(SECONDS / GRID_S))]
    return {(number, k) for k, t in times if label_at(truth, t) != label_at(found, t)}


def watched(parts: Sequence[Part], budget_s: float) -> Cells:
    """What is seen of parts in their order for so many seconds, half a second around each included."""
    seen: Cells = set()
    for number, start, end in parts:
        first, last = max(start - 0.5, 0.0), min(end + 0.5, SECONDS)
        for k in range(round(first / GRID_S), round(last / GRID_S)):
            if len(seen) * GRID_S >= budget_s - GRID_S / 2:
                return seen
            seen.add((number, k))
    return seen


def at_random(parts: Sequence[Part], numbers: Sequence[int], rng: random.Random) -> list[Part]:
    """Stretches as long as those, anywhere in the recordings and in any order."""
    lengths = [end - start for _, start, end in parts] or [1.0]
    found = []
    for _ in range(20 * len(numbers)):
        length = rng.choice(lengths)
        start = rng.uniform(0.0, max(0.0, SECONDS - length))
        found.append((rng.choice(list(numbers)), start, start + length))
    return found


def corrected(
    number: int, labels: Sequence[WrittenSegment], truth: Sequence[WrittenSegment], seen: Cells
) -> list[WrittenSegment]:
    """The labels, true wherever somebody looked; what is left of less than a quarter of a second goes."""
    found: list[WrittenSegment] = []
    for k in range(round(SECONDS / GRID_S)):
        start, end = round(k * GRID_S, 3), round((k + 1) * GRID_S, 3)
        label = label_at(truth if (number, k) in seen else labels, (start + end) / 2)
        last = found[-1] if found else None
        if last is not None and last.label == label and last.end_s == start:
            found[-1] = replace(last, end_s=end)
        elif label:
            found.append(WrittenSegment(label, start, end))
    return [one for one in found if one.end_s - one.start_s >= 0.25]


def go_round(seed: int, out: Path, stage: Stage, networks: Path) -> dict[str, Any]:
    """One seed: both runs, and what is told of them."""
    rng = random.Random(seed)
    numbers = [(UNSEEN * seed + k) % RECORDINGS + 1 for k in range(RECORDINGS)]
    unseen, labelled, new = numbers[:UNSEEN], numbers[UNSEEN:-1], numbers[-1]
    shutil.rmtree(
        out, ignore_errors=True
    )  # what was corrected in an earlier round is not known yet
    labels, before, after = out / "labels", out / "run-before", out / "run-after"
    labels.mkdir(parents=True)
    first = {number: in_a_hurry(stage.truth(number), rng) for number in labelled}
    for number in labelled:
        stage.write(labels, number, first[number])
    settings = {**SETTINGS, "videos": stage.videos, "data": out / "data", "seed": seed}
    twostream.run(labels, out=before, from_=networks, **settings)
    clips = [len(read_manifest(out / "data").rows)]
    looks = twostream.review(before, labels=labels, videos=stage.videos, most=1000, rate=4).looks
    of_name = {name_of(number): number for number in labelled}
    faulty = {c for n in labelled for c in wrong_in(n, stage.truth(n), first[n])}
    told: dict[str, Any] = {"faulty_s": len(faulty) * GRID_S, **_found(looks, faulty, of_name, rng)}
    parts = [(of_name[one.video], one.start_s, one.end_s) for one in looks]
    seen = watched(parts, LOOKED_AT_S)
    for number in labelled:
        truth = stage.truth(number)
        stage.write(labels, number, corrected(number, first[number], truth, seen))
    project = labels / "corrected.boris"
    film = str(stage.path(new))
    twostream.predict(before, film, split=1, timeline=True, rate=4, to="boris", labels=project)
    correct_in_boris(project, stage.truth(new))
    twostream.run(labels, out=after, split=1, from_=before / "split1", **settings)
    told["clips"] = [*clips, len(read_manifest(out / "data").rows)]
    careful = out / "run-careful"
    for number in labelled:
        stage.write(labels, number, stage.truth(number))
    twostream.run(labels, out=careful, split=1, from_=networks, **settings)
    for name, run in (
        ("began with", networks),
        ("before", before),
        ("after", after),
        ("careful", careful),
    ):
        told[name] = judged(run, unseen, stage, out / name)
    return told


def _found(
    looks: Sequence[Any], faulty: Cells, of_name: Mapping[str, int], rng: random.Random
) -> dict[str, Any]:
    """The share of the faulty tenths of a second that is seen within each of `TOLD_S`."""
    parts = [(of_name[one.video], one.start_s, one.end_s) for one in looks]
    numbers = list(of_name.values())
    orders = [at_random(parts, numbers, rng) for _ in range(RANDOM_ORDERS)]
    own = [
        part for part, one in zip(parts, looks, strict=True) if one.reason != "against the labels"
    ]

    def share(order: Sequence[Part], budget_s: float) -> float:
        return len(faulty & watched(order, budget_s)) / max(1, len(faulty))

    return {
        "review": [share(parts, budget) for budget in TOLD_S],
        "undecided or streams disagree": [share(own, budget) for budget in TOLD_S],
        "random": [statistics.mean(share(o, budget) for o in orders) for budget in TOLD_S],
    }


def judged(run: Path, unseen: Sequence[int], stage: Stage, out: Path) -> dict[str, float | None]:
    """How right a run is on recordings that it has not seen: of several splits, the first."""
    split = {"split": 1} if (run / "split1").is_dir() else {}
    films = [str(stage.path(number)) for number in unseen]
    table, truth = out.with_suffix(".csv"), out.parent / "truth.csv"
    found = twostream.predict(run, *films, timeline=True, rate=4, intervals=table, **split)
    rows = [
        f"{name_of(number)},{one.start_s},{one.end_s},{one.label}"
        for number in unseen
        for one in stage.truth(number)
    ]
    truth.write_text("\n".join(["video,start_s,end_s,label", *rows]) + "\n", encoding="utf-8")
    kappa: dict[str, float | None] = {"frames": 0.0, "bouts": 0.0}  # nothing found is chance alone
    if any(one.intervals for one in found):
        bouts = twostream.bouts(table, videos=stage.videos, against=truth, out=out)
        kappa = {unit: one.kappa for unit, one in bouts.agreements.items()}
    measured = measure_timelines(
        [
            Recording(
                name=name_of(number),
                truth=[Interval(t.start_s, t.end_s, t.label) for t in stage.truth(number)],
                found=list(one.intervals),
                duration_s=SECONDS,
                fps=FPS,
            )
            for number, one in zip(unseen, found, strict=True)
        ],
        resamples=2,
    )
    return {
        "right_frames": measured["frame_accuracy"],
        "f1_50": measured["f1_50"],
        **{f"kappa_{unit}": value for unit, value in kappa.items()},
    }


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


def main() -> None:
    """Go round once for each seed, and tell all that is found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--networks", type=Path, default=Path("build/timelines/run"))
    parser.add_argument("--out", type=Path, default=Path("build/labels-round"))
    parser.add_argument("--seeds", default="0,1,2")
    asked = parser.parse_args()
    stage = Stage(asked.out / "videos")
    for number in range(1, RECORDINGS + 1):
        stage.path(number)
    results: dict[str, Any] = {}
    for seed in map(int, asked.seeds.split(",")):
        used = time.process_time()
        results[str(seed)] = one = go_round(seed, asked.out / f"seed-{seed}", stage, asked.networks)
        print(json.dumps({seed: one}), f"{time.process_time() - used:.0f} s", flush=True)
    (asked.out / "round.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
