"""One trained stream's scores of clips, by protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.datasets.manifest import ManifestRow
from twostream.evaluation.engines import merged
from twostream.evaluation.protocols import Protocol, choose_sets, clip_score
from twostream.evaluation.sample_scores import SampleScores, load_sample_scores, score_clips
from twostream.evaluation.sample_sets import EVEN_SAMPLES, EVERY, SampleSet
from twostream.evaluation.scores import ClipScores
from twostream.models.computation import Computation
from twostream.models.engines.engine import Predictor
from twostream.models.files import file_digest
from twostream.models.inference import Scoring, load_network, wanted_computation
from twostream.models.int8 import calibration_of, folder_of
from twostream.preparation.record import read_preparation_record
from twostream.training.features import fingerprint
from twostream.training.record import TrainingRecord
from twostream.training.samples import DataSetClips
from twostream.transforms.preprocessing import Preprocessing, ViewName, load_preprocessing
from twostream.transforms.views import TEN_VIEWS_SCALE


@dataclass(frozen=True)
class StreamScores:
    """One stream's scores of clips by protocol, and what computed them."""

    by_protocol: dict[Protocol, ClipScores]
    computations: tuple[Computation, ...]


def score_stream(
    run: Path,
    record: TrainingRecord,
    rows: Sequence[ManifestRow],
    *,
    data: Path,
    protocols: Sequence[Protocol],
    scoring: Scoring,
    view: ViewName | None = None,
    part: str = "test",
) -> StreamScores:
    """Scores of the clips `rows` by a trained stream of `run`, in their order, by protocol.

    Sample scores are kept in the stream's folder (of another `part` than the test part, in a folder of
    that name there), so that a second call computes nothing.
    """
    folder = run / record.stream
    preprocessing = preprocessing_of(folder, view)
    every = load_sample_scores(
        _kept(folder, part, scoring) / EVERY.file_name,
        made_for=_made_for(folder, rows, data, scoring, view),
        engine=scoring.engine,
    )
    complete = [EVERY] if {row.clip_id for row in rows} <= set(every.by_clip) else []
    chosen = choose_sets(protocols, complete=complete)
    sets = tuple(dict.fromkeys(chosen.values()))
    scores = score_sets(
        run, record, rows, sets=sets, data=data, scoring=scoring, view=view, part=part
    )
    ids = tuple(row.clip_id for row in rows)
    labels = np.asarray([row.label for row in rows], np.int64)

    def of_clip(row: ManifestRow, protocol: Protocol) -> Any:
        return clip_score(
            scores[chosen[protocol]].by_clip[row.clip_id],
            protocol=protocol,
            among=chosen[protocol],
            preprocessing=preprocessing,
            frames=row.frames,
        )

    by_protocol = {
        protocol: ClipScores(
            ids,
            record.classes,
            labels,
            np.stack([of_clip(row, protocol) for row in rows]),
            _truth(rows, record.classes),
        )
        for protocol in protocols
    }
    return StreamScores(by_protocol, merged(*(found.computations for found in scores.values())))


def _truth(rows: Sequence[ManifestRow], classes: Sequence[str]) -> npt.NDArray[np.bool_] | None:
    """Which labels hold in each clip (n, C); None where clips are of one class."""
    if all(row.labels is None for row in rows):
        return None
    return np.asarray([[name in (row.labels or ()) for name in classes] for row in rows], np.bool_)


def score_sets(
    run: Path,
    record: TrainingRecord,
    rows: Sequence[ManifestRow],
    *,
    sets: Sequence[SampleSet],
    data: Path,
    scoring: Scoring,
    view: ViewName | None = None,
    part: str = "test",
) -> dict[SampleSet, SampleScores]:
    """Sample scores of the clips `rows` by a trained stream, by set; kept and resumed."""
    folder = run / record.stream
    return score_clips(
        rows,
        sets=sets,
        load_predictor=partial(_load, folder / "model.keras", scoring),
        source=DataSetClips(data),
        preprocessing=preprocessing_of(folder, view),
        folder=_kept(folder, part, scoring),
        made_for=_made_for(folder, rows, data, scoring, view),
        engine=scoring.engine,
        label=f"evaluate {record.stream}" + ("" if part == "test" else f", {part}"),
    )


def _kept(folder: Path, part: str, scoring: Scoring) -> Path:
    """Where scores of a part are: those in int8 with their network, so that float32's stay beside them."""
    if scoring.compute.precision == "int8":
        folder = folder_of(folder / "model.keras")
    return folder if part == "test" else folder / part


def preprocessing_of(folder: Path, view: ViewName | None) -> Preprocessing:
    """What a stream's network sees in a test: as it was trained, but for another `view`."""
    found = load_preprocessing(folder / "preprocessing.json")
    return found if view is None else replace(found, view=view)


def seen_through(folder: Path, view: ViewName | None) -> ViewName:
    """The view of a stream in a test."""
    return preprocessing_of(folder, view).view


def _made_for(
    folder: Path,
    rows: Sequence[ManifestRow],
    data: Path,
    scoring: Scoring,
    view: ViewName | None,
) -> str:
    """Names what decides the scores: the network and its preprocessing by their content."""
    as_trained = view in (None, load_preprocessing(folder / "preprocessing.json").view)
    return fingerprint(
        file_digest(folder / "model.keras"),
        file_digest(folder / "preprocessing.json"),
        list(rows),
        read_preparation_record(data).get("content"),
        wanted_computation(scoring),
        EVEN_SAMPLES,
        TEN_VIEWS_SCALE,
        *(() if as_trained else (view,)),
        *_calibrated(folder, scoring),
    )


def _calibrated(folder: Path, scoring: Scoring) -> tuple[str, ...]:
    """The network in int8 by its content: one that is made again may be another."""
    if scoring.compute.precision != "int8":
        return ()
    kept = calibration_of(folder / "model.keras")
    return () if kept is None else (kept.int8,)


def _load(model: Path, scoring: Scoring) -> Predictor:
    return load_network(model, scoring).probabilities
