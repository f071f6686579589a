"""Whether training in bfloat16 comes out as training in float32: `python scripts/bf16_outcome.py OUT`.

Generated clips (seed 0 of `scripts/accuracy.py`: 12 classes, 20 training and 10 test source videos each)
are made and prepared once, and samples of the temporal stream drawn once: as many random ones of each
training clip as there are epochs, five even ones of each of the 120 test clips. Then `cnn-s` is trained
from scratch from each of twenty seeds, in float32 and in bfloat16, from the same weights, on the same
batches, with the steps of `twostream train`, and the test clips are scored in float32. What is trained is
kept in OUT, so that a second call goes on. Exit status 1 unless the lower end of the 95 % interval of the
difference (bootstrap of seeds and of source videos, paired) is above -3 points.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from accuracy import COUNTS, prepare_generated
from twostream.datasets.manifest import read_manifest
from twostream.models.backbones import load_backbone
from twostream.models.backend import prepare_keras
from twostream.models.classifier import build_classifier
from twostream.models.device import CPU, Compute, Precision
from twostream.training.precision import training_precision
from twostream.training.samples import (
    DataSetClips,
    TrainingViews,
    clip_samples,
    draw_sample,
    epoch_draws,
    in_threads,
)
from twostream.training.schedule import scheduled_rate
from twostream.training.step import use_fast_steps
from twostream.training.targets import soft_targets
from twostream.transforms.preprocessing import Preprocessing

SEEDS, EPOCHS, SIZE_PX, BATCH, RATE, TEST_SAMPLES = 20, 14, 48, 16, 2e-3, 5
PRECISIONS: tuple[Precision, Precision] = ("float32", "bf16")
LEAST_POINTS = -3.0
RESAMPLES = 10_000


def main() -> None:
    """Train what is missing and print the difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    data = samples_of(
        asked.out / f"samples-{SIZE_PX}-{EPOCHS}.npz", lambda: prepare_generated(asked.out, 0)[1]
    )
    for seed in range(asked.seeds):
        for precision in PRECISIONS:
            kept = asked.out / f"{precision}-{seed}.npz"
            if not kept.is_file():
                started = time.process_time()
                right = trained(data, seed=seed, precision=precision)
                np.savez(kept, right=right, seconds=time.process_time() - started)
    right = {
        precision: np.stack(
            [np.load(asked.out / f"{precision}-{k}.npz")["right"] for k in range(asked.seeds)]
        )
        for precision in PRECISIONS
    }
    told = compared(
        right["bf16"], right["float32"], names=("bf16", "float32"), groups=data["test_groups"]
    )
    (asked.out / "bf16_outcome.json").write_text(json.dumps(told, indent=1) + "\n")
    print(json.dumps(told, indent=1))
    sys.exit(0 if told["interval_points"][0] > LEAST_POINTS else 1)


def samples_of(kept: Path, prepared: Callable[[], Path]) -> dict[str, Any]:
    """The samples of all epochs and of the test, drawn from a prepared data set and kept."""
    if not kept.is_file():
        data = prepared()
        manifest, split = read_manifest(data), len(COUNTS)
        source = DataSetClips(data)
        preprocessing = Preprocessing(stream="temporal", size_px=SIZE_PX)
        rows, tests = manifest.part(split, "train"), manifest.part(split, "test")
        pixels, labels = [], []
        for epoch in range(EPOCHS):
            draws = epoch_draws(rows, samples_per_clip=1, segments=1, seed=0, epoch=epoch)
            views = TrainingViews(segments=1)

            def sample(draw: Any, views: TrainingViews = views) -> Any:
                return draw_sample(draw, source=source, preprocessing=preprocessing, views=views)

            pixels.append(np.concatenate(list(in_threads(sample, draws, batch_size=16))))
            labels.append([draw.row.label for draw in draws])
        shown = [
            clip_samples(row, source=source, preprocessing=preprocessing, samples=TEST_SAMPLES)
            for row in tests
        ]
        np.savez(
            kept,
            pixels=np.stack(pixels),
            labels=np.asarray(labels),
            test_pixels=np.stack(shown),
            test_labels=[row.label for row in tests],
            test_groups=[row.group for row in tests],
        )
    return dict(np.load(kept))


def trained(data: dict[str, Any], *, seed: int, precision: Precision) -> Any:
    """Which of the test clips are recognised after a training from `seed` in `precision`."""
    prepare_keras(seed=seed)
    from twostream.training.loss import SegmentConsensus
    from twostream.training.optimizer import make_optimizer

    compute = Compute(CPU, precision)
    channels, classes = data["pixels"].shape[-1], int(data["labels"].max()) + 1
    backbone = load_backbone("cnn-s", weights="none", channels=channels, size_px=SIZE_PX)
    model = build_classifier(
        backbone, n_classes=classes, dropout=0.5, head_l2=0.0, subtract_mean=True
    )
    model.compile(
        make_optimizer(RATE, weight_decay=0.01), SegmentConsensus(1), metrics=["accuracy"]
    )
    use_fast_steps(model)
    order = np.random.default_rng(seed)
    clips = data["pixels"].shape[1]
    steps = -(-clips // BATCH)
    weights = np.ones(classes, np.float32)
    for epoch in range(EPOCHS):
        chosen = order.permutation(clips)
        targets = soft_targets(data["labels"][epoch], smoothing=0.1, weights=weights)
        for step in range(steps):
            share = (epoch * steps + step) / (EPOCHS * steps)
            model.optimizer.learning_rate = scheduled_rate(share, peak=RATE, schedule="cosine")
            batch = chosen[step * BATCH : (step + 1) * BATCH]
            with training_precision(compute):
                model.train_on_batch(
                    data["pixels"][epoch][batch].astype(np.float32), targets[batch]
                )
    shown = data["test_pixels"]
    scores = [np.asarray(model.predict_on_batch(clip.astype(np.float32))).mean(0) for clip in shown]
    return np.stack(scores).argmax(axis=1) == data["test_labels"]


def compared(one: Any, other: Any, *, names: tuple[str, str], groups: Any) -> dict[str, Any]:
    """How many of the test clips are right both ways, `(seeds, clips)` each, and the paired difference."""
    difference = one.astype(float) - other
    videos, of_group = np.unique(groups, return_inverse=True)
    by_group = np.stack([difference[:, of_group == k].mean(axis=1) for k in range(len(videos))])
    seeds, rng = len(one), np.random.default_rng(0)
    means = [
        by_group[
            np.ix_(rng.integers(0, len(videos), len(videos)), rng.integers(0, seeds, seeds))
        ].mean()
        for _ in range(RESAMPLES)
    ]
    low, high = 100 * np.quantile(means, [0.025, 0.975])
    return {
        "seeds": seeds,
        "test_clips": len(groups),
        **{
            f"{name}_top1": float(found.mean())
            for name, found in zip(names, (one, other), strict=True)
        },
        "difference_points": float(100 * difference.mean()),
        "interval_points": [float(low), float(high)],
        "worst_seed_points": float(100 * difference.mean(axis=1).min()),
        "best_seed_points": float(100 * difference.mean(axis=1).max()),
    }


if __name__ == "__main__":
    main()
