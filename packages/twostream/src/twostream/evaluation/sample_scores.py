"""Softmax of every sample of every clip: each clip read once, kept so that a stop loses little."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from twostream.atomic import atomic_path
from twostream.datasets.manifest import ManifestRow
from twostream.models.inference import BATCH_SAMPLES, Predict
from twostream.progress import Progress
from twostream.training.samples import ClipSource
from twostream.transforms.preprocessing import Preprocessing

Pixels = npt.NDArray[np.uint8]
Scores = npt.NDArray[np.float32]
SAVE_INTERVAL_SECONDS = 60.0


def score_clips(
    rows: Sequence[ManifestRow],
    *,
    predict: Predict,
    source: ClipSource,
    preprocessing: Preprocessing,
    centre_only: bool,
    cache: Path,
    made_for: str,
    label: str,
) -> dict[str, Scores]:
    """Softmax (n, C) of all samples of each clip, by clip id; with `centre_only`, of the centre one.

    Scores are kept in `cache` every minute and when interrupted; a later call under the same
    circumstances `made_for` computes only what is missing.
    """
    done = load_sample_scores(cache, made_for=made_for)
    missing = [row for row in rows if row.clip_id not in done]
    saved = time.monotonic()
    try:
        with Progress(label, total=len(rows)) as progress:
            progress.done = progress.already_done = len(rows) - len(missing)
            for row in missing:
                done[row.clip_id] = _clip_scores(
                    row,
                    predict=predict,
                    source=source,
                    preprocessing=preprocessing,
                    centre_only=centre_only,
                )
                progress.advance(samples=len(done[row.clip_id]))
                if time.monotonic() - saved > SAVE_INTERVAL_SECONDS:
                    save_sample_scores(cache, done, made_for=made_for)
                    saved = time.monotonic()
    finally:
        if missing:
            save_sample_scores(cache, done, made_for=made_for)
    return done


def _clip_scores(
    row: ManifestRow,
    *,
    predict: Predict,
    source: ClipSource,
    preprocessing: Preprocessing,
    centre_only: bool,
) -> Scores:
    """Softmax (n, C) of the samples of one clip; the next batch is read while one is scored."""
    clip = source.clip(row)
    view = preprocessing.evaluation_view(clip)
    if centre_only:
        centre = preprocessing.centre_position(row.frames)
        return predict(preprocessing.sample(clip, centre, view)[None])
    batches = preprocessing.batches(clip, view, size=BATCH_SAMPLES)
    return np.concatenate([predict(batch) for batch in _read_ahead(batches)])


def _read_ahead(batches: Iterator[Pixels]) -> Iterator[Pixels]:
    with ThreadPoolExecutor(max_workers=1) as pool:
        coming = pool.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = pool.submit(next, batches, None)
            yield batch


def save_sample_scores(path: Path, scores: dict[str, Scores], *, made_for: str) -> None:
    """Write sample scores by clip id as one ``.npz``: ids, counts, and all rows one after another."""
    values = list(scores.values())
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.savez(
            file,
            ids=np.asarray(list(scores), dtype=np.str_),
            counts=np.asarray([len(value) for value in values], np.int64),
            scores=np.concatenate(values) if values else np.zeros((0, 0), np.float32),
            fingerprint=made_for,
        )


def load_sample_scores(path: Path, *, made_for: str) -> dict[str, Scores]:
    """Read what `save_sample_scores` wrote under the same circumstances; empty where there is none."""
    try:
        with np.load(path) as stored:
            if str(stored["fingerprint"]) != made_for:
                return {}
            ends = np.cumsum(stored["counts"])
            parts = np.split(stored["scores"], ends[:-1]) if len(ends) else []
            return dict(zip((str(name) for name in stored["ids"]), parts, strict=True))
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return {}  # absent or damaged: everything is scored again
