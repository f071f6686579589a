"""Softmax of samples of clips: each clip read once, kept so that a stop loses little."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from twostream.atomic import atomic_path
from twostream.datasets.manifest import ManifestRow
from twostream.evaluation.sample_sets import Sample, SampleSet, in_order, read_samples
from twostream.models.inference import BATCH_SAMPLES, Predict
from twostream.progress import Progress
from twostream.store.clip import StoredClip
from twostream.training.samples import ClipSource
from twostream.transforms.preprocessing import Preprocessing

Pixels = npt.NDArray[np.uint8]
Scores = npt.NDArray[np.float32]
SAVE_INTERVAL_SECONDS = 60.0


def score_clips(
    rows: Sequence[ManifestRow],
    *,
    sets: Sequence[SampleSet],
    predict: Predict,
    source: ClipSource,
    preprocessing: Preprocessing,
    folder: Path,
    made_for: str,
    label: str,
) -> dict[SampleSet, dict[str, Scores]]:
    """Softmax (n, C) of each clip at the n positions of each set, by set and clip id.

    A clip is read once, whatever sets it lacks. Scores are kept in `folder`, a file a set, every
    minute and when interrupted; a later call under the same circumstances `made_for` computes only
    what is missing.
    """
    done = {kind: load_sample_scores(folder / kind.file_name, made_for=made_for) for kind in sets}
    missing = [row for row in rows if any(row.clip_id not in done[kind] for kind in sets)]
    changed: set[SampleSet] = set()
    saved = time.monotonic()

    def save() -> None:
        for kind in changed:
            save_sample_scores(folder / kind.file_name, done[kind], made_for=made_for)
        changed.clear()

    try:
        with Progress(label, total=len(rows)) as progress:
            progress.done = progress.already_done = len(rows) - len(missing)
            for row in missing:
                lacking = [kind for kind in sets if row.clip_id not in done[kind]]
                scored = clip_scores(
                    row, sets=lacking, predict=predict, source=source, preprocessing=preprocessing
                )
                for kind, scores in scored.items():
                    done[kind][row.clip_id] = scores
                    changed.add(kind)
                progress.advance(samples=sum(len(scores) for scores in scored.values()))
                if time.monotonic() - saved > SAVE_INTERVAL_SECONDS:
                    save()
                    saved = time.monotonic()
    finally:
        save()
    return done


def clip_scores(
    row: ManifestRow,
    *,
    sets: Sequence[SampleSet],
    predict: Predict,
    source: ClipSource,
    preprocessing: Preprocessing,
) -> dict[SampleSet, Scores]:
    """Softmax (n, C) of one clip at the positions of each set, the mean over the set's views."""
    clip = source.clip(row)
    wanted = {kind: kind.samples(clip, preprocessing) for kind in sets}
    samples = in_order(sample for places in wanted.values() for views in places for sample in views)
    batches = _batches(clip, samples, preprocessing)
    scored = np.concatenate([predict(batch) for batch in _read_ahead(batches)])
    number = {sample: k for k, sample in enumerate(samples)}
    return {
        kind: scored[np.asarray([[number[s] for s in views] for views in places])].mean(axis=1)
        for kind, places in wanted.items()
    }


def _batches(
    clip: StoredClip, samples: Sequence[Sample], preprocessing: Preprocessing
) -> Iterator[Pixels]:
    pixels = read_samples(clip, samples, preprocessing=preprocessing)
    while batch := list(islice(pixels, BATCH_SAMPLES)):
        yield np.stack(batch)


def _read_ahead(batches: Iterator[Pixels]) -> Iterator[Pixels]:
    """The same batches, the next one read while one is scored."""
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
