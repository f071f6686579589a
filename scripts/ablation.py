"""What each ingredient is worth: a stream trained with and without it.

Usage: python scripts/ablation.py real     VIDEOS LISTS BACKBONE OUT
       python scripts/ablation.py generated OUT
       python scripts/ablation.py stronger OUT [SEEDS]

``real``: the classes below VIDEOS, both splits of LISTS, a pretrained BACKBONE. ``generated``: moving
figures and a small network from scratch, where cross-modality initialisation and partial batch
normalisation have no meaning. Both train the temporal stream, score 25 stacks a clip and write
OUT/ablation.csv. ``stronger``: what the recipes of HMDB-51 and UCF-101 add, one by one and all together,
with EfficientNetLite0 at 96 px and all layers training on 20 generated clips a class: frames on the classes
that differ by appearance, flow on those that differ by motion. Told are test clips that are right by five
samples each, for SEEDS (0,1,2), and the paired difference to the default with its 95 % interval over source
videos. What is trained already is not trained again.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

import numpy as np
from motion_start import scores_on
from twostream.evaluation.bootstrap import Part, resample
from twostream.evaluation.run import evaluate_run
from twostream.lab.generated.actions import APPEARANCE_CLASSES, MOTION_CLASSES
from twostream.lab.generated.dataset import generate_clips
from twostream.lab.generated.lists import write_split_lists
from twostream.training.options import TrainingOptions
from twostream.training.stream import train_stream
from twostream.verbs.demo import demo_videos
from twostream.verbs.prepare import prepare

DEFAULT = "as it is by default"
# Name of the variant -> what it changes. The first is the default.
FOR_ALL: dict[str, dict[str, Any]] = {
    DEFAULT: {},
    "mean flow not subtracted": {"mean_subtraction": False},
    "segments alone, no consensus": {"segments": 1, "samples_per_clip": 3},
    "flow mirrored as published": {"flow_mirror": "as-published"},
}
FOR_PRETRAINED: dict[str, dict[str, Any]] = {
    "first kernel rescaled by 3/20": {"cross_modality": "rescaled"},
    "first kernel random": {"cross_modality": "random"},
    "batch normalisation not fixed": {"partial_batch_norm": False},
}


def ablate(
    data: Path,
    out: Path,
    *,
    splits: tuple[int, ...],
    variants: dict[str, dict[str, Any]],
    **plain: Any,
) -> None:
    """Train every variant on every split of `data`, and write the table."""
    rows: list[list[object]] = []
    for name, changes in variants.items():
        found: list[float] = []
        for split in splits:
            run = out / name.replace(" ", "-").replace("/", "-") / str(split)
            kind = TrainingOptions(
                **{
                    "stream": "temporal",
                    "split": split,
                    "validation_fraction": 0.0,
                    **plain,
                    **changes,
                }
            )
            train_stream(data, run, options=kind)
            results = evaluate_run(run, protocols=("25",), streams=("temporal",), data=data)
            found.append(results["protocols"]["25"]["temporal"]["top1"])
        rows.append([name, *found, sum(found) / len(found)])
        print(" | ".join([name, *(f"{value:.3f}" for value in (*found, rows[-1][-1]))]), flush=True)  # type: ignore[str-format]
    with (out / "ablation.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["variant", *(f"split {split}" for split in splits), "mean"])
        table.writerows(rows)


def real(videos: Path, lists: Path, backbone: Path, out: Path) -> None:
    """Both splits of real videos, with a pretrained backbone at 128 px, so that it ends in an hour."""
    data = out / "data"
    prepare(videos, out=data, annotations=lists, flow="dis")
    ablate(
        data,
        out,
        splits=(1, 2),
        variants={**FOR_ALL, **FOR_PRETRAINED},
        backbone=str(backbone),
        size_px=128,
    )


def generated(out: Path) -> None:
    """Generated figures with the network and schedule of `twostream demo`, for three seeds of clips."""
    for seed in (0, 1, 2):
        videos, lists = demo_videos(out, seed=seed)
        data = out / f"data-{seed}"
        prepare(videos, out=data, annotations=lists, flow="dis")
        ablate(
            data,
            out / f"seed-{seed}",
            splits=(1,),
            variants=FOR_ALL,
            backbone="cnn-s",
            size_px=80,
            epochs=18,
            batch_size=32,
            dropout=0.3,
            smallest_crop=0.8,
        )


# What is added, by stream; a test size of 112 is to 96 what 256 is to 224, nearly.
ON_FRAMES: dict[str, Any] = {"rand_augment": 7.0, "color_jitter": 0.0}
ON_BOTH: dict[str, dict[str, Any]] = {
    "CutMix": {"cutmix": 1.0},
    "stochastic depth of 0.1": {"stochastic_depth": 0.1},
    "averaged weights": {"average_weights": True},
    "tested at 112 px": {"test_size_px": 112},
}
TRAINED_GROUPS, TESTED_GROUPS = 20, 10


def stronger(out: Path, seeds: tuple[int, ...]) -> None:
    """Every addition for itself, and all together."""
    for stream, classes in (("spatial", APPEARANCE_CLASSES), ("temporal", MOTION_CLASSES)):
        parts = [stronger_on(out, seed, stream, classes) for seed in seeds]
        drawn = resample(parts)
        print(f"| {stream}, of {sum(len(part.labels) for part in parts)} | right | difference |")
        print("| --- | ---: | ---: |")
        for name in drawn.found:
            right = sum(
                int((np.asarray(part.scores[name]).argmax(axis=1) == part.labels).sum())
                for part in parts
            )
            points = ""
            if name != DEFAULT:
                told = drawn.difference(name, DEFAULT)
                points = "{:+.1f} ({:+.1f} to {:+.1f})".format(
                    *(100 * value for value in (told.difference, told.low, told.high))
                )
            print(f"| {name} | {right} | {points} |")


def stronger_on(out: Path, seed: int, stream: str, classes: tuple[str, ...]) -> Part:
    """Scores of the test clips of one seed by every variant."""
    folder = out / f"{stream}-{seed}"
    data, lists = folder / "data", folder / "lists"
    if not (data / "manifest.parquet").is_file():
        groups = TRAINED_GROUPS + TESTED_GROUPS
        videos = generate_clips(
            folder / "videos", seed=seed, groups_per_class=groups, clips_per_group=1,
            width_px=128, height_px=128, classes=classes,
        )  # fmt: skip
        write_split_lists(
            lists, groups_per_class=groups, clips_per_group=1, test_groups=TESTED_GROUPS,
            classes=classes,
        )  # fmt: skip
        prepare(videos, out=data, annotations=lists, flow="dis")
    own = {"RandAugment of 7": ON_FRAMES} if stream == "spatial" else {}
    variants = {DEFAULT: {}, **own, **ON_BOTH}
    variants["all of it"] = {name: v for one in variants.values() for name, v in one.items()}
    scores: dict[str, np.ndarray] = {}
    for name, changes in variants.items():
        run = folder / name.replace(" ", "-")
        plain = {"size_px": 96, "epochs": 8, "batch_size": 15, "validation_fraction": 0.0}
        kind = TrainingOptions(**{"stream": stream, "seed": seed, **plain, **changes})
        train_stream(data, run, options=kind)
        scores[name], labels, sources = scores_on(data, run, 1, stream=stream)
        right = int((scores[name].argmax(axis=1) == labels).sum())
        print(f"{stream}, seed {seed}, {name}: {right} of {len(labels)}", flush=True)
    return Part(scores=scores, labels=labels, groups=[f"{seed}/{one}" for one in sources])


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["real", videos, lists, backbone, out]:
            real(Path(videos), Path(lists), Path(backbone), Path(out))
        case ["generated", out]:
            generated(Path(out))
        case ["stronger", out, *seeds]:
            stronger(Path(out), tuple(map(int, (seeds or ["0,1,2"])[0].split(","))))
        case _:
            sys.exit(__doc__)
