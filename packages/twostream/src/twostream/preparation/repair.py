"""Making again what a check found broken, from the videos, with the options of the first time."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from twostream.datasets.manifest import read_manifest
from twostream.errors import TwostreamError
from twostream.preparation.dataset import prepare_dataset
from twostream.preparation.kept_sides import load_again
from twostream.preparation.options import PrepareOptions
from twostream.preparation.outcome import Preparation
from twostream.preparation.record import (
    read_preparation_record,
    recorded_labels,
    recorded_options,
)


def repair_store(
    data: Path,
    *,
    source: Path,
    redo: frozenset[str],
    workers: int | None = None,
    timeout_seconds: float = 3600.0,
) -> Preparation:
    """Prepare `data` again from `source` as ``prepare.yaml`` says, the clips `redo` in any case.

    Raises TwostreamError where the source lacks a video of the manifest, since repairing must never
    cost a clip, and where ``prepare.yaml`` is not whole.
    """
    record = read_preparation_record(data)
    options = recorded_options(record)
    dataset = load_again(data, record, source=source)
    _check_complete(data, source, {clip.clip_id for clip in dataset.clips})
    annotations = record.get("annotations")
    return prepare_dataset(
        source,
        data,
        PrepareOptions(
            extraction=options,
            labels=recorded_labels(record),
            annotations=Path(annotations) if annotations else None,
            folds=record.get("folds"),
            leave_out=record.get("leave_out"),
            val_part=record.get("val_part"),
            classes=record.get("classes"),
            limit=record.get("limit"),
            workers=workers,
            name=record.get("dataset"),
            seed=int(record["seed"]),
            timeout=timeout_seconds,
        ),
        redo=redo,
    )


def recorded_source(data: Path) -> Path | None:
    """Where the videos were when `data` was prepared; None where ``prepare.yaml`` does not say."""
    stated = read_preparation_record(data).get("source")
    return Path(stated) if isinstance(stated, str) else None


def delete_leftovers(data: Path, leftovers: Iterable[str]) -> None:
    """Delete files and folders of `data`, given relative to it."""
    for name in leftovers:
        path = data / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _check_complete(data: Path, source: Path, there: set[str]) -> None:
    try:
        wanted = [row.clip_id for row in read_manifest(data).rows]
    except TwostreamError:
        return  # what is damaged cannot say what it held
    missing = [clip_id for clip_id in wanted if clip_id not in there]
    if missing:
        raise TwostreamError(
            source,
            expected=f"the videos of all {len(wanted)} clips of the manifest",
            found=f"{len(missing)} without one, such as {missing[0]}",
            remedy="give the whole source with --source, or run `twostream prepare` to drop them",
        )
