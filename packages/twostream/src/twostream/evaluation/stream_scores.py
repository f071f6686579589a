"""One trained stream's scores of clips, by protocol."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.datasets.manifest import ManifestRow
from twostream.evaluation.protocols import Protocol, choose_sets, clip_score
from twostream.evaluation.sample_scores import load_sample_scores, score_clips
from twostream.evaluation.sample_sets import EVEN_SAMPLES, EVERY, SampleSet
from twostream.evaluation.scores import ClipScores
from twostream.models.files import load_model_file
from twostream.models.inference import Engine, Predict, make_predictor, resolve_engine
from twostream.preparation.record import read_preparation_record
from twostream.training.features import fingerprint
from twostream.training.record import TrainingRecord
from twostream.training.samples import ClipSource
from twostream.transforms.preprocessing import load_preprocessing
from twostream.transforms.views import TEN_VIEWS_SCALE


def score_stream(
    run: Path,
    record: TrainingRecord,
    rows: Sequence[ManifestRow],
    *,
    data: Path,
    protocols: Sequence[Protocol],
    engine: Engine,
    part: str = "test",
) -> dict[Protocol, ClipScores]:
    """Scores of the clips `rows` by a trained stream of `run`, in their order, by protocol.

    Sample scores are kept in the stream's folder (of another `part` than the test part, in a folder of
    that name there), so that a second call computes nothing.
    """
    folder = run / record.stream
    preprocessing = load_preprocessing(folder / "preprocessing.json")
    made_for = _made_for(record, rows, data, engine)
    every = load_sample_scores(_kept(folder, part) / EVERY.file_name, made_for=made_for)
    complete = [EVERY] if {row.clip_id for row in rows} <= set(every) else []
    chosen = choose_sets(protocols, complete=complete)
    sets = tuple(dict.fromkeys(chosen.values()))
    scores = score_sets(run, record, rows, sets=sets, data=data, engine=engine, part=part)
    ids = tuple(row.clip_id for row in rows)
    labels = np.asarray([row.label for row in rows], np.int64)

    def of_clip(row: ManifestRow, protocol: Protocol) -> Any:
        return clip_score(
            scores[chosen[protocol]][row.clip_id],
            protocol=protocol,
            among=chosen[protocol],
            preprocessing=preprocessing,
            frames=row.frames,
        )

    return {
        protocol: ClipScores(
            ids, record.classes, labels, np.stack([of_clip(row, protocol) for row in rows])
        )
        for protocol in protocols
    }


def score_sets(
    run: Path,
    record: TrainingRecord,
    rows: Sequence[ManifestRow],
    *,
    sets: Sequence[SampleSet],
    data: Path,
    engine: Engine,
    part: str = "test",
) -> dict[SampleSet, dict[str, npt.NDArray[np.float32]]]:
    """Sample scores of the clips `rows` by a trained stream, by set and clip id; kept and resumed."""
    folder = run / record.stream
    return score_clips(
        rows,
        sets=sets,
        predict=lazy_predictor(folder / "model.keras", engine=engine),
        source=ClipSource(data),
        preprocessing=load_preprocessing(folder / "preprocessing.json"),
        folder=_kept(folder, part),
        made_for=_made_for(record, rows, data, engine),
        label=f"evaluate {record.stream}" + ("" if part == "test" else f", {part}"),
    )


def _kept(folder: Path, part: str) -> Path:
    return folder if part == "test" else folder / part


def _made_for(
    record: TrainingRecord, rows: Sequence[ManifestRow], data: Path, engine: Engine
) -> str:
    return fingerprint(
        record.fingerprint,
        record.duration_seconds,
        list(rows),
        read_preparation_record(data).get("content"),
        resolve_engine(engine),
        EVEN_SAMPLES,
        TEN_VIEWS_SCALE,
    )


def lazy_predictor(model: Path, *, engine: Engine) -> Predict:
    """The predictor of a saved model, which is loaded when first used: often nothing is missing."""
    loaded: list[Predict] = []

    def predict(samples: Any) -> Any:
        if not loaded:
            loaded.append(make_predictor(load_model_file(model), engine=engine))
        return loaded[0](samples)

    return predict
