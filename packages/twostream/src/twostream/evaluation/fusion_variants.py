"""Fusions beside the plain average: what each is made of, and on which clips anything was chosen.

The plain average is the headline and never changes. A fusion that learns needs validation clips, none
of them a test clip; where there are none it is absent and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from twostream.choices import Fusion as Fusion
from twostream.datasets.manifest import Manifest, ManifestRow
from twostream.errors import TwostreamError
from twostream.evaluation.fusion import choose_weight, fuse, fuse_logits
from twostream.evaluation.fusion_svm import SVM_FUSION, train_svm_fusion
from twostream.evaluation.metrics import accuracy
from twostream.evaluation.protocols import Protocol
from twostream.evaluation.scores import ClipScores
from twostream.suggestions import did_you_mean
from twostream.training.fusion_rule import FusionSpecification
from twostream.training.learnt_clips import own_parts
from twostream.training.partition import Partition, partition_training_part
from twostream.training.record import TrainingRecord

FUSIONS: tuple[Fusion, ...] = get_args(Fusion)
Part = Literal["validation", "training"]
Fuse = Callable[[ClipScores, ClipScores], ClipScores]
# A part's clips scored by the spatial and by the temporal stream.
ScorePart = Callable[[Part, Sequence[ManifestRow]], tuple[ClipScores, ClipScores]]
LEARNING_PROTOCOL: Protocol = "25"
EQUAL_WEIGHTS = {"spatial": 0.5, "temporal": 0.5}


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A fusion named `name`: the function, and the `note` that ``results.json`` keeps of it."""

    name: str
    note: Mapping[str, Any]
    fuse: Fuse | None


def parse_fusions(text: str) -> tuple[Fusion, ...]:
    """Fusions from a comma-separated list, the average always among them.

    Raises TwostreamError for an unknown one.

    >>> parse_fusions("svm,logit")
    ('average', 'logit', 'svm')
    """
    asked = {part.strip() for part in text.split(",") if part.strip()}
    for name in sorted(asked - set(FUSIONS)):
        raise TwostreamError(
            "--fusion",
            expected=f"some of {', '.join(FUSIONS)}",
            found=name,
            remedy=did_you_mean(name, FUSIONS, otherwise="choose from these"),
        )
    return tuple(name for name in FUSIONS if name in asked or name == "average")


def average_note(*, multi_label: bool = False) -> dict[str, Any]:
    """What ``results.json`` says of the plain average."""
    return {
        "method": f"average of {'sigmoid' if multi_label else 'softmax'}",
        "weights": dict(EQUAL_WEIGHTS),
        "reason": "equal weights, fixed beforehand: nothing was chosen on any clip",
    }


def rule_note(rule: FusionSpecification) -> dict[str, Any]:
    """What ``results.json`` says of the rule of ``chosen``."""
    methods = {
        "average": "weighted average of softmax",
        "product": "softmax of the weighted average of log-probabilities",
    }
    if rule.multi_label:
        methods = {
            "average": "weighted average of sigmoid",
            "product": "sigmoid of the weighted average log-odds of each label",
        }
    return {
        "method": methods[rule.pool],
        "weights": {"spatial": rule.spatial_weight, "temporal": round(rule.temporal_weight, 10)},
        "temperatures": {
            "spatial": rule.spatial_temperature,
            "temporal": rule.temporal_temperature,
            "chosen": rule.temperature,
        },
        "reason": rule.reason,
    }


def make_variants(
    fusions: Sequence[Fusion],
    *,
    partition: Partition | str,
    score_part: ScorePart,
    multi_label: bool = False,
) -> list[Variant]:
    """The fusions asked for, but the average.

    `partition` is the training part as both streams divided it, or a sentence that says why there is
    none to learn from. Only training and validation clips are ever given to `score_part`. Those that learn
    are made for one class a clip, and absent with `multi_label`.
    """
    if multi_label:
        partition = "it is made for one class a clip, and here a clip has several labels"
    variants: list[Variant] = []
    if "weighted" in fusions:
        variants.append(_weighted(partition, score_part))
    if "logit" in fusions:
        note = {
            "method": "sigmoid of the average log-odds of each label"
            if multi_label
            else "softmax of the average of log-probabilities",
            "weights": dict(EQUAL_WEIGHTS),
            "reason": "equal weights, fixed beforehand: nothing was chosen on any clip",
        }
        variants.append(Variant(name="fusion-logit", note=note, fuse=fuse_logits))
    if "svm" in fusions:
        variants.append(_svm(partition, score_part))
    return variants


def _weighted(partition: Partition | str, score_part: ScorePart) -> Variant:
    name = "fusion-weighted"
    if isinstance(partition, str):
        return Variant(name=name, note={"absent": partition}, fuse=None)
    scored = score_part("validation", partition.validation)
    weight = choose_weight(*scored)
    held_out = fuse(*scored, spatial_weight=weight)
    note = {
        "method": "weighted average of softmax",
        "weights": {"spatial": weight, "temporal": round(1.0 - weight, 10)},
        "chosen_on": _chosen_on(partition, accuracy(held_out.values, held_out.labels).top1),
        "reason": f"the weight with the best top-1 on {_clips(partition)}",
    }

    def apply(spatial: ClipScores, temporal: ClipScores) -> ClipScores:
        return fuse(spatial, temporal, spatial_weight=weight)

    return Variant(name=name, note=note, fuse=apply)


def _svm(partition: Partition | str, score_part: ScorePart) -> Variant:
    if isinstance(partition, str):
        return Variant(name=SVM_FUSION, note={"absent": partition}, fuse=None)
    trained = train_svm_fusion(
        score_part("training", partition.training), score_part("validation", partition.validation)
    )
    note = {
        "method": "linear SVM on stacked scores of length 1, one class against the rest",
        "c": trained.c,
        "trained_on": {
            "part": "training",
            "clips": len(partition.training),
            "protocol": LEARNING_PROTOCOL,
        },
        "chosen_on": _chosen_on(partition, trained.validation_top1),
        "reason": f"the C with the best top-1 on {_clips(partition)}",
    }
    return Variant(name=SVM_FUSION, note=note, fuse=trained.fuse)


def _chosen_on(partition: Partition, top1: float) -> dict[str, Any]:
    return {
        "part": "validation",
        "clips": len(partition.validation),
        "protocol": LEARNING_PROTOCOL,
        "top1": top1,
    }


def _clips(partition: Partition) -> str:
    return f"{len(partition.validation)} validation clips; the test part chose nothing"


def shared_partition(
    run: Path, manifest: Manifest, records: Mapping[str, TrainingRecord]
) -> Partition | str:
    """The training and validation clips of both streams; a sentence where nothing can be learnt."""
    found = partitions_of(manifest, records)
    for stream, partition in found.items():
        record = records[stream]
        counts = (len(partition.training), len(partition.validation))
        told = own_parts(run / stream)
        if counts != (record.n_train, record.n_validation) or (told and told != partition.parts):
            return f"on which clips the {stream} stream was validated cannot be told any more"
        if not partition.validation:
            return f"the {stream} stream was trained without validation clips"
    if len({partition.validation for partition in found.values()}) > 1:
        return "the streams were validated on different clips"
    return next(iter(found.values()))


def partitions_of(
    manifest: Manifest, records: Mapping[str, TrainingRecord]
) -> dict[str, Partition]:
    """How each stream divided the training part, by its options."""
    return {stream: _partition(manifest, record) for stream, record in records.items()}


def _partition(manifest: Manifest, record: TrainingRecord) -> Partition:
    options = record.options
    return partition_training_part(
        manifest,
        split=record.split,
        fraction=float(options["validation_fraction"]),
        seed=int(options["seed"]),
        selects=int(options["epochs"]) > 0,
    )
