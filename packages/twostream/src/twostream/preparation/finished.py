"""A preparation that has nothing to do: answered from what is recorded, without opening any clip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from twostream.datasets.clips import Dataset
from twostream.datasets.manifest import ManifestRow, manifest_row, read_manifest
from twostream.datasets.problems import read_problems, write_problems
from twostream.datasets.selection import Selection
from twostream.errors import TwostreamError
from twostream.preparation.compared import compared, not_compared
from twostream.preparation.converted_otherwise import CONVERTERS, converter_notes
from twostream.preparation.ensure import ClipTask, current_metadata
from twostream.preparation.listed import listed_notes
from twostream.preparation.outcome import Preparation
from twostream.preparation.rates import rate_notes, slower_notes
from twostream.preparation.record import read_preparation_record
from twostream.preparation.verified import stamps_of


def finished_preparation(
    dataset: Dataset,
    out: Path,
    settings: Mapping[str, Any],
    tasks: Sequence[ClipTask],
    *,
    selection: Selection,
) -> Preparation | None:
    """What preparing `dataset` into `out` would come to, where all of it is done; else None.

    Done means: the same `settings` are recorded, the manifest is the one that would be written, and video
    and stored clip of every one of the `tasks` have the stamps they were verified with. Clips that could
    not be stored are tried again, so with one of them not all is done. The caller holds the lock of `out`.
    """
    rows = _rows_that_stand(dataset, out, settings, tasks)
    if rows is None or not all(map(_stands, tasks)):
        return None
    # What this version would record of the same options may be more than they say: one clip stands for all.
    if current_metadata(tasks[0]) is None:
        return None
    stored = {row.clip_id for row in rows}
    official = compared(dataset, stored, selection)
    recorded = read_problems(out)
    problems = (*dataset.problems, *(one for one in recorded if one.stage == "warning"))
    if problems != recorded:
        write_problems(out, problems)
    return Preparation(
        dataset=settings["dataset"],
        clips=len(rows),
        reused=len(rows),
        frames=sum(row.frames for row in rows),
        problems=problems,
        notes=(
            *dataset.notes,
            *rate_notes((row.class_name, row.fps) for row in rows),
            *slower_notes((row.fps, tasks[0].options.fps) for row in rows),
            *listed_notes(dataset.clips, rows, tasks[0].options),
            *converter_notes(read_preparation_record(out).get(CONVERTERS)),
            *not_compared(dataset),
        ),
        official=official,
    )


def _stands(task: ClipTask) -> bool:
    return task.verified is not None and task.verified == stamps_of(task.source, task.target)


def _rows_that_stand(
    dataset: Dataset, out: Path, settings: Mapping[str, Any], tasks: Sequence[ClipTask]
) -> tuple[ManifestRow, ...] | None:
    """The manifest's rows where they are those of all the `tasks`, prepared with the same `settings`."""
    recorded = read_preparation_record(out)
    if {name: recorded.get(name) for name in settings} != settings or "content" not in recorded:
        return None
    try:
        rows = read_manifest(out).rows
    except TwostreamError:
        return None
    if not rows or len(rows) != len(tasks):
        return None
    for row, clip, task in zip(rows, dataset.clips, tasks, strict=True):
        wanted = manifest_row(
            dataset,
            clip,
            path=task.target.relative_to(out).as_posix(),
            frames=row.frames,
            fps=row.fps,
            width=row.width,
            height=row.height,
            duration_seconds=row.duration_seconds,
        )
        if row != wanted:
            return None
    return rows
