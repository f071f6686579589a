"""What each ingredient of the temporal stream is worth: train it with and without, score 25 stacks a clip.

Usage: python scripts/ablation.py real     VIDEOS LISTS BACKBONE OUT
       python scripts/ablation.py generated OUT

``real``: the classes below VIDEOS, both splits of LISTS, a pretrained BACKBONE. ``generated``: moving
figures and a small network from scratch, where cross-modality initialisation and partial batch
normalisation have no meaning. Writes OUT/ablation.csv; what is trained already is not trained again.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

from twostream.evaluation.run import evaluate_run
from twostream.training.options import TrainingOptions
from twostream.training.stream import train_stream
from twostream.verbs.demo import demo_videos
from twostream.verbs.prepare import prepare

# Name of the variant -> what it changes. The first is the default.
FOR_ALL: dict[str, dict[str, Any]] = {
    "as it is by default": {},
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


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["real", videos, lists, backbone, out]:
            real(Path(videos), Path(lists), Path(backbone), Path(out))
        case ["generated", out]:
            generated(Path(out))
        case _:
            sys.exit(__doc__)
