"""Clips that are prepared stay on their sides of drawn splits when others are added."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from twostream.choices import ValPart
from twostream.datasets.clips import Dataset
from twostream.datasets.folds import Folds, fold_of_sides
from twostream.datasets.listing import TEST, TRAIN, VAL
from twostream.datasets.load import load_dataset
from twostream.datasets.manifest import ManifestRow, read_manifest
from twostream.errors import TwostreamError
from twostream.preparation.labelled import find_labelled
from twostream.preparation.options import PrepareOptions
from twostream.preparation.record import (
    load_recorded,
    read_preparation_record,
    recorded_folds,
)

SIDES = "sides"  # the key in prepare.yaml


def load_for(source: Path, out: Path, options: PrepareOptions) -> Dataset:
    """The data set of `source` as it will be prepared into `out`, whose clips keep their sides.

    Raises TwostreamError as `load_dataset` does.
    """
    kept = kept_sides(out, seed=options.seed, folds=options.drawn_folds)
    return load_dataset(
        source,
        annotations=options.annotations,
        seed=options.seed,
        folds=options.drawn_folds,
        val_part=_val_part(out, options.val_part),
        selection=options.selection,
        kept=kept,
        of_sources=_of_sources(out, kept),
        found=find_labelled(source, options.labels),
    )


def load_again(data: Path, record: Mapping[str, Any], *, source: Path) -> Dataset:
    """The data set again that is prepared in `data`, clips on their sides; raises as `load_recorded`."""
    return load_recorded(
        record,
        source=source,
        kept=kept_sides(data, seed=record.get("seed", 0), folds=recorded_folds(record)),
        val_part=_val_part(data, record.get("val_part")),
    )


def _val_part(data: Path, asked: ValPart | None) -> ValPart | None:
    """What val is for: as `asked`; else what it was for where a version before prepared it, untested."""
    if asked is not None or not read_preparation_record(data):
        return asked
    try:
        sides = {side for row in read_manifest(data).rows for side in row.splits}
    except TwostreamError:
        return None
    return "validation" if VAL in sides and TEST not in sides else None


def kept_sides(
    data: Path, *, seed: int, folds: Folds | None = None
) -> dict[str, tuple[str | None, ...]]:
    """Sides by clip of the splits that were drawn with `seed` and `folds` for the data set in `data`.

    Empty if none were. Sides that were drawn by an earlier version, which drew in another way, are kept
    like any. Those that are not what was recorded of them are not: something else wrote the manifest.
    """
    record = read_preparation_record(data)
    if not record or record.get("annotations") is not None or record.get("seed") != seed:
        return {}
    if recorded_folds(record) != folds:
        return {}
    try:
        rows = read_manifest(data).rows
    except TwostreamError:
        return {}  # nothing was finished there
    if any(not _may_be_drawn(row, folds) for row in rows):
        return {}  # the sides were given by the source
    sides = {row.clip_id: row.splits for row in rows}
    return sides if record.get(SIDES, sides_digest(rows)) == sides_digest(rows) else {}


def _of_sources(
    data: Path, kept: Mapping[str, tuple[str | None, ...]]
) -> dict[str, tuple[str | None, ...]]:
    """The sides of the videos of clips that are kept, where all clips of a video are on the same."""
    sides: dict[str, set[tuple[str | None, ...]]] = {}
    for row in read_manifest(data).rows if kept else ():
        sides.setdefault(row.source, set()).add(row.splits)
    return {source: next(iter(found)) for source, found in sides.items() if len(found) == 1}


def _may_be_drawn(row: ManifestRow, folds: Folds | None) -> bool:
    if folds is None:
        return row.splits in ((TRAIN,), (TEST,))
    return fold_of_sides(row.splits) is not None


def sides_digest(rows: Iterable[ManifestRow]) -> str:
    """A short name for the sides of all clips together, in every split."""
    lines = sorted(f"{row.clip_id}\t{row.splits}\n" for row in rows)
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()[:24]
