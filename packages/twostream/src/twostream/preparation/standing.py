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
        if _options(recorded) != _options(settings):
            return None
        try:
            rows = read_manifest(out).rows
            unusable = {item.source for item in read_problems(out) if item.stage == "decode"}
        except TwostreamError:
            return None
        sides = {row.clip_id: (row.class_name, row.splits) for row in rows}
        wanted = {
            clip.clip_id: (clip.class_name, dataset.sides(clip.clip_id))
            for clip in dataset.clips
            if clip.clip_id in sides or clip.described not in unusable
        }
        whole = wanted == sides and all((out / row.path).exists() for row in rows)
    return rows if whole else None


def _options(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What clips are made with; what a seed changes is which side of a split they are on."""
    return {name: value for name, value in settings.items() if name not in ("content", "seed")}
