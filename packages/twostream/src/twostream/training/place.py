"""Where a training goes: into its own folder, or beside what stands there and is not to be lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from twostream.atomic import write_text
from twostream.differences import refuse_to_replace
from twostream.errors import TwostreamError
from twostream.fingerprints import values_with_earlier_ones
from twostream.formats import LaterFormatError
from twostream.training.learnt_clips import CLIPS_NAME
from twostream.training.made_of import (
    MadeOf,
    difference_from,
    difference_from_record,
    files_of,
    fingerprint_1,
    first_values,
    is_of,
)
from twostream.training.options import TrainingOptions
from twostream.training.partition import Partition
from twostream.training.record import (
    CIRCUMSTANCES_NAME,
    RECORD_NAME,
    TrainingRecord,
    read_record,
    write_record,
)

HISTORY_NAME = "history.csv"
MODEL_NAME = "model.keras"
# What a training writes and another one must not find.
LEFTOVERS = (
    HISTORY_NAME,
    "features.npz",
    "validation_features.npz",
    MODEL_NAME,
    CLIPS_NAME,
)

# `finished`: what is asked for is there. `open`: nothing is there that took long, or the same training was
# begun. `taken`: another training stands there, finished or begun.
Standing = Literal["finished", "open", "taken"]


@dataclass(frozen=True)
class Wanted:
    """The training that is asked for."""

    options: TrainingOptions
    partition: Partition
    made_of: MadeOf

    @property
    def names(self) -> tuple[str, str]:
        """By what fingerprints such a training may have begun: this version's and the first's."""
        first = fingerprint_1(
            first_values(self.options),
            self.partition,
            classes=self.made_of.classes,
            content=self.made_of.content,
            files=files_of(self.options),
        )
        return self.made_of.fingerprint, first


def standing(folder: Path, wanted: Wanted) -> Standing:
    """What stands in the folder of a stream, seen from the training that is `wanted`.

    Raises LaterFormatError where a later version's training stands there.
    """
    record = record_or_none(folder)
    if record is not None and is_of(record, wanted.made_of, wanted.options, wanted.partition):
        return "finished" if (folder / MODEL_NAME).is_file() else "open"
    if record is not None:
        return "taken"
    if begun_as(folder) in wanted.names:
        return "open"
    kept = (folder / RECORD_NAME).exists() or (folder / MODEL_NAME).exists()
    return "taken" if kept or has_checkpoint(folder) else "open"


def refuse(folder: Path, wanted: Wanted) -> TwostreamError:
    """The error of a training that would replace another one without being told to; says what differs."""
    record = record_or_none(folder)
    if record is not None:
        return refuse_to_replace(
            folder,
            difference_from_record(record, wanted.made_of),
            expected="the options and the clips of the finished training that is there",
        )
    if (folder / RECORD_NAME).exists() or (folder / MODEL_NAME).exists():
        return refuse_to_replace(folder, (), expected="a training whose record can be read")
    return refuse_to_replace(
        folder,
        difference_from(_begun_with(folder), wanted.made_of),
        expected="the options and the clips of the unfinished training that is there",
    )


def start_or_resume(folder: Path, wanted: Wanted) -> None:
    """Keep the checkpoints of an interrupted training of the same kind; clear those of another.

    The caller has found that nothing stands there that may not be lost.
    """
    note = folder / CIRCUMSTANCES_NAME
    (folder / RECORD_NAME).unlink(missing_ok=True)
    if begun_as(folder) not in wanted.names:
        for name in LEFTOVERS:
            (folder / name).unlink(missing_ok=True)
        for checkpoint in (folder / "checkpoints").glob("*"):
            checkpoint.unlink()
    known = json.dumps(wanted.made_of.to_dict(), indent=2, ensure_ascii=False)
    write_text(note, f"{wanted.made_of.fingerprint}\n{known}\n")


def begun_as(folder: Path) -> str | None:
    """The fingerprint of the training that was begun in the folder of a stream, if any was."""
    try:
        return (folder / CIRCUMSTANCES_NAME).read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, ValueError):
        return None


def recorded_options(folder: Path) -> Mapping[str, Any]:
    """The options of the training that stands in the folder of a stream, finished or begun; empty if none.

    Of one that is not finished they are those that take effect (`effective_options`).
    """
    record = record_or_none(folder)
    if record is not None:
        return values_with_earlier_ones(TrainingOptions, record.options)
    options = _begun_with(folder).get("options")
    if not isinstance(options, Mapping) or not has_checkpoint(folder):
        return {}
    return values_with_earlier_ones(TrainingOptions, options)


def _begun_with(folder: Path) -> Mapping[str, Any]:
    """What the training that was begun is made of; empty where version 0.1 began it."""
    try:
        text = (folder / CIRCUMSTANCES_NAME).read_text(encoding="utf-8")
        known = json.loads(text.partition("\n")[2])
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def has_checkpoint(folder: Path) -> bool:
    """Whether at least an epoch of all layers was trained in the folder of a stream."""
    return any((folder / "checkpoints").glob("*.keras"))


def record_or_none(folder: Path) -> TrainingRecord | None:
    """The record, None where there is none that can be read; LaterFormatError passes."""
    try:
        return read_record(folder)
    except LaterFormatError:
        raise
    except TwostreamError:
        return None


def is_trained(folder: Path) -> bool:
    """Whether a finished training stands in the folder of a stream."""
    return (folder / RECORD_NAME).is_file()


def write_data_folder(folder: Path, data: Path) -> None:
    """Let the record in the folder of a stream say that the clips are in `data`: they move there."""
    write_record(folder, replace(read_record(folder), data=str(data.resolve())))
