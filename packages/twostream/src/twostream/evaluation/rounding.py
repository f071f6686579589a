"""How far scores in fewer digits are from those in float32, on a few samples of what is scored."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from twostream.datasets.manifest import ManifestRow
from twostream.evaluation.sample_sets import CENTRE
from twostream.models.engines.beside_float32 import difference
from twostream.models.engines.engine import Predict
from twostream.models.inference import Scoring, in_float32, load_network
from twostream.progress import Progress
from twostream.training.samples import DataSetClips
from twostream.transforms.preprocessing import load_preprocessing

SAMPLES = 16


def beside_float32(
    run: Path, stream: str, rows: Sequence[ManifestRow], *, data: Path, scoring: Scoring
) -> dict[str, Any] | None:
    """What ``results.json`` says of the rounding of a stream's scores; None where they are in float32.

    The central samples of up to 16 of the clips, spread evenly, are scored in both precisions.
    """
    if scoring.compute.precision == "float32":
        return None
    predict = load_network(run / stream / "model.keras", scoring).probabilities
    return differing(predict, run, stream, rows, data=data, scoring=scoring)


def differing(
    predict: Predict,
    run: Path,
    stream: str,
    rows: Sequence[ManifestRow],
    *,
    data: Path,
    scoring: Scoring,
) -> dict[str, Any]:
    """The same of whatever else scores as the stream's network does, in the precision of `scoring`."""
    preprocessing = load_preprocessing(run / stream / "preprocessing.json")
    clips = DataSetClips(data)
    chosen = np.unique(np.linspace(0, len(rows) - 1, SAMPLES).round().astype(int))
    batches = []  # by clip: whole images of others may have another shape
    for k in chosen:
        clip = clips.clip(rows[k])
        places = [place for views in CENTRE.samples(clip, preprocessing) for place in views]
        batches.append(np.stack(list(preprocessing.samples(clip, places))))
    exact = load_network(run / stream / "model.keras", in_float32(scoring)).probabilities
    scores = []  # an engine makes a network of its own for each shape, which may take a while
    with Progress(f"{stream} beside float32", total=len(batches), unit="clip") as progress:
        for batch in batches:
            scores.append((predict(batch), exact(batch)))
            progress.advance()
    found = (np.concatenate(one) for one in zip(*scores, strict=True))
    return difference(*found, precision=scoring.compute.dtype)
