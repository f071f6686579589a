"""`history.csv`: what every epoch brought."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from twostream.atomic import write_text
from twostream.errors import TwostreamError


@dataclass(frozen=True)
class EpochRecord:
    """One row: loss and top-1 on what was trained on, and on what was held out where anything was.

    `loss` and `validation_loss` are of one kind: the cross-entropy of clips with their plain labels (in
    training with ``--mixup``, with blended ones). `objective` is what training minimised instead. None is
    what was not measured. Where clips have several labels, the cross-entropy is the sum over labels, top-1
    is the share of clips whose likeliest label is one of theirs, and `validation_map` the mean average
    precision of labels, by which the epoch is chosen; it has a column only there.
    """

    epoch: int
    phase: str
    learning_rate: float | None
    loss: float | None
    top1: float | None
    validation_loss: float | None
    validation_top1: float | None
    duration_seconds: float
    objective: float | None = None
    validation_map: float | None = None

    @property
    def merit(self) -> tuple[float, float]:
        """By what the best epoch is chosen, highest first: the measure, then the lowest loss."""
        found = self.validation_top1 if self.validation_map is None else self.validation_map
        return found or 0.0, -(self.validation_loss or 0.0)


@dataclass
class RunningMean:
    """Means over the batches of an epoch, each sample counted once.

    `loss` is what was minimised, as Keras calls it. Keras's `train_on_batch` reports the last batch alone.
    """

    samples: int = 0
    loss: float = 0.0
    top1: float = 0.0
    cross_entropy: float | None = None

    def add(self, logs: Mapping[str, Any], samples: int) -> None:
        """Take in what `train_on_batch` returned for a batch of `samples`."""
        self.samples += samples
        share = samples / self.samples
        self.loss += share * (float(logs["loss"]) - self.loss)
        self.top1 += share * (float(logs["accuracy"]) - self.top1)
        if "cross_entropy" in logs:
            before = self.cross_entropy or 0.0
            self.cross_entropy = before + share * (float(logs["cross_entropy"]) - before)


def write_history(path: Path, records: list[EpochRecord]) -> None:
    """Write all records as CSV."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    names = [field.name for field in fields(EpochRecord)]
    if all(record.validation_map is None for record in records):
        names.remove("validation_map")
    rows.writerow(names)
    for record in records:
        values = (getattr(record, name) for name in names)
        rows.writerow("" if value is None else value for value in values)
    write_text(path, text.getvalue())


def read_history(path: Path) -> list[EpochRecord]:
    """Read what `write_history` wrote, in this version or another; an absent file is an empty history.

    Other columns are passed over, and what lacks its column was not measured. Version 0.1 had no
    `objective`: it wrote that as `loss`. Raises TwostreamError for a damaged file.
    """
    if not path.exists():
        return []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [_record(row) for row in csv.DictReader(file)]
    except (ValueError, TypeError, KeyError, csv.Error) as error:
        raise TwostreamError(
            path,
            expected="a table of epochs, as `twostream train` writes it",
            found=f"something else ({type(error).__name__}: {error})",
            remedy="remove the stream's folder and train it again",
        ) from error


def _record(row: Mapping[str, str]) -> EpochRecord:
    def number(name: str) -> float | None:
        cell = row.get(name)
        return float(cell) if cell else None

    loss, objective = number("loss"), number("objective")
    if "objective" not in row:
        loss, objective = None, loss
    return EpochRecord(
        int(row["epoch"]),
        row["phase"],
        number("learning_rate"),
        loss,
        number("top1"),
        number("validation_loss"),
        number("validation_top1"),
        number("duration_seconds") or 0.0,
        objective,
        number("validation_map"),
    )
