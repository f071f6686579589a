"""Whole-video scoring beside the original's procedure, on the same clips with the same network.

Ours: each image is decoded and cut once, samples pass the network in batches of 16 through the engine
that `evaluate` uses. The original's: for each stack twenty JPEG files are read and cut, and
one call of Keras's `predict` scores that stack alone; its frames are read one file each and passed to
one call of `predict` a clip. Both see the same views, so their scores are the same.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.datasets.manifest import ManifestRow
from twostream.evaluation.sample_scores import clip_scores
from twostream.evaluation.sample_sets import EVERY
from twostream.models.computation import Computation, in_full_float32
from twostream.models.device import on_device
from twostream.models.engines.engine import Predictor
from twostream.models.files import load_model_file
from twostream.models.inference import Scoring, predictor_of
from twostream.sampling.stacks import stack_indices
from twostream.store.members import expected_members, flow_members, frame_member
from twostream.training.samples import DataSetClips
from twostream.transforms.preprocessing import Preprocessing, load_preprocessing
from twostream.transforms.views import View, centre_view

Scores = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class ClipTiming:
    """Seconds of both procedures for all `samples` of a clip, and how far their scores differ.

    `computation` is what computed ours; the original's is Keras.
    """

    clip_id: str
    stream: str
    samples: int
    ours_seconds: float
    original_seconds: float
    difference: float
    computation: Computation

    @property
    def ratio(self) -> float:
        """How many times as fast ours is."""
        return self.original_seconds / self.ours_seconds


def time_stream(
    run: Path,
    stream: str,
    rows: Sequence[ManifestRow],
    *,
    data: Path,
    scoring: Scoring,
    rounds: int,
    on_clip: Callable[[], None],
) -> list[ClipTiming]:
    """Time both procedures on each clip in turn; the median of `rounds` rounds counts.

    Models are loaded and compiled beforehand, and the files of the original are unpacked beforehand.
    """
    preprocessing = load_preprocessing(run / stream / "preprocessing.json")
    preprocessing = replace(
        preprocessing, view="centre"
    )  # which is what the original looks through
    device = scoring.compute.device
    with on_device(device):
        model = load_model_file(run / stream / "model.keras")
        predict = predictor_of(model, scoring)
    size = preprocessing.size_px
    with on_device(device):
        model.predict(np.zeros((1, size, size, preprocessing.channels), np.float32), verbose=0)
    predict(np.zeros((1, size, size, preprocessing.channels), np.uint8))
    found = []
    for row in rows:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            clip = DataSetClips(data).clip(row)
            for member in expected_members(row.frames):
                (folder / member).write_bytes(clip.read(member))
            view = centre_view(clip.facts.height, clip.facts.width)
            ours, theirs = [], []
            for _ in range(rounds):
                ours.append(_timed(_ours, row, predict, data, preprocessing))
                with on_device(device), in_full_float32():  # as ours
                    theirs.append(_timed(_original, row, model, folder, preprocessing, view))
        found.append(
            ClipTiming(
                clip_id=row.clip_id,
                stream=stream,
                samples=preprocessing.count_positions(row.frames),
                ours_seconds=statistics.median(seconds for seconds, _ in ours),
                original_seconds=statistics.median(seconds for seconds, _ in theirs),
                difference=float(np.abs(ours[0][1] - theirs[0][1]).max()),
                computation=predict.computation,
            )
        )
        on_clip()
    return found


def _timed(function: Callable[..., Scores], *arguments: Any) -> tuple[float, Scores]:
    started = time.perf_counter()
    scores = function(*arguments)
    return time.perf_counter() - started, scores


def _ours(row: ManifestRow, predict: Predictor, data: Path, preprocessing: Preprocessing) -> Scores:
    scores = clip_scores(
        row,
        sets=(EVERY,),
        predict=predict,
        source=DataSetClips(data),  # a new one, so that the archive's index is read too
        preprocessing=preprocessing,
    )
    mean: Scores = scores[EVERY].mean(axis=0)
    return mean


def _original(
    row: ManifestRow, model: Any, folder: Path, preprocessing: Preprocessing, view: View
) -> Scores:
    if preprocessing.stream == "spatial":
        frames = [_read(folder / frame_member(k), view, preprocessing) for k in range(row.frames)]
        scores: Scores = model.predict(np.stack(frames).astype(np.float32), verbose=0)
        mean: Scores = scores.mean(axis=0)
        return mean
    each = []
    for start in range(preprocessing.count_positions(row.frames)):
        indices = stack_indices(
            start, flows=row.frames - 1, stack_length=preprocessing.stack_length
        )
        images = [
            _read(folder / member, view, preprocessing)
            for k in indices
            for member in flow_members(int(k))
        ]
        stack = np.stack(images, axis=-1)
        each.append(model.predict(stack[None].astype(np.float32), verbose=0)[0])
    return np.asarray(np.mean(each, axis=0))


def _read(path: Path, view: View, preprocessing: Preprocessing) -> Pixels:
    """One JPEG file, cut as `evaluate` cuts it: RGB of a frame, grey of a component of flow."""
    import cv2

    from twostream.video.resize import resize

    grey = preprocessing.stream == "temporal"
    image: Any = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE if grey else cv2.IMREAD_COLOR)
    if not grey:
        image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
    square = image[view.top : view.top + view.side, view.left : view.left + view.side]
    return resize(
        np.ascontiguousarray(square), width=preprocessing.size_px, height=preprocessing.size_px
    )
