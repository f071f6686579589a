"""Whether TV-L1's preset `deep` recognises as `exact` does: `python scripts/deep_outcome.py OUT`.

The generated clips of `scripts/accuracy.py` (12 classes, 20 training and 10 test source videos each),
prepared with either preset. The temporal stream is trained on the same clips in two ways: `cnn-s` from
scratch, by the steps and random samples of `scripts/bf16_outcome.py`, from as many seeds as --seeds says,
on the clips of seed 0; and `twostream run` as it is by default, with EfficientNetLite0, on the clips of the
seeds in --clips. The same 120 test clips of each are scored. Told are clips that are right and the paired
difference, deep minus exact, with its 95 % interval (bootstrap of seeds and of source videos). What is made
is kept in OUT, so that a second call goes on.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from accuracy import COUNTS, prepare_generated
from bf16_outcome import EPOCHS, SIZE_PX, compared, samples_of, trained
from twostream.choices import Preset
from twostream.evaluation.scores import load_scores
from twostream.verbs.run import run

PRESETS: tuple[Preset, Preset] = ("deep", "exact")
PROTOCOL, SHOWN_PX = "25", 128


def main() -> None:
    """Train what is missing and print both comparisons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--clips", default="0,1", help="seeds of generated clips for the default")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    began = time.process_time()
    told = {"cnn-s from scratch": from_scratch(asked.out, asked.seeds)}
    clips = [int(part) for part in asked.clips.split(",") if part]
    if clips:
        told["EfficientNetLite0, the default"] = by_default(asked.out, clips)
    told["this call"] = {"processor_seconds": round(time.process_time() - began)}
    (asked.out / "deep_outcome.json").write_text(json.dumps(told, indent=1) + "\n")
    print(json.dumps(told, indent=1))


def prepared(out: Path, seed: int, preset: Preset) -> tuple[Path, Path]:
    """The generated clips of a seed, and what is prepared of them with that preset."""
    return prepare_generated(out, seed, name=preset, flow="tvl1", flow_preset=preset)


def from_scratch(out: Path, seeds: int) -> dict[str, Any]:
    """A small network, the same seeds and draws for both presets."""
    right: dict[str, Any] = {}
    groups = None
    for preset in PRESETS:
        data = samples_of(
            out / f"samples-{preset}-{SIZE_PX}-{EPOCHS}.npz",
            lambda preset=preset: prepared(out, 0, preset)[1],
        )
        groups, found = data["test_groups"], []
        for seed in range(seeds):
            kept = out / f"{preset}-scratch-{seed}.npz"
            if not kept.is_file():
                np.savez(kept, right=trained(data, seed=seed, precision="float32"))
            found.append(np.load(kept)["right"])
        right[preset] = np.stack(found)
    return compared(right["deep"], right["exact"], names=PRESETS, groups=groups)


def by_default(out: Path, clips: list[int]) -> dict[str, Any]:
    """The temporal stream of a run by default, on the generated clips of each seed."""
    right: dict[str, list[Any]] = {preset: [] for preset in PRESETS}
    groups: list[str] = []
    for seed in clips:
        for preset in PRESETS:
            videos, data = prepared(out, seed, preset)
            place = out / f"run-{preset}-{seed}"
            run(
                videos, out=place, data=data, annotations=out / "lists", split=len(COUNTS),
                streams="temporal", flow="tvl1", flow_preset=preset, size=SHOWN_PX,
                backbone="EfficientNetLite0", protocols=PROTOCOL, seed=seed,
            )  # fmt: skip
            scores = load_scores(place / "scores" / f"{PROTOCOL}.npz")["temporal"]
            right[preset] += list(scores.values.argmax(axis=1) == scores.labels)
        # The source video: clips of one group number have actor and room in common.
        groups += [f"{seed}/{name.split('_c')[0][-3:]}" for name in scores.ids]
    deep, exact = (np.array([right[preset]]) for preset in PRESETS)
    return compared(deep, exact, names=PRESETS, groups=groups)


if __name__ == "__main__":
    main()
