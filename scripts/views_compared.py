"""What each view costs and gains: `python scripts/views_compared.py OUT`.

Gain: heads on frames of generated clips (three seeds; OUT as of `few_clips.py`, whose features it shares),
test clips that are right of all. Cost: processor time of a 320x240 frame at 224 px, cut and through the
backbone in one thread, all views in turns. Flow is seen through the same views.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter
from pathlib import Path
from typing import get_args

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from accuracy import COUNTS, TEST_SOURCES, prepare_generated
from few_clips import SAMPLES, features_of, head, part_of
from twostream.choices import ViewName
from twostream.datasets.manifest import ManifestRow, read_manifest
from twostream.models.backend import prepare_keras
from twostream.models.classifier import feature_extractor
from twostream.models.inference import make_predictor
from twostream.training.backbone import starting_backbone
from twostream.training.options import TrainingOptions
from twostream.training.samples import DataSetClips, clip_samples
from twostream.transforms.preprocessing import Preprocessing
from twostream.transforms.views import view_frame, views_named

VIEWS: tuple[ViewName, ...] = get_args(ViewName)
ROUNDS, FRAMES, SIZE_PX = 5, 16, 224
HEAD = "logistic-unit"


def main() -> None:
    """Print one row a view."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--backbone", default="EfficientNetLite0")
    parser.add_argument("--size", type=int, default=128, help="input size for generated clips, px")
    asked = parser.parse_args()
    prepare_keras()
    costs = milliseconds(asked.backbone)
    print("processor ms a frame:", costs, flush=True)
    right: dict[int, Counter[str]] = {count: Counter() for count in COUNTS}
    tests = 0
    for seed in map(int, asked.seeds.split(",")):
        _, data = prepare_generated(asked.out, seed)
        rows = read_manifest(data).rows
        number = np.asarray([int(row.clip_id.rpartition("_g")[2][:2]) for row in rows])
        test = part_of(rows, number <= TEST_SOURCES)
        tests += len(test.rows)
        n_classes = len({row.label for row in rows})
        for view in VIEWS:
            features = kept_features(asked, seed, data, rows, view)
            for count in COUNTS:
                known = (number > TEST_SOURCES) & (number <= TEST_SOURCES + count)
                scores = head(
                    part_of(rows, known).of(features), test.of(features), HEAD,
                    n_classes=n_classes, clips=len(test.rows),
                )  # fmt: skip
                right[count][view] += int((scores.argmax(axis=1) == test.labels).sum())
        print("seed", seed, {count: dict(found) for count, found in right.items()}, flush=True)
    counts = " | ".join(f"{count} a class" for count in COUNTS)
    print(f"| view | processor ms a frame | times `centre` | {counts} | of |")
    print("| --- |" + " ---: |" * (len(COUNTS) + 3))
    for view in VIEWS:
        cells = " | ".join(str(right[count][view]) for count in COUNTS)
        ratio = costs[view] / costs["centre"]
        print(f"| `{view}` | {costs[view]:.1f} | {ratio:.2f} | {cells} | {tests} |")


def kept_features(
    asked: argparse.Namespace, seed: int, data: Path, rows: tuple[ManifestRow, ...], view: ViewName
) -> np.ndarray:
    """Features (clips, samples, D) of five frames of every clip through a view."""
    name = f"few-clips-{Path(asked.backbone).stem}-{asked.size}-{seed}"
    path = asked.out / (f"{name}.npz" if view != "three" else f"{name}-{view}.npz")
    if not path.is_file() and view != "three":
        np.savez(path, **features_of(data, rows, asked.backbone, asked.size))
    if not path.is_file():
        start = starting_backbone(TrainingOptions(backbone=asked.backbone, size_px=asked.size))
        extract = make_predictor(feature_extractor(start), engine="torch")
        how = Preprocessing(stream="spatial", size_px=asked.size, view=view)
        source = DataSetClips(data)
        values = [
            extract(clip_samples(row, source=source, preprocessing=how, samples=SAMPLES))
            for row in rows
        ]
        np.savez(path, **{view: np.stack(values)})
    with np.load(path) as stored:
        found: np.ndarray = stored[view]
    return found


def milliseconds(backbone: str) -> dict[str, float]:
    """Processor time of a frame by view: the median of rounds that take turns."""
    start = starting_backbone(TrainingOptions(backbone=backbone, size_px=SIZE_PX))
    extract = make_predictor(feature_extractor(start), engine="torch")
    frames = np.random.default_rng(0).integers(0, 256, (FRAMES, 240, 320, 3), np.uint8)

    def work(view: ViewName) -> float:
        began = time.process_time()
        seen = views_named(view, *frames.shape[1:3])
        extract(np.stack([view_frame(f, v, size_px=SIZE_PX) for f in frames for v in seen]))
        return 1000 * (time.process_time() - began) / FRAMES

    for view in VIEWS:
        work(view)
    rounds = [{view: work(view) for view in VIEWS} for _ in range(ROUNDS)]
    return {view: float(np.median([one[view] for one in rounds])) for view in VIEWS}


if __name__ == "__main__":
    main()
