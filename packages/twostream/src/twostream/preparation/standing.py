"""A data set that another process reads: it is taken as it is where nothing is left to do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twostream.datasets.clips import Dataset
from twostream.datasets.manifest import ManifestRow, read_manifest
from twostream.datasets.problems import read_problems
from twostream.errors import TwostreamError
from twostream.locks import reading
from twostream.preparation.in_the_way import same_extraction
from twostream.preparation.record import read_preparation_record

NOTE = "another process reads it: taken as it is, videos that changed since are not looked at"


def standing_rows(
    dataset: Dataset, out: Path, settings: Mapping[str, Any]
) -> tuple[ManifestRow, ...] | None:
    """The manifest's rows, where `out` holds all of `dataset`, prepared with `settings`.

    None where something is to be made or changed, which a process that reads `out` must not meet.
    Raises FolderInUseError where another process is just writing it.

    So several runs can share one data set: preparing it again is the first step of each.
    """
    with reading(out):
        recorded = read_preparation_record(out)
        if not same_extraction(recorded, settings):
            return None
        rows = rows_of_the_same_clips(dataset, out)
        if rows is None or not all((out / row.path).exists() for row in rows):
            return None
    return rows


def rows_of_the_same_clips(dataset: Dataset, out: Path) -> tuple[ManifestRow, ...] | None:
    """The manifest's rows, where they are the clips of `dataset` in the same classes and splits; else None.

    Clips that could not be used when `out` was prepared may be missing.
    """
    try:
        rows = read_manifest(out).rows
        unusable = {item.source for item in read_problems(out) if item.stage == "decode"}
    except TwostreamError:
        return None
    there = {row.clip_id: (row.class_name, row.splits) for row in rows}
    wanted = {
        clip.clip_id: (clip.class_name, dataset.sides(clip.clip_id))
        for clip in dataset.clips
        if clip.clip_id in there or clip.described not in unusable
    }
    return rows if wanted == there else None
