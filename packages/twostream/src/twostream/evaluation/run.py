"""Evaluating a run: every trained stream on the whole test part, and their fusion."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from twostream.datasets.manifest import Manifest, ManifestRow, read_manifest
from twostream.environment import describe_environment
from twostream.errors import TwostreamError
from twostream.evaluation.analysis import Analysis, analyse
from twostream.evaluation.analysis_files import write_analyses
from twostream.evaluation.clip_facts import facts_of_rows
from twostream.evaluation.fusion import fuse
from twostream.evaluation.metrics import Accuracy, accuracy
from twostream.evaluation.protocols import PROTOCOLS, Protocol, clip_score
from twostream.evaluation.results import write_results
from twostream.evaluation.sample_scores import load_sample_scores, score_clips
from twostream.evaluation.scores import ClipScores, save_scores
from twostream.models.backend import prepare_keras
from twostream.models.files import load_model_file
from twostream.models.inference import Engine, make_predictor, resolve_engine
from twostream.preparation.record import read_preparation_record
from twostream.training.features import fingerprint
from twostream.training.record import RECORD_NAME, TrainingRecord, read_record
from twostream.training.samples import ClipSource
from twostream.transforms.preprocessing import load_preprocessing


def evaluate_run(
    run: Path,
    *,
    protocols: Sequence[Protocol],
    streams: Sequence[str] = ("spatial", "temporal"),
    engine: Engine = "auto",
    data: Path | None = None,
) -> dict[str, Any]:
    """Score all test clips with every trained stream of `run`; writes scores and results.

    `data` says where the prepared clips are, if they were moved since training. Returns the content
    of ``results.json``. Raises TwostreamError where no stream is trained, the streams do not belong
    together, or the test part is empty.
    """
    records = trained_streams(run, streams)
    first = next(iter(records.values()))
    folder = data or data_folder(run, first)
    manifest = read_manifest(folder)
    prepare_keras()
    _check_agreement(run, records, manifest)
    rows = manifest.part(first.split, "test")
    if not rows:
        raise TwostreamError(
            f"{folder}, split {first.split}",
            expected="at least one test clip",
            found="none",
            remedy="check the annotations; without any, a class needs clips of two source videos",
        )
    by_protocol: dict[Protocol, dict[str, ClipScores]] = {name: {} for name in protocols}
    for stream in records:
        scored = _score_stream(run, records[stream], rows, folder, protocols, engine)
        for protocol in protocols:
            by_protocol[protocol][stream] = scored[protocol]
    accuracies: dict[str, dict[str, Accuracy]] = {}
    analyses: dict[str, Analysis] = {}
    for protocol, found in by_protocol.items():
        if len(found) == 2:
            found["fusion"] = fuse(found["spatial"], found["temporal"])
        save_scores(run / "scores" / f"{protocol}.npz", found)
        accuracies[protocol] = {
            name: accuracy(scores.values, scores.labels) for name, scores in found.items()
        }
        analyses[protocol] = analyse(found, facts_of_rows(rows))
    for protocol in set(PROTOCOLS) - set(protocols):
        # Scores that results.json does not speak of would be of an earlier evaluation.
        (run / "scores" / f"{protocol}.npz").unlink(missing_ok=True)
    write_analyses(run, analyses)
    return write_results(
        run,
        dataset=_dataset_name(folder),
        split=first.split,
        n_test=len(rows),
        classes=manifest.classes,
        protocols=accuracies,
        intervals={
            protocol: {stream: found.resamples.intervals(stream) for stream in found.scores}
            for protocol, found in analyses.items()
        },
        fusion=_fusion_note() if len(records) == 2 else None,
        selection={name: record.selection for name, record in records.items()},
        trainings={name: record.fingerprint for name, record in records.items()},
        data=folder,
        environment=describe_environment(),
    )


def trained_streams(
    run: Path, streams: Sequence[str] = ("spatial", "temporal")
) -> dict[str, TrainingRecord]:
    """The finished trainings of a run, spatial first; raises TwostreamError where there is none."""
    found = {
        stream: read_record(run / stream)
        for stream in ("spatial", "temporal")
        if stream in streams and (run / stream / RECORD_NAME).is_file()
    }
    if not found:
        raise TwostreamError(
            run,
            expected="a run with a trained stream",
            found="none" if run.is_dir() else "no such folder",
            remedy="run `twostream train spatial DATA --out RUN` first",
        )
    return found


def data_folder(run: Path, record: TrainingRecord) -> Path:
    """Where the run's prepared clips are: in the run itself, or as recorded by the training.

    Raises TwostreamError where they are in neither place.
    """
    inside, recorded = run / "data", Path(record.data)
    if inside.is_dir():
        return inside
    if not recorded.is_dir():
        raise TwostreamError(
            recorded,
            expected="the prepared clips that the run was trained on",
            found="no such folder",
            remedy="say with --data where they are now",
        )
    return recorded


def _check_agreement(run: Path, records: dict[str, TrainingRecord], manifest: Manifest) -> None:
    for stream, record in records.items():
        if record.classes != manifest.classes:
            raise TwostreamError(
                run / stream,
                expected=f"a stream trained on the {len(manifest.classes)} classes of the data",
                found=f"one trained on {len(record.classes)} or other classes",
                remedy="train it again on this data",
            )
    kinds = {
        (record.split, record.content, str(record.options.get("stack_length")))
        for record in records.values()
    }
    if len(kinds) > 1:
        raise TwostreamError(
            run,
            expected="two streams of the same data, split and stack length",
            found=" and ".join(
                f"split {split} of data {content[:8]}, stacks of {length}"
                for split, content, length in sorted(kinds)
            ),
            remedy="train both streams alike",
        )


def _score_stream(
    run: Path,
    record: TrainingRecord,
    rows: Sequence[ManifestRow],
    data: Path,
    protocols: Sequence[Protocol],
    engine: Engine,
) -> dict[Protocol, ClipScores]:
    folder = run / record.stream
    preprocessing = load_preprocessing(folder / "preprocessing.json")
    centre_only = "whole-video" not in protocols
    content = read_preparation_record(data).get("content")
    made_for = fingerprint(
        record.fingerprint, record.duration_seconds, list(rows), content, resolve_engine(engine)
    )
    cache = folder / "frame_scores.npz"
    if centre_only and set(load_sample_scores(cache, made_for=made_for)) == {
        r.clip_id for r in rows
    }:
        centre_only = False  # every sample is scored already, the centre among them
    if centre_only:
        cache = folder / "centre_scores.npz"

    def predict(samples: Any) -> Any:
        # The model is loaded at the first clip that is not scored yet: a second call needs none.
        if not loaded:
            model = load_model_file(folder / "model.keras")
            loaded.append(make_predictor(model, engine=engine))
        return loaded[0](samples)

    loaded: list[Any] = []
    scores = score_clips(
        rows,
        predict=predict,
        source=ClipSource(data),
        preprocessing=preprocessing,
        centre_only=centre_only,
        cache=cache,
        made_for=made_for,
        label=f"evaluate {record.stream}",
    )
    ids = tuple(row.clip_id for row in rows)
    labels = np.asarray([row.label for row in rows], np.int64)

    def of_clip(row: ManifestRow, protocol: Protocol) -> Any:
        centre = 0 if centre_only else preprocessing.centre_position(row.frames)
        return clip_score(scores[row.clip_id], protocol=protocol, centre=centre)

    return {
        protocol: ClipScores(
            ids, record.classes, labels, np.stack([of_clip(row, protocol) for row in rows])
        )
        for protocol in protocols
    }


def _fusion_note() -> dict[str, Any]:
    return {
        "method": "average of softmax",
        "weights": {"spatial": 0.5, "temporal": 0.5},
        "reason": "equal weights, fixed beforehand: nothing was chosen on any clip",
    }


def _dataset_name(data: Path) -> str:
    return str(read_preparation_record(data).get("dataset") or data.resolve().name)
