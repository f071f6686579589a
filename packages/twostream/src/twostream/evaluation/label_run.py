"""Evaluating a run of several labels at once: thresholds, measures by label, what is written of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from twostream.atomic import write_csv
from twostream.datasets.manifest import Manifest, ManifestRow
from twostream.evaluation.chosen import CHOSEN, chosen_scores
from twostream.evaluation.chosen_rule import HELD_OUT_CLIPS, heads_left_out
from twostream.evaluation.clip_facts import facts_of_ids, facts_of_rows
from twostream.evaluation.fusion import geometric_mean
from twostream.evaluation.fusion_variants import shared_partition
from twostream.evaluation.label_measures import (
    LabelAccuracy,
    LabelResult,
    Scores,
    chance,
    decisions,
    label_accuracy,
    label_intervals,
    label_results,
    truth_of,
)
from twostream.evaluation.label_thresholds import (
    LabelThresholds,
    choose_thresholds,
    read_label_thresholds,
    without_clips,
    write_label_thresholds,
)
from twostream.evaluation.of_earlier import earlier_thresholds
from twostream.evaluation.paired import FUSION
from twostream.evaluation.scores import ClipScores
from twostream.training.fusion_rule import FusionSpecification
from twostream.training.label_sets import sets_of
from twostream.training.record import TrainingRecord

FOLDER_NAME = "analysis"
# A stream's scores of validation clips.
ScoreStream = Callable[[str, Sequence[ManifestRow]], ClipScores]
# What is made for one class a clip and says nothing of several.
LEFT_OUT = (
    "confusion, top-1 and calibration of the likeliest class are of one class a clip and left out"
)


def thresholds_of_run(
    run: Path,
    records: Mapping[str, TrainingRecord],
    manifest: Manifest,
    *,
    rule: FusionSpecification,
    score_validation: ScoreStream,
) -> LabelThresholds:
    """The thresholds that are kept in the run for these trainings; chosen and kept where there are none.

    Validation clips are scored by `score_validation`; test clips are never looked at.
    """
    trainings = {stream: record.fingerprint for stream, record in records.items()}
    kept = read_label_thresholds(run, trainings=trainings)
    if kept is not None:
        return kept
    found = _by_heads(run, records, manifest, rule, trainings)
    if found is None:
        partition = shared_partition(run, manifest, records)
        if isinstance(partition, str):
            found = _without_clips(partition, records, trainings)
        else:
            scored = {s: score_validation(s, partition.validation) for s in records}
            first = next(iter(scored.values()))
            found = choose_thresholds(
                _fused({s: one.values for s, one in scored.items()}, rule),
                truth_of(first),
                manifest.classes,
                trainings=trainings,
                chosen_on="validation",
                told="validation clips",
            )
    write_label_thresholds(run, found)
    return found


def _by_heads(
    run: Path,
    records: Mapping[str, TrainingRecord],
    manifest: Manifest,
    rule: FusionSpecification,
    trainings: Mapping[str, str],
) -> LabelThresholds | None:
    held = heads_left_out(run, records, manifest)
    sets = sets_of(manifest)
    if held is None or sets is None:
        return None
    if isinstance(held, str):
        return _without_clips(held, records, trainings)
    return choose_thresholds(
        _fused(held.scores, rule),
        sets[held.labels],
        manifest.classes,
        trainings=trainings,
        chosen_on="left out",
        told=HELD_OUT_CLIPS,
    )


def _without_clips(
    why: str, records: Mapping[str, TrainingRecord], trainings: Mapping[str, str]
) -> LabelThresholds:
    """Those of the run that goes on, where one does; else one half for every label."""
    earlier = earlier_thresholds(records, why, trainings=trainings)
    return without_clips(why, trainings=trainings) if earlier is None else earlier


def _fused(scores: Mapping[str, Scores], rule: FusionSpecification) -> dict[str, Scores]:
    """Scores by stream, and those of their fusions."""
    found = dict(scores)
    if len(scores) == 2:
        spatial, temporal = scores["spatial"], scores["temporal"]
        found[FUSION] = ((spatial + temporal) / 2).astype(spatial.dtype)
        found[CHOSEN] = chosen_scores(spatial, temporal, rule)
        found[f"{FUSION}-logit"] = geometric_mean(spatial, temporal, multi_label=True)
    return found


def measure_labels(
    by_protocol: Mapping[str, Mapping[str, ClipScores]],
    rows: Sequence[ManifestRow],
    thresholds: LabelThresholds,
) -> tuple[dict[str, Any], dict[str, dict[str, LabelAccuracy]], dict[str, Any]]:
    """What ``results.json`` adds for labels; accuracies and their intervals by protocol and stream."""
    facts = facts_of_rows(rows)
    accuracies: dict[str, dict[str, LabelAccuracy]] = {}
    intervals: dict[str, Any] = {}
    by_label: dict[str, Any] = {}
    for protocol, scores in by_protocol.items():
        first = next(iter(scores.values()))
        groups = [fact.group for fact in facts_of_ids(first.ids, facts)]
        levels = {stream: thresholds.of(stream, first.classes) for stream in scores}
        accuracies[protocol] = {s: label_accuracy(one, levels[s]) for s, one in scores.items()}
        intervals[protocol] = label_intervals(scores, levels, groups, accuracies[protocol])
        by_label[protocol] = {
            s: [asdict(one) for one in label_results(scores[s], levels[s], groups)] for s in scores
        }
    any_scores = next(iter(next(iter(by_protocol.values())).values()))
    content = {
        "multi_label": True,
        "labels": by_label,
        "chance_map": chance(truth_of(any_scores)),
        "thresholds": {
            "chosen_on": thresholds.chosen_on,
            "clips": thresholds.clips,
            "reason": thresholds.reason,
        },
        "left_out": LEFT_OUT,
    }
    return content, accuracies, intervals


def write_label_tables(
    run: Path,
    by_protocol: Mapping[str, Mapping[str, ClipScores]],
    content: Mapping[str, Any],
    thresholds: LabelThresholds,
) -> None:
    """Write ``analysis/<protocol>/per_label.csv`` and ``clips.csv``."""
    for protocol, scores in by_protocol.items():
        folder = run / FOLDER_NAME / protocol
        fields = list(LabelResult.__dataclass_fields__)
        write_csv(
            folder / "per_label.csv",
            ["stream", *fields],
            (
                [stream, *(one[name] for name in fields)]
                for stream, found in content["labels"][protocol].items()
                for one in found
            ),
        )
        first = next(iter(scores.values()))
        said = {
            stream: decisions(one.values, thresholds.of(stream, one.classes))
            for stream, one in scores.items()
        }
        write_csv(
            folder / "clips.csv",
            ["clip_id", "labels", *(f"{stream}_labels" for stream in scores)],
            (
                [
                    clip_id,
                    *(_named(one[k], first.classes) for one in (truth_of(first), *said.values())),
                ]
                for k, clip_id in enumerate(first.ids)
            ),
        )


def _named(held: Any, classes: Sequence[str]) -> str:
    return "+".join(name for name, holds in zip(classes, held, strict=True) if holds)
