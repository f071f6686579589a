"""Whether motion learnt beforehand helps a temporal stream: `python scripts/motion_start.py OUT`.

A network learns four classes of generated figures and ten of pictures under known motions (textures, or
with --frames the frames of a folder of videos). Then four other classes of figures are learnt, with few
clips and with more, by the head alone and by all layers, from that network and from the image network by
cross-modality initialisation; beside them stands the head on flow pictures, what few clips get by default.
Told are test clips that are right, by five stacks a clip, and the paired difference of both starts with
its 95 % interval over source videos. What is trained already is not trained again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from twostream.datasets.manifest import read_manifest
from twostream.evaluation.bootstrap import Part, resample
from twostream.lab.generated.dataset import clip_name, generate_clips
from twostream.lab.generated.motion_clips import motion_clips, pictures_of
from twostream.models.files import load_model_file
from twostream.models.inference import make_predictor
from twostream.training.options import TrainingOptions
from twostream.training.samples import DataSetClips, clip_samples
from twostream.training.stream import train_stream
from twostream.transforms.preprocessing import load_preprocessing
from twostream.verbs.prepare import prepare

LEARNT_BEFORE = ("sit_down", "stand_up", "raise_arms", "lower_arms")
LEARNT_THEN = ("wave_slow", "wave_fast", "approach", "retreat")
TEST_GROUPS, COUNTS, STACKS = 10, (2, 5, 20), 5
SEED_BEFORE = 1000  # other actors and rooms than those of the clips learnt then
EPOCHS_OF_ALL = {2: 40, 5: 24, 20: 10}


def main() -> None:
    """Train what is missing and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--frames", type=Path, help="folder of videos whose frames are moved")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--counts", default=",".join(map(str, COUNTS)))
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--backbone", default="EfficientNetLite0")
    parser.add_argument("--groups", type=int, default=24, help="clips a class to learn motion from")
    parser.add_argument("--epochs", type=int, default=8, help="of learning motion")
    asked = parser.parse_args()
    before = learn_motion(asked)
    counts = [int(part) for part in asked.counts.split(",")]
    found: dict[tuple[int, str], list[Part]] = {}
    for seed in map(int, asked.seeds.split(",")):
        data = prepare_then(asked.out, seed)
        for count in counts:
            for way in ("head", "all layers"):
                part = both_starts(asked, data, seed, count, way, before)
                found.setdefault((count, way), []).append(part)
                print(f"seed {seed}, {count} a class, {way}:", right_of(part), flush=True)
    print(
        "| clips a class | trained | of | cross-modality | motion before | difference | pictures |"
    )
    print("| ---: | --- | ---: | ---: | ---: | ---: | ---: |")
    for (count, way), parts in found.items():
        right = [right_of(part) for part in parts]
        sums = {name: sum(one[name] for one in right) for name in right[0]}
        told = resample(parts).difference("motion", "cross-modality")
        points = "{:+.1f} ({:+.1f} to {:+.1f})".format(
            *(100 * value for value in (told.difference, told.low, told.high))
        )
        print(
            f"| {count} | {way} | {sum(len(part.labels) for part in parts)} | {sums['cross-modality']} | "
            f"{sums['motion']} | {points} | {sums.get('pictures', '')} |"
        )


def learn_motion(asked: argparse.Namespace) -> Path:
    """The run that learnt motion beforehand."""
    kind = "textures" if asked.frames is None else "frames"
    folder = asked.out / f"before-{kind}"
    data, run = folder / "data", folder / f"run-{asked.size}-{asked.groups}-{asked.epochs}"
    if not (data / "manifest.parquet").is_file():
        motion_clips(
            folder / "videos",
            folder / "lists",
            seed=SEED_BEFORE,
            groups=asked.groups,
            test_groups=2,
            figures=LEARNT_BEFORE,
            pictures=() if asked.frames is None else pictures_of(asked.frames),
        )
        prepare(folder / "videos", out=data, annotations=folder / "lists", flow="dis")
    record = train_stream(data, run, options=options(asked, epochs=asked.epochs))
    scores, labels, _ = scores_on(data, run, record.split)
    right = int((scores.argmax(axis=1) == labels).sum())
    print(f"of the classes learnt before, right: {right} of {len(labels)}", flush=True)
    return run


def prepare_then(out: Path, seed: int) -> Path:
    """The clips of the classes learnt then; split k has the k-th of `COUNTS` clips a class."""
    folder = out / f"then-{seed}"
    data, lists = folder / "data", folder / "lists"
    if not (data / "manifest.parquet").is_file():
        groups = TEST_GROUPS + max(COUNTS)
        videos = generate_clips(
            folder / "videos", seed=seed, groups_per_class=groups, clips_per_group=1,
            width_px=96, height_px=96, classes=LEARNT_THEN,
        )  # fmt: skip
        lists.mkdir(parents=True, exist_ok=True)
        index = "".join(f"{number} {name}\n" for number, name in enumerate(LEARNT_THEN, start=1))
        (lists / "classInd.txt").write_text(index)
        for split, count in enumerate(COUNTS, start=1):
            for side, first, last in (
                ("test", 1, TEST_GROUPS),
                ("train", TEST_GROUPS + 1, TEST_GROUPS + count),
            ):
                lines = [
                    f"{name}/{clip_name(name, group=group, clip=1)}"
                    + (f" {number}" if side == "train" else "")
                    for number, name in enumerate(LEARNT_THEN, start=1)
                    for group in range(first, last + 1)
                ]
                (lists / f"{side}list{split:02d}.txt").write_text("\n".join(lines) + "\n")
        prepare(videos, out=data, annotations=lists, flow="dis")
    return data


def options(asked: argparse.Namespace, **changes: object) -> TrainingOptions:
    """A temporal stream at the size asked for, with nothing held out."""
    plain: dict[str, object] = {
        "stream": "temporal",
        "backbone": asked.backbone,
        "size_px": asked.size,
        "batch_size": 15,
        "validation_fraction": 0.0,
        "flow_input": "stack",
        "head": "logistic",
    }
    return TrainingOptions(**{**plain, **changes})  # type: ignore[arg-type]


def both_starts(
    asked: argparse.Namespace, data: Path, seed: int, count: int, way: str, before: Path
) -> Part:
    """Test scores from both starts; of the head also on flow pictures."""
    split = COUNTS.index(count) + 1
    epochs = 0 if way == "head" else EPOCHS_OF_ALL[count]
    starts: dict[str, dict[str, object]] = {
        "cross-modality": {},
        "motion": {"from_run": str(before)},
    }
    if way == "head":
        starts["pictures"] = {"flow_input": "pictures"}
    scores, labels, groups = {}, np.zeros(0), []
    for name, changes in starts.items():
        run = asked.out / f"then-{seed}" / f"{way.split()[0]}-{count}-{name}-{before.parent.name}"
        kind = options(asked, split=split, seed=seed, epochs=epochs, **changes)
        train_stream(data, run, options=kind)
        scores[name], labels, groups = scores_on(data, run, split)
    return Part(scores=scores, labels=labels, groups=[f"{seed}/{one}" for one in groups])


def scores_on(
    data: Path, run: Path, split: int, *, stream: str = "temporal"
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Scores of the test clips by a few even samples each, their labels, their source videos."""
    preprocessing = load_preprocessing(run / stream / "preprocessing.json")
    predict = make_predictor(load_model_file(run / stream / "model.keras"), engine="torch")
    source, rows = DataSetClips(data), read_manifest(data).part(split, "test")
    scores = np.stack(
        [
            predict(
                clip_samples(row, source=source, preprocessing=preprocessing, samples=STACKS)
            ).mean(0)
            for row in rows
        ]
    )
    labels = np.asarray([row.label for row in rows])
    return scores, labels, [str(row.group) for row in rows]


def right_of(part: Part) -> dict[str, int]:
    """Clips that are right, by start."""
    return {
        name: int((np.asarray(one).argmax(axis=1) == part.labels).sum())
        for name, one in part.scores.items()
    }


if __name__ == "__main__":
    main()
