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
    """Pooled features (n, D) of samples, with the label and the number of the clip of each.

    Clips are numbered in the order of the rows that the features were computed of.
    """

    values: Floats
    labels: npt.NDArray[np.int64]
    clips: npt.NDArray[np.int64] | None = None

    def of_clips(self, chosen: npt.NDArray[np.bool_]) -> Features:
        """Those of the clips (by number) that are `chosen`."""
        if self.clips is None:
            raise ValueError("features that do not tell their clips")
        taken = chosen[self.clips]
        return Features(self.values[taken], self.labels[taken], self.clips[taken])


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
    clips: list[int] = []
    with Progress(label, total=len(rows), warms_up=True) as progress:
        for number, row in enumerate(rows):
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
                clips += [number] * len(samples)
            progress.advance(samples=samples_per_clip * len(flips))
    of_samples = np.asarray(labels, np.int64), np.asarray(clips, np.int64)
    return Features(np.concatenate(values), *of_samples)


def fingerprint(*parts: object) -> str:
    """A short name for the circumstances that a cached result depends on."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


def load_features(path: Path, *, made_for: str | None) -> Features | None:
    """Features cached at `path` under the same circumstances; None where there are none.

    Under whatever circumstances where `made_for` is None.
    """
    try:
        with np.load(path) as stored:
            if made_for is not None and str(stored["fingerprint"]) != made_for:
                return None
            return Features(stored["values"], stored["labels"], stored["clips"])
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return None  # absent or damaged: they are computed again


def save_features(path: Path, features: Features, *, made_for: str) -> None:
    """Cache features at `path`."""
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.savez(
            file,
            values=features.values,
            labels=features.labels,
            clips=np.zeros(0, np.int64) if features.clips is None else features.clips,
            fingerprint=made_for,
        )
