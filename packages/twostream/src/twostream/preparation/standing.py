"""A data set that another process reads: it is taken as it is where nothing is left to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from twostream.datasets.clips import Dataset
from twostream.datasets.manifest import ManifestRow, read_manifest
from twostream.datasets.problems import read_problems
from twostream.differences import Difference
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
        wanted, there = _wanted_and_there(dataset, out, rows)
    except TwostreamError:
        return None
    return rows if wanted == there else None


def clips_that_differ(dataset: Dataset, out: Path) -> Difference:
    """By which clips `dataset` differs from what is prepared in `out`; names the first of them.

    Raises TwostreamError where the manifest of `out` cannot be read.
    """
    wanted, there = _wanted_and_there(dataset, out, read_manifest(out).rows)
    new, gone = sorted(wanted.keys() - there.keys()), sorted(there.keys() - wanted.keys())
    moved = sorted(name for name in wanted.keys() & there.keys() if wanted[name] != there[name])
    told = [
        f"{len(names)} {what}, such as {names[0]}"
        for what, names in (("new", new), ("gone", gone), ("in another part of a split", moved))
        if names
    ]
    return Difference("the clips of SOURCE", f"{len(there)}", f"{len(wanted)} ({'; '.join(told)})")


Parts = dict[str, tuple[str, tuple[str | None, ...]]]


def _wanted_and_there(
    dataset: Dataset, out: Path, rows: Sequence[ManifestRow]
) -> tuple[Parts, Parts]:
    """Class and splits by clip, of the usable clips of `dataset` and of the manifest's `rows`."""
    unusable = {item.source for item in read_problems(out) if item.stage == "decode"}
    there: Parts = {row.clip_id: (row.class_name, row.splits) for row in rows}
    wanted: Parts = {
        clip.clip_id: (clip.class_name, dataset.sides(clip.clip_id))
        for clip in dataset.clips
        if clip.clip_id in there or clip.described not in unusable
    }
    return wanted, there
