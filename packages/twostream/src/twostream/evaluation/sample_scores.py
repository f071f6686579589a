"""Softmax of samples of clips: each clip read once, kept so that a stop loses little."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from twostream.atomic import atomic_path
from twostream.datasets.manifest import ManifestRow
from twostream.evaluation.engines import merged
from twostream.evaluation.sample_sets import SampleSet, in_order
from twostream.events import heard_in_threads
from twostream.models.any_size import by_size
from twostream.models.computation import Computation, read_computation
from twostream.models.engines.engine import EngineName, Predictor
from twostream.progress import Progress
from twostream.store.source import ClipSource
from twostream.training.samples import DataSetClips
from twostream.transforms.preprocessing import Place, Preprocessing
from twostream.transforms.views import Whole
from twostream.video.opencv_threads import one_opencv_thread

Pixels = npt.NDArray[np.uint8]
Scores = npt.NDArray[np.float32]
SAVE_INTERVAL_SECONDS = 60.0


@dataclass(frozen=True)
class SampleScores:
    """Softmax (n, C) of the samples of each clip, by clip id, and what computed them."""

    by_clip: dict[str, Scores] = field(default_factory=dict)
    computations: tuple[Computation, ...] = ()


def score_clips(
    rows: Sequence[ManifestRow],
    *,
    sets: Sequence[SampleSet],
    load_predictor: Callable[[], Predictor],
    source: DataSetClips,
    preprocessing: Preprocessing,
    folder: Path,
    made_for: str,
    engine: EngineName,
    label: str,
) -> dict[SampleSet, SampleScores]:
    """Softmax (n, C) of each clip at the n positions of each set, by set.

    A clip is read once, whatever sets it lacks. Scores are kept in `folder`, a file a set, every
    minute and when interrupted; a later call under the same circumstances `made_for` computes only
    what is missing. `load_predictor` is called only where something is.
    """
    done = {
        kind: load_sample_scores(folder / kind.file_name, made_for=made_for, engine=engine)
        for kind in sets
    }
    missing = [row for row in rows if any(row.clip_id not in done[kind].by_clip for kind in sets)]
    # An engine has to be made ready for each size of images that it is shown.
    missing = [missing[k] for k in by_size([(row.height, row.width) for row in missing])]
    if not missing:
        return done
    predictor = load_predictor()
    for kind, found in done.items():
        if any(row.clip_id not in found.by_clip for row in rows):
            computed_by = merged(found.computations, [predictor.computation])
            done[kind] = SampleScores(found.by_clip, computed_by)
    changed: set[SampleSet] = set()
    saved = time.monotonic()

    def save() -> None:
        for kind in changed:
            save_sample_scores(folder / kind.file_name, done[kind], made_for=made_for)
        changed.clear()

    try:
        with Progress(label, total=len(rows), warms_up=True) as progress:
            progress.done = progress.already_done = len(rows) - len(missing)
            for row in missing:
                lacking = [kind for kind in sets if row.clip_id not in done[kind].by_clip]
                scored = clip_scores(
                    row, sets=lacking, predict=predictor, source=source, preprocessing=preprocessing
                )
                for kind, scores in scored.items():
                    done[kind].by_clip[row.clip_id] = scores
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
    predict: Predictor,
    source: DataSetClips,
    preprocessing: Preprocessing,
) -> dict[SampleSet, Scores]:
    """Softmax (n, C) of one clip at the positions of each set, the mean over the set's views."""
    return scores_of_clip(source.clip(row), sets=sets, predict=predict, preprocessing=preprocessing)


def scores_of_clip(
    clip: ClipSource,
    *,
    sets: Sequence[SampleSet],
    predict: Predictor,
    preprocessing: Preprocessing,
) -> dict[SampleSet, Scores]:
    """The same of any clip."""
    wanted = {kind: kind.samples(clip, preprocessing) for kind in sets}
    samples = in_order(sample for places in wanted.values() for views in places for sample in views)
    # Whole images and squares have other shapes and pass apart.
    whole = [sample for sample in samples if isinstance(sample[1], Whole)]
    samples = [*whole, *(sample for sample in samples if not isinstance(sample[1], Whole))]
    scored = np.concatenate(
        [
            predict(batch)
            for part in (samples[: len(whole)], samples[len(whole) :])
            for batch in _read_ahead(
                _batches(clip, part, preprocessing, size=predict.batch_samples)
            )
        ]
    )
    return {kind: of_places(places, samples, scored) for kind, places in wanted.items()}


def of_places(
    places: Sequence[Sequence[Place]], samples: Sequence[Place], scored: Scores
) -> Scores:
    """Scores (n, C) of n positions: the means over the views of each, given those of all `samples`."""
    number = {sample: k for k, sample in enumerate(samples)}
    means: Scores = scored[np.asarray([[number[s] for s in views] for views in places])].mean(
        axis=1
    )
    return means


def _batches(
    clip: ClipSource, samples: Sequence[Place], preprocessing: Preprocessing, *, size: int
) -> Iterator[Pixels]:
    pixels = preprocessing.samples(clip, samples)
    while batch := list(islice(pixels, size)):
        yield np.stack(batch)


def _read_ahead(batches: Iterator[Pixels]) -> Iterator[Pixels]:
    """The same batches, the next one read while one is scored."""
    with one_opencv_thread(), ThreadPoolExecutor(1, initializer=heard_in_threads()) as pool:
        coming = pool.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = pool.submit(next, batches, None)
            yield batch


def save_sample_scores(path: Path, scores: SampleScores, *, made_for: str) -> None:
    """Write sample scores as one ``.npz``: ids, counts, all rows one after another, what computed them."""
    values = list(scores.by_clip.values())
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.savez(
            file,
            ids=np.asarray(list(scores.by_clip), dtype=np.str_),
            counts=np.asarray([len(value) for value in values], np.int64),
            scores=np.concatenate(values) if values else np.zeros((0, 0), np.float32),
            computations=json.dumps([one.to_dict() for one in scores.computations]),
            fingerprint=made_for,
        )


def load_sample_scores(path: Path, *, made_for: str, engine: EngineName) -> SampleScores:
    """Read what `save_sample_scores` wrote under the same circumstances; empty where there is none.

    Where an `engine` was asked for by its name, scores that another one computed are none.
    """
    try:
        with np.load(path) as stored:
            if str(stored["fingerprint"]) != made_for:
                return SampleScores()
            told = json.loads(str(stored["computations"]))
            computations = tuple(read_computation(one) for one in told)
            if engine != "auto" and any(one.engine != engine for one in computations):
                return SampleScores()
            ends = np.cumsum(stored["counts"])
            parts = np.split(stored["scores"], ends[:-1]) if len(ends) else []
            names = (str(name) for name in stored["ids"])
            return SampleScores(dict(zip(names, parts, strict=True)), computations)
    except (OSError, EOFError, ValueError, TypeError, KeyError, zipfile.BadZipFile):
        return (
            SampleScores()
        )  # absent, damaged or of an earlier version: everything is scored again
