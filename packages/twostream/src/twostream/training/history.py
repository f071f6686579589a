"""`history.csv`: what every epoch brought."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

from twostream.atomic import write_text


@dataclass(frozen=True)
class EpochRecord:
    """One row: loss and top-1 on what was trained on, and on what was held out where anything was."""

    epoch: int
    phase: str
    learning_rate: float
    loss: float
    top1: float
    validation_loss: float | None
    validation_top1: float | None
    duration_seconds: float


@dataclass
class RunningMean:
    """Loss and top-1 over the batches of an epoch, each sample counted once.

    Keras's `train_on_batch` reports the last batch alone.
    """

    samples: int = 0
    loss: float = 0.0
    top1: float = 0.0

    def add(self, logs: Mapping[str, Any], samples: int) -> None:
        """Take in what `train_on_batch` returned for a batch of `samples`."""
        self.samples += samples
        share = samples / self.samples
        self.loss += share * (float(logs["loss"]) - self.loss)
        self.top1 += share * (float(logs["accuracy"]) - self.top1)


def write_history(path: Path, records: list[EpochRecord]) -> None:
    """Write all records as CSV."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(field.name for field in fields(EpochRecord))
    for record in records:
        rows.writerow("" if value is None else value for value in astuple(record))
    write_text(path, text.getvalue())


def read_history(path: Path) -> list[EpochRecord]:
    """Read what `write_history` wrote; an absent file is an empty history."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [
            EpochRecord(
                int(row["epoch"]),
                row["phase"],
                float(row["learning_rate"]),
                float(row["loss"]),
                float(row["top1"]),
                float(row["validation_loss"]) if row["validation_loss"] else None,
                float(row["validation_top1"]) if row["validation_top1"] else None,
                float(row["duration_seconds"]),
            )
            for row in csv.DictReader(file)
        ]


def log_to_tensorboard(stream: Path) -> bool:
    """Write the curves of ``history.csv`` for TensorBoard into the stream's folder.

    False where the package tensorboard is not installed.
    """
    try:
        from tensorboard.summary import Writer
    except ImportError:
        return False
    import shutil

    folder = stream / "tensorboard"
    # Written anew each time: a resumed training must not show its epochs twice.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    writer = Writer(str(folder))
    for record in read_history(stream / "history.csv"):
        for name in ("loss", "top1", "validation_loss", "validation_top1", "learning_rate"):
            value = getattr(record, name)
            if value is not None:
                writer.add_scalar(f"{record.phase}/{name}", value, record.epoch)
    writer.close()
    return True
