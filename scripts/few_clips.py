"""How the rule for few clips was found: `python scripts/few_clips.py OUT`; generated clips only.

Features of five frames and five flow pictures of every clip are computed once a seed and kept; heads on
1, 2, 5, 10 and 20 training clips a class then take seconds. Told are test clips that are right, of 120 a
seed: by the linear head on standardised features through the centre square and through the whole frame,
by the head of the kind --head (`logistic-unit`: centred features of unit length) on frames and on flow
pictures, by the average
of both, by their product with fixed weights of flow, and by `chosen`. The product with fixed weights at
one clip a class is what a weight without evidence (`PRIOR_TEMPORAL_WEIGHT`) could be taken from.
`accuracy.py` measures whole runs.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from accuracy import COUNTS, TEST_SOURCES, prepare_generated
from twostream.datasets.manifest import ManifestRow, read_manifest
from twostream.evaluation.choosing import HeldOut, choose_rule
from twostream.evaluation.chosen import chosen_scores
from twostream.models.backend import prepare_keras
from twostream.models.classifier import feature_extractor
from twostream.models.inference import make_predictor
from twostream.training.backbone import starting_backbone
from twostream.training.features import Features
from twostream.training.fusion_rule import FusionSpecification
from twostream.training.head import head_l2
from twostream.training.head_scaling import head_scaling
from twostream.training.held_out_heads import held_out_probabilities
from twostream.training.logistic import fit_logistic, probabilities
from twostream.training.options import TrainingOptions
from twostream.training.samples import DataSetClips, clip_samples
from twostream.transforms.preprocessing import Preprocessing

FIXED_WEIGHTS = (0.1, 0.2, 0.3, 0.5)
STACK_LENGTH, SAMPLES = 10, 5


def main() -> None:
    """Compute what features are missing and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--backbone", default="EfficientNetLite0")
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--head", default="logistic", help="or logistic-unit")
    asked = parser.parse_args()
    prepare_keras()
    totals: dict[int, Counter[str]] = {count: Counter() for count in COUNTS}
    for seed in map(int, asked.seeds.split(",")):
        _, data = prepare_generated(asked.out, seed)
        rows = read_manifest(data).rows
        kept = asked.out / f"few-clips-{Path(asked.backbone).stem}-{asked.size}-{seed}.npz"
        if not kept.is_file():
            np.savez(kept, **features_of(data, rows, asked.backbone, asked.size))
        with np.load(kept) as stored:
            features = {name: stored[name] for name in stored.files}
        for count in COUNTS:
            right, told = measured(features, rows, count, asked.head)
            print(f"seed {seed}, {count} a class:", dict(right), told, flush=True)
            totals[count].update(right)
    for count, right in totals.items():
        print(f"all, {count} a class:", dict(right))


def features_of(
    data: Path, rows: tuple[ManifestRow, ...], backbone: str, size: int
) -> dict[str, np.ndarray]:
    """Features (clips, samples, D) of frames through both views, and of flow pictures."""
    start = starting_backbone(TrainingOptions(backbone=backbone, size_px=size))
    frames = make_predictor(feature_extractor(start), engine="torch")
    pictures = make_predictor(feature_extractor(start, pictures_of=STACK_LENGTH), engine="torch")
    seen = {
        "centre": (frames, Preprocessing(stream="spatial", size_px=size)),
        "full": (frames, Preprocessing(stream="spatial", size_px=size, view="full")),
        "flow": (pictures, Preprocessing(stream="temporal", size_px=size, view="full")),
    }
    source = DataSetClips(data)
    return {
        name: np.stack([
            extract(clip_samples(row, source=source, preprocessing=how, samples=SAMPLES))
            for row in rows
        ])
        for name, (extract, how) in seen.items()
    }  # fmt: skip


@dataclass(frozen=True)
class Part:
    """Some clips: their rows, and where they are among all."""

    rows: tuple[ManifestRow, ...]
    places: np.ndarray

    @property
    def labels(self) -> np.ndarray:
        """Labels (n,)."""
        return np.asarray([row.label for row in self.rows], np.int64)

    def of(self, features: np.ndarray) -> Features:
        """Their features."""
        values = features[self.places]
        samples = values.shape[1]
        return Features(
            values.reshape(-1, values.shape[-1]),
            np.repeat(self.labels, samples),
            np.repeat(np.arange(len(self.rows)), samples),
        )


def measured(
    features: dict[str, np.ndarray], rows: tuple[ManifestRow, ...], count: int, kind: str
) -> tuple[Counter[str], str]:
    """Test clips that are right by each way, and what the rule says."""
    number = np.asarray([int(row.clip_id.rpartition("_g")[2][:2]) for row in rows])
    test = part_of(rows, number <= TEST_SOURCES)
    training = part_of(rows, (number > TEST_SOURCES) & (number <= TEST_SOURCES + count))
    n_classes = len({row.label for row in rows})
    asked = {
        "centre": ("centre", "logistic"),
        "full": ("full", "logistic"),
        "flow, standardised": ("flow", "logistic"),
        "frames": ("full", kind),
        "flow": ("flow", kind),
    }
    found = {
        name: head(
            training.of(features[seen]), test.of(features[seen]), of_kind, n_classes=n_classes,
            clips=len(test.rows),
        )
        for name, (seen, of_kind) in asked.items()
    }  # fmt: skip
    pair = found["frames"], found["flow"]
    found["average"] = (pair[0] + pair[1]) / 2
    for weight in FIXED_WEIGHTS:
        fixed = FusionSpecification(spatial_weight=1 - weight, pool="product")
        found[f"product {weight:g}"] = chosen_scores(*pair, fixed)
    held = {
        name: held_out_probabilities(
            training.of(features[name]), training.rows, n_classes=n_classes, head=kind
        )
        for name in ("full", "flow")
    }
    known = held["full"][1]
    found["chosen"], told = found["frames"], "no evidence"
    if known.any():
        groups = tuple(row.group for row, there in zip(training.rows, known, strict=True) if there)
        evidence = HeldOut(
            held["full"][0][known], held["flow"][0][known], training.labels[known], groups
        )
        choice = choose_rule(evidence, told="training clips")
        found["chosen"], told = chosen_scores(*pair, choice.rule), choice.rule.reason
        told = f"weight {choice.rule.temporal_weight:.2g}: {told}"
    right = Counter({k: int((v.argmax(axis=1) == test.labels).sum()) for k, v in found.items()})
    return right, told


def part_of(rows: tuple[ManifestRow, ...], chosen: np.ndarray) -> Part:
    """The rows that are chosen."""
    places = np.flatnonzero(chosen)
    return Part(tuple(rows[k] for k in places), places)


def head(
    training: Features, test: Features, kind: str, *, n_classes: int, clips: int
) -> np.ndarray:
    """Probabilities (clips, C) of the test clips by logistic regression on the training clips."""
    scaling = head_scaling(training, head=kind)
    kernel, bias = fit_logistic(
        scaling(training), training.labels, n_classes=n_classes,
        penalty=head_l2(len(training.labels)),
    )  # fmt: skip
    scores = probabilities(scaling(test), kernel, bias)
    found: np.ndarray = scores.reshape(clips, -1, n_classes).mean(axis=1)
    return found


if __name__ == "__main__":
    main()
