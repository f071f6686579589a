"""The round of a labeller: labels in ELAN, a training, predictions in BORIS, corrected, trained again.

Usage: python scripts/labels_round.py [--out build/labels-round] [--recordings 8] [--seconds 60]

Everything is generated, so that it is known what a person would label and correct. Told are Cohen's kappa
of predictions with a person's labels before and after, and how many clips each training had; bouts, tables
and an ethogram are in OUT/before and OUT/after.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import twostream
from twostream.datasets.manifest import read_manifest
from twostream.lab.generated.recordings import (
    recording_name,
    script_of,
    truth_of,
    write_recordings,
)
from twostream.labelling.writers.written import WrittenSegment, WrittenVideo
from twostream.labelling.writing import write_labels
from twostream.verbs.demo import OF_RECORDINGS

SEED, SIDE_PX, FPS = 7, 64, 25.0


def truth(number: int, seconds: float) -> list[WrittenSegment]:
    """What a person would label in a recording."""
    script = script_of(seed=SEED, number=number, seconds=seconds)
    return [WrittenSegment(one.label, one.start_s, one.end_s) for one in truth_of(script)]


def video_of(number: int, seconds: float) -> WrittenVideo:
    """The facts of a recording."""
    frames = round(seconds * FPS)
    return WrittenVideo(recording_name(number), FPS, frames, seconds, SIDE_PX, SIDE_PX)


def corrected(predicted: Path, number: int, seconds: float) -> None:
    """Do in the BORIS project what a person does: replace wrong events by right ones."""
    project = json.loads(predicted.read_text(encoding="utf-8"))
    (observation,) = project["observations"].values()
    observation["events"] = sorted(
        [time, "", one.label, "", ""]
        for one in truth(number, seconds)
        for time in (round(one.start_s, 3), round(one.end_s, 3))
    )
    known = {one["code"] for one in project["behaviors_conf"].values()}
    for label in sorted({event[2] for event in observation["events"]} - known):
        like = next(iter(project["behaviors_conf"].values()))
        key = str(len(project["behaviors_conf"]))
        project["behaviors_conf"][key] = {**like, "code": label}
    predicted.write_text(json.dumps(project), encoding="utf-8")


def main() -> None:
    """Go round once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/labels-round"))
    parser.add_argument("--recordings", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60.0)
    asked = parser.parse_args()
    out, last = asked.out, asked.recordings
    videos, labels = out / "videos", out / "labels"
    write_recordings(
        videos,
        seed=SEED,
        sides=["train"] * last,
        seconds=asked.seconds,
        width_px=SIDE_PX,
        height_px=SIDE_PX,
    )
    labels.mkdir(parents=True, exist_ok=True)
    # The last two are new: one is predicted and corrected, on the other both trainings are compared.
    for number in range(1, last - 1):
        path = labels / f"recording_{number:02d}.eaf"
        path.unlink(missing_ok=True)
        write_labels(path, truth(number, asked.seconds), "elan", video_of(number, asked.seconds))
    judged = out / "judged.csv"
    rows = [
        f"{recording_name(last)},{s.start_s},{s.end_s},{s.label}"
        for s in truth(last, asked.seconds)
    ]
    judged.write_text("\n".join(["video,start_s,end_s,label", *rows]) + "\n", encoding="utf-8")
    for name in ("before", "after"):
        run = out / f"run-{name}"
        settings = {**OF_RECORDINGS, "videos": videos, "background": "largest"}
        twostream.run(labels, out=run, **settings)
        clips = read_manifest(run / "data").rows
        found = out / f"{name}.csv"
        twostream.predict(run, str(videos / recording_name(last)), timeline=True, intervals=found)
        bouts = twostream.bouts(found, videos=videos, against=judged, out=out / name)
        kappas = ", ".join(f"{unit} {one.kappa}" for unit, one in bouts.agreements.items())
        background = sum(row.background for row in clips)
        print(f"{name}: {len(clips)} clips, {background} of them background; kappa: {kappas}")
        if name == "before":
            project = labels / "corrected.boris"
            project.unlink(missing_ok=True)
            new = videos / recording_name(last - 1)
            twostream.predict(run, str(new), timeline=True, to="boris", labels=project)
            corrected(project, last - 1, asked.seconds)


if __name__ == "__main__":
    main()
