"""The rule of `chosen` for a run: on what evidence there is, and what goes where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from twostream.datasets.manifest import Manifest, ManifestRow
from twostream.datasets.names import counted
from twostream.errors import TwostreamError
from twostream.evaluation.choosing import LEAST_SOURCES, Choice, HeldOut, choose_rule
from twostream.evaluation.fusion import in_order_of
from twostream.evaluation.fusion_variants import ScorePart, partitions_of, shared_partition
from twostream.evaluation.of_earlier import earlier_rule
from twostream.evaluation.scores import ClipScores
from twostream.models.backbones import FROM_SCRATCH
from twostream.training.features import Features, load_features
from twostream.training.fusion_rule import (
    ChosenFusion,
    FusionSpecification,
    read_chosen,
    write_chosen,
)
from twostream.training.held_out_heads import held_out_probabilities
from twostream.training.label_sets import sets_of
from twostream.training.options import KEPT
from twostream.training.record import RECORD_NAME, TrainingRecord, read_record
from twostream.training.settled import FEW_CLIPS, clips_per_class

STREAMS = ("spatial", "temporal")
PROCEDURE = 1
# Flow's weight with few clips of which none can be held out. On generated clips, one a class, flow pictures
# would have deserved more (`scripts/accuracy.py`), but there motion is what most classes are made of, and
# nothing tells whether it is in a user's: without evidence flow does not speak.
PRIOR_TEMPORAL_WEIGHT = 0.0
HELD_OUT_CLIPS = "training clips, their source video left out"


def rule_of_run(
    run: Path,
    records: Mapping[str, TrainingRecord],
    manifest: Manifest,
    *,
    score_part: ScorePart | None,
) -> FusionSpecification:
    """The rule that is kept in the run for these trainings; chosen and kept where there is none yet.

    Heads alone: training clips, each by heads that were trained without its source video. All layers:
    validation clips, scored by `score_part`; without it such a rule is not chosen. Neither: no weight for
    flow where a pretrained backbone had few clips, else the plain average. Test clips are never looked at.
    """
    trainings = {stream: record.fingerprint for stream, record in records.items()}
    kept = read_chosen(run, trainings=trainings)
    if kept is not None and kept.evidence.get("procedure") == PROCEDURE:
        return kept.rule
    choice = _from_heads(run, records, manifest)
    if choice is None:
        partition = shared_partition(run, manifest, records)
        if not isinstance(partition, str) and score_part is not None:
            sources = {row.group for row in partition.validation}
            if len(sources) < LEAST_SOURCES:
                why = f"only {counted(len(sources), 'source video')} validated"
                choice = _without_evidence(records, manifest, why)
            else:
                pair = score_part("validation", partition.validation)
                choice = _from_validation(*pair, partition.validation)
        elif not isinstance(partition, str):
            return _without_evidence(records, manifest, "validation clips were not scored yet").rule
        else:
            choice = _without_evidence(records, manifest, partition)
    evidence = {"procedure": PROCEDURE, **choice.evidence}
    write_chosen(run, ChosenFusion(rule=choice.rule, trainings=trainings, evidence=evidence))
    return choice.rule


def choose_fusion(run: Path, manifest: Manifest) -> list[str]:
    """Choose the rule where both streams are trained and it costs no scoring; a sentence about it, or none.

    So a run can be used before it is evaluated. What needs scores of validation clips waits for `evaluate`.
    """
    if not all((run / stream / RECORD_NAME).is_file() for stream in STREAMS):
        return []
    records = {stream: read_record(run / stream) for stream in STREAMS}
    if len({(one.split, one.content, one.classes) for one in records.values()}) > 1:
        return []
    rule_of_run(run, records, manifest, score_part=None)
    trainings = {stream: record.fingerprint for stream, record in records.items()}
    kept = read_chosen(run, trainings=trainings)
    return [] if kept is None else [f"both streams are fused so: {kept.rule.reason}"]


def _from_heads(
    run: Path, records: Mapping[str, TrainingRecord], manifest: Manifest
) -> Choice | None:
    """None where a stream is more than a head on cached features, or its features are not at hand."""
    held = held_out_by_heads(run, records, manifest)
    if isinstance(held, str):
        return _without_evidence(records, manifest, held)
    return None if held is None else choose_rule(held, told=HELD_OUT_CLIPS)


def held_out_by_heads(
    run: Path, records: Mapping[str, TrainingRecord], manifest: Manifest
) -> HeldOut | str | None:
    """What heads say of training clips whose source video they were not trained on.

    None where a stream is more than a head on cached features, or its features are not at hand; a sentence
    where leaving a source video out leaves nothing.
    """
    held = heads_left_out(run, records, manifest)
    if held is None or isinstance(held, str):
        return held
    sets = sets_of(manifest)
    return HeldOut(
        held.scores["spatial"],
        held.scores["temporal"],
        held.labels,
        held.sources,
        None if sets is None else sets[held.labels],
    )


@dataclass(frozen=True)
class LeftOut:
    """Probabilities (n, C) of training clips by stream, by heads that learnt without their source video."""

    scores: dict[str, npt.NDArray[np.float32]]
    labels: npt.NDArray[np.int64]
    sources: tuple[str, ...]


def heads_left_out(
    run: Path, records: Mapping[str, TrainingRecord], manifest: Manifest
) -> LeftOut | str | None:
    """The same of as many streams as there are; None and sentences as `held_out_by_heads`."""
    if any(int(record.options.get("epochs") or 0) > 0 for record in records.values()):
        return None
    if any(record.options.get("head") == KEPT for record in records.values()):
        return None  # heads learnt anew say nothing of one that goes on
    rows = [one.training for one in partitions_of(manifest, records).values()]
    features = {stream: _features(run / stream, rows[0]) for stream in records}
    there = {stream: one for stream, one in features.items() if one is not None}
    if len(there) < len(records) or any(other != rows[0] for other in rows):
        return None
    clips, n_classes, sets = rows[0], len(manifest.classes), sets_of(manifest)
    scores = {}
    known = np.zeros(len(clips), np.bool_)
    for stream, found in there.items():
        scores[stream], known = held_out_probabilities(
            found,
            clips,
            n_classes=n_classes,
            head=records[stream].options.get("head"),
            sets=sets,
        )
        if not known.any():
            return "every class has one source video to train on, and leaving it out leaves nothing"
    asked = [row for row, is_known in zip(clips, known, strict=True) if is_known]
    return LeftOut(
        {stream: values[known] for stream, values in scores.items()},
        np.asarray([row.label for row in asked], np.int64),
        tuple(row.group for row in asked),
    )


def _features(folder: Path, rows: tuple[ManifestRow, ...]) -> Features | None:
    found = load_features(folder / "features.npz", made_for=None)
    if found is None or found.clips is None or not len(found.clips):
        return None
    of_clips = [row.label for row in rows]
    if int(found.clips.max()) + 1 != len(of_clips):
        return None
    same = np.array_equal(np.asarray(of_clips)[found.clips], found.labels)
    return found if same else None


def _from_validation(
    spatial: ClipScores, temporal: ClipScores, rows: tuple[ManifestRow, ...]
) -> Choice:
    temporal = in_order_of(spatial, temporal)
    groups = {row.clip_id: row.group for row in rows}
    held = HeldOut(
        spatial.values,
        temporal.values,
        spatial.labels,
        tuple(groups[clip_id] for clip_id in spatial.ids),
        spatial.truth,
    )
    return choose_rule(held, told="validation clips")


def _without_evidence(
    records: Mapping[str, TrainingRecord], manifest: Manifest, why: str
) -> Choice:
    earlier = earlier_rule(records, why)
    if earlier is not None and earlier.multi_label == manifest.multi_label:
        return Choice(earlier, {})
    spatial = records["spatial"]
    try:
        few = clips_per_class(manifest, split=spatial.split) <= FEW_CLIPS
    except TwostreamError:
        few = False
    scratch = spatial.backbone in FROM_SCRATCH or spatial.weights == "none"
    if not few or scratch:
        reason = f"equal weights, as in the original: nothing could be chosen, for {why}"
        return Choice(FusionSpecification(reason=reason, multi_label=manifest.multi_label), {})
    reason = f"frames alone: nothing tells what flow is worth, for {why}"
    rule = FusionSpecification(
        spatial_weight=1.0 - PRIOR_TEMPORAL_WEIGHT,
        pool="product",
        reason=reason,
        multi_label=manifest.multi_label,
    )
    return Choice(rule, {})
