"""Features of a frozen backbone, computed once and kept, so that a head trains in seconds."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from twostream.atomic import atomic_path
from twostream.datasets.manifest import ManifestRow
from twostream.models.engines.engine import Predict
from twostream.progress import Progress
from twostream.sampling.stacks import Indices, even_positions
from twostream.training.samples import DataSetClips, clip_samples
from twostream.transforms.preprocessing import Preprocessing
from twostream.transforms.views import FlowMirror

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Features:
    """Pooled features (n, D) of samples, with the label and the clip of each."""

    values: Floats
    labels: npt.NDArray[np.int64]


def compute_features(
    rows: Sequence[ManifestRow],
    *,
    extract: Predict,
    source: DataSetClips,
    preprocessing: Preprocessing,
    samples_per_clip: int,
    flips: tuple[bool, ...],
    label: str,
    positions: Callable[..., Indices] = even_positions,
    flow_mirror: FlowMirror = "true",
) -> Features:
    """Features of `samples_per_clip` samples of every clip, as they are and, if asked, mirrored.

    `positions` says which: `even_positions` or `equidistant_positions`.
    """
    values: list[Floats] = []
    labels: list[int] = []
    with Progress(label, total=len(rows)) as progress:
        for row in rows:
            for flip in flips:
                samples = clip_samples(
                    row,
                    source=source,
                    preprocessing=preprocessing,
                    samples=samples_per_clip,
                    positions=positions,
                    flip=flip,
                    flow_mirror=flow_mirror,
                )
                values.append(extract(samples))
                labels += [row.label] * len(samples)
            progress.advance(samples=samples_per_clip * len(flips))
    return Features(np.concatenate(values), np.asarray(labels, np.int64))


def fingerprint(*parts: object) -> str:
    """A short name for the circumstances that a cached result depends on."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


def load_features(path: Path, *, made_for: str) -> Features | None:
    """Features cached at `path` under the same circumstances; None where there are none."""
    try:
        with np.load(path) as stored:
            if str(stored["fingerprint"]) != made_for:
                return None
            return Features(stored["values"], stored["labels"])
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return None  # absent or damaged: they are computed again


def save_features(path: Path, features: Features, *, made_for: str) -> None:
    """Cache features at `path`."""
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.savez(file, values=features.values, labels=features.labels, fingerprint=made_for)
