"""Evaluating a run: every trained stream on the whole test part, and their fusion."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from twostream.datasets.folds import are_folds
from twostream.datasets.manifest import Manifest, ManifestRow, read_manifest
from twostream.environment import describe_environment
from twostream.errors import TwostreamError
from twostream.evaluation.accuracy_in_float32 import RESULTS_KEY, agreement, scores_in_float32
from twostream.evaluation.analysis import Analysis, analyse
from twostream.evaluation.analysis_files import write_analyses
from twostream.evaluation.chosen import CHOSEN, chosen_clips
from twostream.evaluation.chosen_rule import rule_of_run
from twostream.evaluation.clip_facts import facts_of_rows
from twostream.evaluation.fusion import fuse
from twostream.evaluation.fusion_variants import (
    LEARNING_PROTOCOL,
    Fusion,
    Part,
    Variant,
    average_note,
    make_variants,
    rule_note,
    shared_partition,
)
from twostream.evaluation.label_measures import LABEL_MEASURES
from twostream.evaluation.label_run import measure_labels, thresholds_of_run, write_label_tables
from twostream.evaluation.label_thresholds import LabelThresholds
from twostream.evaluation.metrics import accuracy
from twostream.evaluation.protocols import PROTOCOLS, Protocol
from twostream.evaluation.quantising import keep_int8
from twostream.evaluation.results import (
    MEASURES,
    Intervals,
    Measured,
    protocols_content,
    write_results,
)
from twostream.evaluation.rounding import beside_float32
from twostream.evaluation.sample_size import untested_classes
from twostream.evaluation.scores import ClipScores, save_scores
from twostream.evaluation.stream_scores import score_stream, seen_through
from twostream.evaluation.trained import check_agreement, data_folder, trained_streams
from twostream.models.backend import prepare_keras
from twostream.models.computation import Computation
from twostream.models.device import AskedPrecision
from twostream.models.engines.engine import EngineName
from twostream.models.inference import Scoring, for_choosing, resolve_scoring
from twostream.preparation.record import read_preparation_record
from twostream.training.checks import NO_PART
from twostream.training.fusion_rule import PLAIN_AVERAGE, FusionSpecification
from twostream.training.record import TrainingRecord
from twostream.transforms.preprocessing import ViewName

# Makes the table of the original project's own procedures (`twostream.lab.as_original.run`).
OriginalTable = Callable[..., dict[str, Any]]


def evaluate_run(
    run: Path,
    *,
    protocols: Sequence[Protocol],
    streams: Sequence[str] = ("spatial", "temporal"),
    fusions: Sequence[Fusion] = ("average", "logit"),
    original: OriginalTable | None = None,
    view: ViewName | None = None,
    engine: EngineName = "auto",
    device: str = "auto",
    precision: AskedPrecision = "auto",
    data: Path | None = None,
) -> dict[str, Any]:
    """Score all test clips with every trained stream of `run`; writes scores and results.

    Two streams are fused by their average and by the other `fusions` asked for. `original` makes the
    original project's own table too. `data` says where the prepared clips are, if they were moved since
    training; `view` what is seen of an image, if not what the streams were trained for; `engine`, `device`
    and `precision` how networks compute. Returns the content of ``results.json``. Raises TwostreamError
    where no stream is trained, the streams do not belong together or have seen a test clip, the test part
    is empty, or this machine cannot compute as asked.
    """
    records = trained_streams(run, streams)
    scoring = resolve_scoring(engine, device, precision)
    first = next(iter(records.values()))
    folder = data or data_folder(run, first)
    manifest = read_manifest(folder)
    if manifest.multi_label and original is not None:
        raise TwostreamError(
            "--protocols original",
            expected="clips of one class each, which the original project had",
            found="clips of several labels at once",
            remedy="leave it out",
        )
    prepare_keras()
    check_agreement(run, records, manifest)
    rows = manifest.part(first.split, "test")
    if not rows:
        raise TwostreamError(
            f"{folder}, split {first.split}",
            expected="at least one test clip",
            found="none",
            remedy=NO_PART,
        )
    if scoring.compute.precision == "int8":
        keep_int8(run, records, data=folder)
    choosing = for_choosing(scoring)
    by_protocol: dict[Protocol, dict[str, ClipScores]] = {name: {} for name in protocols}
    engines: dict[str, tuple[Computation, ...]] = {}
    for stream in records:
        scored = score_stream(
            run,
            records[stream],
            rows,
            data=folder,
            protocols=protocols,
            scoring=scoring,
            view=view,
        )
        for protocol in protocols:
            by_protocol[protocol][stream] = scored.by_protocol[protocol]
        engines[stream] = scored.computations
    variants: list[Variant] = []
    rule = PLAIN_AVERAGE
    if len(records) == 2:
        score_part = partial(_score_part, run, records, folder, choosing, view)
        rule = rule_of_run(run, records, manifest, score_part=score_part)
        variants = make_variants(
            fusions,
            partition=shared_partition(run, manifest, records),
            score_part=score_part,
            multi_label=manifest.multi_label,
        )
    for protocol, found in by_protocol.items():
        if len(found) == 2:
            pair = found["spatial"], found["temporal"]
            found["fusion"] = fuse(*pair)
            found[CHOSEN] = chosen_clips(*pair, rule)
            found |= {one.name: one.fuse(*pair) for one in variants if one.fuse is not None}
        save_scores(run / "scores" / f"{protocol}.npz", found)
    for protocol in set(PROTOCOLS) - set(protocols):
        # Scores that results.json does not speak of would be of an earlier evaluation.
        (run / "scores" / f"{protocol}.npz").unlink(missing_ok=True)
    by_name: dict[str, dict[str, ClipScores]] = {
        str(name): one for name, one in by_protocol.items()
    }
    in_full: dict[str, dict[str, ClipScores]] = {}
    if scoring.compute.precision == "int8":
        in_full = scores_in_float32(
            run,
            records,
            rows,
            data=folder,
            protocols=protocols,
            scoring=scoring,
            view=view,
            rule=rule,
        )
    if manifest.multi_label:
        thresholds = thresholds_of_run(
            run,
            records,
            manifest,
            rule=rule,
            score_validation=partial(
                _score_stream_part, run, records, folder, choosing, view, "validation"
            ),
        )
        measured = _measure_labels(by_name, rows, thresholds)
        exact = _measure_labels(in_full, rows, thresholds) if in_full else None
        write_analyses(run, {})
        write_label_tables(run, by_name, measured.more or {}, thresholds)
    else:
        analyses, measured = _measure_classes(by_name, rows)
        exact = _measure_classes(in_full, rows)[1] if in_full else None
        write_analyses(run, analyses)
    more = dict(measured.more or {})
    if exact is not None:
        more[RESULTS_KEY] = {
            "protocols": protocols_content(exact.accuracies, exact.intervals, exact.measures),
            "agreement": agreement(by_name, in_full),
        }
    return write_results(
        run,
        dataset=_dataset_name(folder),
        split=first.split,
        n_test=len(rows),
        classes=manifest.classes,
        untested=_untested(manifest, rows),
        protocols=measured.accuracies,
        intervals=measured.intervals,
        measures=measured.measures,
        more=more,
        original=original(run, records, rows, data=folder, scoring=scoring)
        if original is not None
        else None,
        fusion=_fusion_note(rule, variants, multi_label=manifest.multi_label)
        if len(records) == 2
        else None,
        views={stream: seen_through(run / stream, view) for stream in records},
        selection={name: record.selection for name, record in records.items()},
        trainings={name: record.fingerprint for name, record in records.items()},
        engines=engines,
        rounding={
            stream: told
            for stream in records
            if (told := beside_float32(run, stream, rows, data=folder, scoring=scoring))
        },
        data=folder,
        environment=describe_environment(),
        folds=len(manifest.split_numbers)
        if are_folds(row.splits for row in manifest.rows)
        else None,
    )


def _score_part(
    run: Path,
    records: Mapping[str, TrainingRecord],
    data: Path,
    scoring: Scoring,
    view: ViewName | None,
    part: Part,
    rows: Sequence[ManifestRow],
) -> tuple[ClipScores, ClipScores]:
    """Clips of the training part, scored by both streams, for a fusion to learn from."""
    spatial, temporal = (
        _score_stream_part(run, records, data, scoring, view, part, stream, rows)
        for stream in ("spatial", "temporal")
    )
    return spatial, temporal


def _score_stream_part(
    run: Path,
    records: Mapping[str, TrainingRecord],
    data: Path,
    scoring: Scoring,
    view: ViewName | None,
    part: Part,
    stream: str,
    rows: Sequence[ManifestRow],
) -> ClipScores:
    return score_stream(
        run,
        records[stream],
        rows,
        data=data,
        protocols=(LEARNING_PROTOCOL,),
        scoring=scoring,
        view=view,
        part=part,
    ).by_protocol[LEARNING_PROTOCOL]


@dataclass(frozen=True)
class _Measures:
    """Accuracies and intervals by protocol and stream, and what else the results hold."""

    accuracies: Mapping[str, Mapping[str, Measured]]
    intervals: Mapping[str, Mapping[str, Intervals]]
    measures: Sequence[str]
    more: Mapping[str, Any] | None = None


def _measure_classes(
    by_protocol: Mapping[str, Mapping[str, ClipScores]], rows: Sequence[ManifestRow]
) -> tuple[dict[str, Analysis], _Measures]:
    """The accuracies, and the analyses that their intervals are of."""
    analyses: dict[str, Analysis] = {
        protocol: analyse(found, facts_of_rows(rows)) for protocol, found in by_protocol.items()
    }
    return analyses, _Measures(
        {
            protocol: {
                name: accuracy(scores.values, scores.labels) for name, scores in found.items()
            }
            for protocol, found in by_protocol.items()
        },
        {
            protocol: {stream: found.resamples.intervals(stream) for stream in found.scores}
            for protocol, found in analyses.items()
        },
        MEASURES,
    )


def _measure_labels(
    by_protocol: Mapping[str, Mapping[str, ClipScores]],
    rows: Sequence[ManifestRow],
    thresholds: LabelThresholds,
) -> _Measures:
    """The measures of labels."""
    content, accuracies, intervals = measure_labels(by_protocol, rows, thresholds)
    return _Measures(accuracies, intervals, LABEL_MEASURES, content)


def _untested(manifest: Manifest, rows: Sequence[ManifestRow]) -> tuple[str, ...]:
    if not manifest.multi_label:
        return untested_classes(manifest.classes, [row.label for row in rows])
    tested = {name for row in rows for name in row.labels or ()}
    return tuple(name for name in manifest.classes if name not in tested)


def _fusion_note(
    rule: FusionSpecification, variants: Sequence[Variant], *, multi_label: bool
) -> dict[str, Any]:
    return {
        **average_note(multi_label=multi_label),
        CHOSEN: rule_note(rule),
        "variants": {one.name: dict(one.note) for one in variants},
    }


def _dataset_name(data: Path) -> str:
    return str(read_preparation_record(data).get("dataset") or data.resolve().name)
