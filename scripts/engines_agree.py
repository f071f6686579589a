r"""Do the engines of scoring agree? All that are installed, in pairs, on the networks of a run.

    python scripts/engines_agree.py --run demo
    python scripts/engines_agree.py --backbone ../shared/data/weights/resnet50_conv4_imagenet.keras \
        --videos ../shared/data/ucf101/videos --run build/engines-agree

With `--backbone` the run is made first: both streams of the videos, flow by DIS, the head alone trained on
the backbone's features. Then 80 samples of each stream, from all clips in turn, are scored by all engines.
Ends with status 1 where a score differs by more than 1e-4 or a sample's top class does.
`ONEDNN_MAX_CPU_ISA=AVX2` before it imitates a processor without AVX-512 and AMX.
"""

from __future__ import annotations

import argparse
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from twostream.errors import TwostreamError

SAMPLES = 80
TOLERANCE = 1e-4


def train_heads(videos: Path, backbone: Path, run: Path) -> None:
    """Both streams of a run whose heads alone are trained, on features of the backbone."""
    import twostream

    twostream.run(
        videos,
        out=run,
        flow="dis",
        backbone=str(backbone),
        epochs=0,
        validation_fraction=0.0,
        protocols="one-frame",
        fusion="average",
    )


def samples_of(run: Path, stream: str, data: Path) -> Any:
    """Samples (80, S, S, C) uint8: of every clip one in turn, at places that are spread over the clips."""
    from twostream.datasets.manifest import read_manifest
    from twostream.training.samples import DataSetClips
    from twostream.transforms.preprocessing import load_preprocessing

    preprocessing = load_preprocessing(run / stream / "preprocessing.json")
    rows, source = read_manifest(data).rows, DataSetClips(data)
    step = max(1, len(rows) // SAMPLES)
    found = []
    for k in range(SAMPLES):
        row = rows[k * step % len(rows)]
        clip = source.clip(row)
        place = int((preprocessing.count_positions(row.frames) - 1) * k / (SAMPLES - 1))
        found.append(preprocessing.sample(clip, place, preprocessing.evaluation_views(clip)[0]))
    return np.stack(found)


def agreement(run: Path) -> dict[tuple[str, str, str], tuple[float, int]]:
    """By stream and pair of engines: the largest difference of scores, and how many top classes differ."""
    from twostream.evaluation.trained import data_folder, trained_streams
    from twostream.models.backend import prepare_keras
    from twostream.models.device import PLAIN
    from twostream.models.inference import ENGINES, Scoring, engine_named, load_network

    prepare_keras()
    found = {}
    for stream, record in trained_streams(run).items():
        samples = samples_of(run, stream, data_folder(run, record))
        print(f"{stream} ({Path(record.backbone).name}), {len(samples)} samples:")
        scores, features = {}, {}
        for engine in ENGINES:
            try:
                engine_named(engine).check(PLAIN)
            except TwostreamError as error:
                print(f"  {engine} is left out: {error}")
                continue
            network = load_network(run / stream / "model.keras", Scoring(engine))
            scores[engine] = network.probabilities(samples)
            features[engine] = network.features(samples)
            print(f"  {engine}: {network.computation.text()}")
        for one, other in combinations(scores, 2):
            difference = float(np.abs(scores[one] - scores[other]).max())
            differing = int((scores[one].argmax(axis=1) != scores[other].argmax(axis=1)).sum())
            apart = float(np.abs(features[one] - features[other]).max())
            print(
                f"  {one} and {other}: scores differ by {difference:.1e} at most, features by "
                f"{apart:.1e} of up to {float(features[one].max()):.1f}; the top class in "
                f"{differing} of {len(samples)}"
            )
            found[stream, one, other] = difference, differing
    return found


def main() -> int:
    """Print how far the engines agree; 0 where they do."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--backbone", type=Path)
    parser.add_argument("--videos", type=Path)
    asked = parser.parse_args()
    if asked.backbone is not None:
        train_heads(asked.videos, asked.backbone, asked.run)
    agree = all(
        difference <= TOLERANCE and not differing
        for difference, differing in agreement(asked.run).values()
    )
    print("the engines agree" if agree else f"the engines differ: {TOLERANCE:g} is allowed")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
