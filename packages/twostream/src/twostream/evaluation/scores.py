"""Clip scores with their ids, and the files that hold them."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.atomic import atomic_path
from twostream.errors import TwostreamError

NOT_STREAMS = ("ids", "classes", "labels", "truth")


@dataclass(frozen=True)
class ClipScores:
    """Scores `values` (n, C) float32 of the clips `ids` (n,), whose truth is `labels`.

    Class probabilities, but those of an SVM: see `twostream.evaluation.calibration.why_no_chances`. Where
    clips have several labels at once, `truth` (n, C) says which, `labels` are numbers of sets, and each
    score is the probability of a label by itself.
    """

    ids: tuple[str, ...]
    classes: tuple[str, ...]
    labels: npt.NDArray[np.int64]
    values: npt.NDArray[np.float32]
    truth: npt.NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        """Refuse parts that do not belong together."""
        if self.values.shape != (len(self.ids), len(self.classes)) or len(self.labels) != len(
            self.ids
        ):
            raise ValueError(
                f"{len(self.ids)} ids, {len(self.classes)} classes, {len(self.labels)} labels and "
                f"scores of shape {self.values.shape} do not belong together"
            )
        if self.truth is not None and self.truth.shape != self.values.shape:
            raise ValueError(f"labels of shape {self.truth.shape}, scores of {self.values.shape}")
        if len(set(self.ids)) != len(self.ids):
            raise ValueError("a clip id stands twice")


def save_scores(path: Path, streams: dict[str, ClipScores]) -> None:
    """Write the scores of several streams on the same clips as one ``.npz``."""
    first = next(iter(streams.values()))
    for name, scores in streams.items():
        if scores.ids != first.ids or scores.classes != first.classes:
            raise ValueError(f"{name} was scored on other clips or classes")
    arrays: dict[str, Any] = {name: scores.values for name, scores in streams.items()}
    if first.truth is not None:
        arrays["truth"] = first.truth
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(
            file,
            ids=np.asarray(first.ids, dtype=np.str_),
            classes=np.asarray(first.classes, dtype=np.str_),
            labels=first.labels,
            **arrays,
        )


def load_scores(path: Path) -> dict[str, ClipScores]:
    """Read what `save_scores` wrote; raises TwostreamError where it is missing or damaged."""
    try:
        with np.load(path) as stored:
            ids = tuple(str(name) for name in stored["ids"])
            classes = tuple(str(name) for name in stored["classes"])
            labels = stored["labels"]
            names = [name for name in stored.files if name not in NOT_STREAMS]
            truth = stored["truth"] if "truth" in stored.files else None
            return {name: ClipScores(ids, classes, labels, stored[name], truth) for name in names}
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise TwostreamError(
            path,
            expected="scores written by `twostream evaluate`",
            found=f"none ({error})",
            remedy="run `twostream evaluate` on the run again",
        ) from error
