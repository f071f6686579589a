"""`prepare.yaml`: how a data set was prepared, and what its stored clips are made of."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml

from twostream.atomic import write_text
from twostream.choices import ValPart
from twostream.datasets.clips import Dataset
from twostream.datasets.drawn import Kept
from twostream.datasets.folds import Folds
from twostream.datasets.load import load_dataset
from twostream.datasets.selection import Selection, parse_classes
from twostream.errors import TwostreamError
from twostream.fingerprints import values_with_earlier_ones
from twostream.formats import check_format
from twostream.labelling.options import ClipLabelOptions
from twostream.preparation.labelled import find_labelled
from twostream.preparation.options import ExtractionOptions, PrepareOptions
from twostream.sources.agreement import ONE_FOR_EACH
from twostream.store.metadata import ClipMetadata
from twostream.yaml_files import read_yaml

RECORD_NAME = "prepare.yaml"
# Of a data set with several labels at once, which earlier versions would take for classes.
FORMAT = 2
FORMAT_OF_CLASSES = 1
CROPS = "crop_in_table"  # the key


def write_preparation_record(data: Path, settings: Mapping[str, Any]) -> None:
    """Write ``prepare.yaml`` into the folder `data`."""
    number = FORMAT if settings.get("multi_label") else FORMAT_OF_CLASSES
    text = yaml.safe_dump({"format": number, **settings}, sort_keys=False, allow_unicode=True)
    write_text(data / RECORD_NAME, text)


def read_preparation_record(data: Path) -> dict[str, Any]:
    """The content of ``prepare.yaml``; empty where it is missing or damaged.

    Raises LaterFormatError where a later version wrote it in a way that this one would misread.
    """
    try:
        settings = read_yaml(data / RECORD_NAME)
        if isinstance(settings, dict):
            check_format(settings, known=FORMAT, subject=data / RECORD_NAME)
    except (OSError, ValueError):
        return {}
    return settings if isinstance(settings, dict) else {}


def preparation_settings(dataset: Dataset, source: Path, options: PrepareOptions) -> dict[str, Any]:
    """What ``prepare.yaml`` says of how a data set was made, as plain values."""
    annotations, selection = options.annotations, options.selection
    return {
        "source": str(source.absolute()),
        "annotations": str(annotations.absolute()) if annotations else None,
        "dataset": options.name or dataset.name,
        "seed": options.seed,
        **({"folds": options.folds} if options.folds is not None else {}),
        **({"leave_out": options.leave_out} if options.leave_out is not None else {}),
        **({"val_part": options.val_part} if options.val_part is not None else {}),
        "classes": ",".join(selection.classes) or None,
        "limit": selection.limit,
        **recorded_label_values(options.labels),
        **options.extraction.to_dict(),
        **_crops_in_table(dataset, options.extraction),
    }


def _crops_in_table(dataset: Dataset, options: ExtractionOptions) -> dict[str, str]:
    """The part of the picture that all clips have where a table gives it, or that each has its own."""
    if not any(clip.crop for clip in dataset.clips):
        return {}
    crops = {str(clip.crop) if clip.crop else options.crop for clip in dataset.clips}
    (common, *others) = crops
    return {CROPS: ONE_FOR_EACH if others or common is None else common}


def recorded_crops(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a record says of the crops of clips, as a `FlowSpecification` has it."""
    in_table = record.get(CROPS)
    if in_table == ONE_FOR_EACH:
        return {"crop_of_each_clip": True}
    return {"crop": in_table or record.get("crop")}


def content_digest(stored: Mapping[str, ClipMetadata]) -> str:
    """A short name for all stored clips together: their sources' content and how they were made.

    Whatever was trained or scored on other content is known by it to be out of date.
    """
    digest = hashlib.sha256()
    for clip_id in sorted(stored):
        digest.update(clip_id.encode("utf-8", "surrogateescape"))
        digest.update(stored[clip_id].identity())
    return digest.hexdigest()[:24]


def load_recorded(
    record: Mapping[str, Any],
    *,
    source: Path,
    kept: Kept | None = None,
    val_part: ValPart | None = None,
) -> Dataset:
    """The data set again that ``prepare.yaml`` was written for, its videos being in `source`.

    `kept` are the sides (clip_id -> sides) in splits that were drawn then, `val_part` says what clips that
    the source calls val were for.

    Raises TwostreamError for a record without what that needs, and where the source cannot be used.
    """
    annotations = record.get("annotations")
    return load_dataset(
        source,
        annotations=Path(annotations) if annotations else None,
        seed=int(_recorded(record, "seed")),
        folds=recorded_folds(record),
        val_part=val_part,
        selection=recorded_selection(record),
        kept=kept,
        found=find_labelled(source, recorded_labels(record)),
    )


def recorded_label_values(options: ClipLabelOptions) -> dict[str, Any]:
    """What is said of labels beyond what is usual, as plain values by the names of its options."""
    usual = ClipLabelOptions()
    return {
        item.name: str(value.absolute()) if isinstance(value, Path) else value
        for item in fields(ClipLabelOptions)
        if (value := getattr(options, item.name)) != getattr(usual, item.name)
    }


def recorded_labels(record: Mapping[str, Any]) -> ClipLabelOptions:
    """How labels were read; as usual where the record does not say otherwise."""
    values = {
        item.name: record[item.name] for item in fields(ClipLabelOptions) if item.name in record
    }
    return ClipLabelOptions(**values)


def videos_folder(record: Mapping[str, Any], source: Path) -> Path:
    """The folder to which paths of a manifest's sources are relative, the data set being of `source`.

    What a table names is relative to its folder, what labels name to the folder of their videos.
    """
    stated = record.get("videos")
    place = Path(stated) if isinstance(stated, str) and Path(stated).exists() else source
    return place.parent if place.is_file() else place


def recorded_selection(record: Mapping[str, Any]) -> Selection:
    """What was taken of the source; all of it where the record does not say."""
    return Selection(classes=parse_classes(record.get("classes")), limit=record.get("limit"))


def recorded_folds(record: Mapping[str, Any]) -> Folds | None:
    """The folds that the splits were drawn as; None where they were not, or the record garbles them."""
    try:
        return Folds(record.get("folds"), record.get("leave_out"))
    except TwostreamError:
        return None


def recorded_options(record: Mapping[str, Any]) -> ExtractionOptions:
    """The options of the extraction; raises TwostreamError where the record lacks or garbles one."""
    there = values_with_earlier_ones(ExtractionOptions, record)
    values = {item.name: _recorded(there, item.name) for item in fields(ExtractionOptions)}
    try:
        return ExtractionOptions(**values)
    except TypeError as error:
        raise _incomplete(str(error)) from error


def _recorded(record: Mapping[str, Any], name: str) -> Any:
    if name not in record:
        raise _incomplete(f"none for {name}")
    return record[name]


def _incomplete(found: str) -> TwostreamError:
    return TwostreamError(
        RECORD_NAME,
        expected="every option of the preparation",
        found=found,
        remedy="run `twostream prepare` again with the options of the first time",
    )
