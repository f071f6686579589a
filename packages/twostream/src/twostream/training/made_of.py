"""What the weights of a stream depend on, and by what name a finished training is known for it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from twostream.datasets.manifest import ManifestRow
from twostream.differences import Difference, differences
from twostream.errors import TwostreamError
from twostream.fingerprints import (
    deciding_values,
    digest_of_file,
    fingerprint_of,
    values_with_earlier_ones,
)
from twostream.models.backbones import FROM_SCRATCH, is_network_file
from twostream.options import flag_names
from twostream.training.options import CIRCUMSTANCES, TrainingOptions
from twostream.training.partition import Partition
from twostream.training.record import TrainingRecord

SCHEMA = 2
# Options whose flags are not called as they are.
FLAGS = flag_names(TrainingOptions)
# What the head of a pretrained network is trained with, and nothing from scratch.
OF_PRETRAINED = (
    "cross_modality",
    "partial_batch_norm",
    "input_convention",
    "head_epochs",
    "head_rate_factor",
    "feature_samples_per_clip",
)
OF_FRAMES = ("color_jitter", "rand_augment", "rand_augment_operations")
OF_FLOW = ("flow_mirror", "mean_subtraction", "cross_modality")


@dataclass(frozen=True)
class MadeOf:
    """Options as they take effect, and the clips: equal where the same weights are to be expected.

    `options` are plain values; a file stands there by the SHA-256 of its content, and what an option does
    not reach (colour jitter of flow, say) is left out. `sets` are the labels that clips have, by the number
    of the set, where they may have several.
    """

    options: dict[str, Any]
    classes: tuple[str, ...]
    training: tuple[tuple[str, int, int], ...]
    validation: tuple[tuple[str, int, int], ...]
    content: str
    sets: tuple[tuple[str, ...], ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for ``training.json``; clips by digests."""
        return {
            "schema": SCHEMA,
            "options": self.options,
            "classes": list(self.classes),
            "training": fingerprint_of({"clips": self.training}),
            "validation": fingerprint_of({"clips": self.validation}),
            "content": self.content,
            **({"sets": [list(one) for one in self.sets]} if self.sets is not None else {}),
        }

    @property
    def fingerprint(self) -> str:
        """The short name of all of it."""
        return fingerprint_of(self.to_dict())


def made_of(
    options: TrainingOptions, partition: Partition, *, classes: Sequence[str], content: str
) -> MadeOf:
    """What a training of `options` on the clips of `partition` depends on.

    `content` is the digest of all stored clips.
    """
    return MadeOf(
        options=effective_options(options, validates=bool(partition.validation)),
        classes=tuple(classes),
        training=_clips(partition.training),
        validation=_clips(partition.validation),
        content=content,
        sets=_sets((*partition.training, *partition.validation)),
    )


def _sets(rows: Sequence[ManifestRow]) -> tuple[tuple[str, ...], ...] | None:
    named = {row.label: row.labels for row in rows}
    if None in named.values():
        return None
    return tuple((str(number), *(named[number] or ())) for number in sorted(named))


def effective_options(options: TrainingOptions, *, validates: bool = True) -> dict[str, Any]:
    """The options that change weights, each with the value that takes effect.

    A default that stands for a number is that number here, so that another default later is not taken for
    the same training. `validates` says whether clips are held out.

    >>> a = TrainingOptions(stream="spatial", backbone="cnn-s", color_jitter=0.0)
    >>> b = TrainingOptions(stream="spatial", backbone="cnn-s", learning_rate=1e-3, weights="none")
    >>> print(*differences(effective_options(a), effective_options(b), names=FLAGS))
    --color-jitter 0.2 instead of 0
    """
    values = deciding_values(options)
    values["learning_rate"] = options.peak_rate
    values["mean_subtraction"] = options.subtracts_mean
    values |= _start(options)
    if not validates:
        values.pop("patience")
    if options.rand_augment == 0.0:
        values.pop("rand_augment_operations", None)
    values["precision"] = _precision(options)
    # Another device rounds otherwise, as another machine does whose device nobody was asked for: where
    # a training is done is recorded, and what is trained is the same.
    for name in CIRCUMSTANCES:
        values.pop(name, None)
    # What it decides is which clips train: they are told one by one.
    values.pop("validation_fraction")
    without = (
        *(() if options.starts_pretrained else OF_PRETRAINED),
        *(OF_FLOW if options.stream == "spatial" else OF_FRAMES),
    )
    return {name: value for name, value in values.items() if name not in without}


def first_values(options: TrainingOptions) -> dict[str, Any]:
    """The options in the words of the first version, of which fingerprints are made."""
    values = {**deciding_values(options), "precision": _named_at_first(options.precision)}
    return {name: value for name, value in values.items() if name not in CIRCUMSTANCES}


def _precision(options: TrainingOptions) -> str:
    """``auto`` also where it is asked for by name: elsewhere it changes no more than a machine does."""
    if options.precision == "auto":
        return "auto"
    usual = replace(options, precision="auto").compute.precision
    return "auto" if options.precision == usual else _named_at_first(options.precision)


def _named_at_first(precision: str) -> str:
    return "mixed" if precision == "bf16" else precision


def _start(options: TrainingOptions) -> dict[str, Any]:
    """The network that training begins with, by content."""
    if options.from_run is not None:
        model = digest_of_file(options.earlier_model)
        return {"backbone": None, "weights": None, "from_run": model, "input_convention": None}
    backbone = digest_of_file(options.backbone) if is_network_file(options.backbone) else None
    weights = options.weights
    if options.backbone in FROM_SCRATCH:
        weights = "none"
    elif weights in (None, "imagenet"):
        weights = "imagenet" if backbone is None else "its own"
    return {
        "backbone": backbone or options.backbone,
        "weights": digest_of_file(weights) or weights,
        "from_run": None,
    }


def _clips(rows: Sequence[ManifestRow]) -> tuple[tuple[str, int, int], ...]:
    return tuple((row.clip_id, row.label, row.frames) for row in rows)


def is_of(
    record: TrainingRecord, wanted: MadeOf, options: TrainingOptions, partition: Partition
) -> bool:
    """Whether a finished training was made of what is `wanted`, by whatever version."""
    if record.made_of is not None:
        return record.fingerprint == wanted.fingerprint
    return _is_of_schema_1(record, wanted, options, partition)


def difference_from_record(record: TrainingRecord, wanted: MadeOf) -> tuple[Difference, ...]:
    """In what a finished training and one that is `wanted` differ, as the user's flags tell it."""
    if record.made_of is not None:
        return difference_from(record.made_of, wanted)
    try:
        options = effective_options(_options_of(record), validates=record.n_validation > 0)
    except (TwostreamError, TypeError):
        return ()
    there = {"options": options, "classes": list(record.classes), "content": record.content}
    return difference_from(there, wanted)


def difference_from(there: Mapping[str, Any], wanted: MadeOf) -> tuple[Difference, ...]:
    """The same for what `MadeOf.to_dict` gave, or part of it."""
    if there.get("schema", SCHEMA) != SCHEMA:
        return (Difference("the version of twostream", "a later one", "this one"),)
    asked = wanted.to_dict()
    found = differences(
        _shortened(there.get("options") or {}), _shortened(wanted.options), names=FLAGS
    )
    before, now = "those it was trained on", "others"
    if there.get("content") != asked["content"]:
        return (*found, Difference("the clips", before, now))
    if any(
        there[name] != asked.get(name)
        for name in ("classes", "training", "validation", "sets")
        if name in there
    ):
        return (*found, Difference("the parts of the split", before, now))
    return found or (Difference("the content of a file", "that it was trained with", "another"),)


def _shortened(options: Mapping[str, Any]) -> dict[str, Any]:
    """Digests as a reader can tell them apart; precisions as they are called today."""
    told = {
        name: f"a file ({value[:8]}…)" if isinstance(value, str) and len(value) == 64 else value
        for name, value in options.items()
    }
    return {**told, "precision": "bf16"} if told.get("precision") == "mixed" else told


def _options_of(record: TrainingRecord) -> TrainingOptions:
    """The options in a record, whatever version wrote it; raises TypeError and TwostreamError.

    Without the device, which need not be here.
    """
    values = values_with_earlier_ones(TrainingOptions, record.options)
    return TrainingOptions(**{**values, "device": "auto"})


# Version 0.1 made its fingerprint of the texts of all options, as they were typed, and of whole rows.
_ROW_1 = (
    "clip_id",
    "class_name",
    "label",
    "path",
    "source",
    "frames",
    "fps",
    "width",
    "height",
    "duration_seconds",
    "group",
    "splits",
    "body_parts",
    "camera_motion",
    "people",
    "viewpoint",
    "quality",
)


def fingerprint_1(
    recorded: Mapping[str, Any],
    partition: Partition,
    *,
    classes: Sequence[str],
    content: str | None,
    files: Sequence[str | None],
) -> str:
    """The fingerprint that version 0.1 gave a training of the options `recorded` in its own words.

    `files` are the digests of the backbone's file, the weights' and the earlier model's.
    """
    parts = (
        sorted(recorded.items(), key=lambda item: item[0]),
        tuple(classes),
        tuple(map(_Row1, partition.training)),
        tuple(map(_Row1, partition.validation)),
        content,
        list(files),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


class _Row1:
    """A row of the manifest in the words of version 0.1."""

    def __init__(self, row: ManifestRow) -> None:
        self.row = row

    def __repr__(self) -> str:
        cells = ", ".join(f"{name}={getattr(self.row, name)!r}" for name in _ROW_1)
        return f"ManifestRow({cells})"


def _is_of_schema_1(
    record: TrainingRecord, wanted: MadeOf, options: TrainingOptions, partition: Partition
) -> bool:
    """Whether version 0.1 made a training of these options, these clips and files of the same content."""
    try:
        earlier = _options_of(record)
    except (TwostreamError, TypeError):
        return False
    # Files may be called otherwise now: the digests below tell whether they are the same.
    named = replace(
        earlier, backbone=options.backbone, weights=options.weights, from_run=options.from_run
    )
    validates = bool(partition.validation)
    if effective_options(named, validates=validates) != wanted.options:
        return False
    found = fingerprint_1(
        record.options,
        partition,
        classes=wanted.classes,
        content=wanted.content,
        files=files_of(options),
    )
    return found == record.fingerprint


def files_of(options: TrainingOptions) -> list[str | None]:
    """The digests of the files that a training begins with: backbone, weights, earlier model."""
    return [
        digest_of_file(name) for name in (options.backbone, options.weights, options.earlier_model)
    ]
