"""What of a prepared data set would be lost if it were prepared with other options into the same folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from twostream.datasets.clips import Dataset
from twostream.datasets.manifest import read_manifest
from twostream.datasets.selection import parse_classes
from twostream.differences import Difference, differences, refuse_to_replace
from twostream.errors import TwostreamError
from twostream.fingerprints import values_with_earlier_ones
from twostream.labelling.options import ClipLabelOptions
from twostream.options import flag_names
from twostream.preparation.options import ExtractionOptions
from twostream.preparation.record import read_preparation_record

FLAGS = {
    **flag_names(ExtractionOptions),
    **flag_names(ClipLabelOptions),
    "leave_out": "--leave-out",
    "val_part": "--val-part",
    "jpeg_quality": "the JPEG quality",
    "source": "SOURCE",
}
EXTRACTION = tuple(item.name for item in fields(ExtractionOptions))
PATHS = ("SOURCE", "--annotations", "--videos", "--label-config")
LABELS = tuple(item.name for item in fields(ClipLabelOptions))
SELECTION = (
    "source",
    "annotations",
    *LABELS,
    "folds",
    "leave_out",
    "val_part",
    "classes",
    "limit",
    "seed",
)


def in_the_way(dataset: Dataset, out: Path, settings: Mapping[str, Any]) -> tuple[Difference, ...]:
    """The options by which preparing `dataset` into `out` would cost what is prepared there.

    Empty where nothing is there, where it was prepared with the same `settings`, however they are spelled,
    and where all of it stays as it is and only more comes. `settings` are those of ``prepare.yaml``.
    """
    recorded = read_preparation_record(out)
    if not recorded:
        return ()
    of_clips = differences(_extraction(recorded), _extraction(settings), names=FLAGS)
    if of_clips and _has_clips(out):
        return of_clips
    of_choice = _differences_of_choice(recorded, settings)
    return of_choice if of_choice and not everything_stays(dataset, out) else ()


PREPARED_WITH = "the options with which the data set there was prepared"


def refuse(out: Path, found: tuple[Difference, ...]) -> TwostreamError:
    """The error of a preparation that would replace what is in `out` without being told to."""
    return refuse_to_replace(out, found, expected=PREPARED_WITH)


def refuse_shared(data: Path, found: tuple[Difference, ...]) -> TwostreamError:
    """The error of a run that would replace a data set which other runs may use."""
    return TwostreamError(
        data,
        expected=PREPARED_WITH,
        found="; ".join(map(str, found)),
        remedy="a run leaves a data set alone that others may use: choose another --data, or replace "
        f"it with `twostream prepare SOURCE --out {data} --replace`",
    )


def same_extraction(recorded: Mapping[str, Any], settings: Mapping[str, Any]) -> bool:
    """Whether clips would be extracted and chosen in the same way, however the options are spelled.

    The seed is left out: what it changes, where it does, is which side of a split a clip is on.
    """
    seedless = {**settings, "seed": recorded.get("seed")}
    return _extraction(recorded) == _extraction(settings) and not _differences_of_choice(
        recorded, seedless
    )


def everything_stays(dataset: Dataset, out: Path) -> bool:
    """Whether every clip in the manifest of `out` has the same class and splits in `dataset`."""
    try:
        rows = read_manifest(out).rows
    except TwostreamError:
        return True  # nothing was finished there
    wanted = {clip.clip_id: clip.class_name for clip in dataset.clips}
    return all(
        wanted.get(row.clip_id) == row.class_name and dataset.sides(row.clip_id) == row.splits
        for row in rows
    )


def _extraction(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The options that decide the pixels of a stored clip, as far as they are known."""
    known = values_with_earlier_ones(ExtractionOptions, settings)
    if known.get("flow") != "tvl1":
        known.pop("flow_preset", None)
    return known


def _differences_of_choice(
    recorded: Mapping[str, Any], settings: Mapping[str, Any]
) -> tuple[Difference, ...]:
    """The options that decide which clips there are, and in which part of a split, where they differ."""
    found = differences(_choice(recorded), _choice(settings), names=FLAGS)
    # Videos that were moved are the same videos: a path that leads nowhere any more says nothing.
    return tuple(
        one
        for one in found
        if not (one.name in PATHS and isinstance(one.there, str) and not Path(one.there).exists())
    )


def _choice(settings: Mapping[str, Any]) -> dict[str, Any]:
    chosen = {name: settings.get(name) for name in SELECTION}
    for name in ("source", "annotations", "videos", "label_config"):
        path = chosen[name]
        if isinstance(path, str):
            chosen[name] = str(Path(path).resolve())
    classes = chosen["classes"]
    chosen["classes"] = ",".join(sorted(parse_classes(classes))) if classes else None
    return chosen


def _has_clips(out: Path) -> bool:
    return any((out / "clips").glob("*/*"))
