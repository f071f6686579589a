"""The curves of a training for TensorBoard, appended while it goes on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from twostream.training.history import EpochRecord, read_history

FOLDER_NAME = "tensorboard"
CURVES = ("loss", "top1", "validation_loss", "validation_top1", "objective", "learning_rate")
Point = tuple[str, int]  # a curve, such as ``all/loss``, and an epoch


class TensorBoardCurves:
    """Appends epochs to the files that TensorBoard reads; does nothing where it is not installed.

    What an earlier process wrote is gone on with: a TensorBoard that shows it keeps it. It is written anew
    only where it tells of other epochs than those that count.
    """

    def __init__(self, stream: Path) -> None:
        self.folder = stream / FOLDER_NAME
        self._logged: dict[Point, np.float32] | None = None
        self._writer: Any = None

    def bring_up_to(self, records: Sequence[EpochRecord]) -> bool:
        """Write what is missing of `records`; False where the package tensorboard is not installed."""
        try:
            from tensorboard.summary import Writer
        except ImportError:
            return False
        points = dict(_points(records))
        if self._logged is None:
            self._logged = _read(self.folder)
            if any(points.get(point) != value for point, value in self._logged.items()):
                shutil.rmtree(self.folder)
                self._logged = {}
        missing = {point: value for point, value in points.items() if point not in self._logged}
        if missing and self._writer is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._writer = Writer(str(self.folder))
        for (curve, epoch), value in missing.items():
            self._writer.add_scalar(curve, value, epoch)
        if missing:
            self._writer.flush()
        self._logged |= missing
        return True

    def close(self) -> None:
        """Close the file, if one was written."""
        if self._writer is not None:
            self._writer.close()


def log_to_tensorboard(stream: Path) -> bool:
    """Bring the curves of a stream's folder up to its ``history.csv``.

    False where the package tensorboard is not installed.
    """
    curves = TensorBoardCurves(stream)
    try:
        return curves.bring_up_to(read_history(stream / "history.csv"))
    finally:
        curves.close()


def _points(records: Sequence[EpochRecord]) -> Iterator[tuple[Point, np.float32]]:
    for record in records:
        for name in CURVES:
            value = getattr(record, name)
            if value is not None:
                yield (f"{record.phase}/{name}", record.epoch), np.float32(value)


def _read(folder: Path) -> dict[Point, np.float32]:
    """All that the files of `folder` hold; the end of one that was cut off is passed over."""
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
    from tensorboard.util import tensor_util

    return {
        (value.tag, event.step): np.float32(tensor_util.make_ndarray(value.tensor).item())
        for path in sorted(folder.glob("events.out.tfevents.*"))
        for event in EventFileLoader(str(path)).Load()
        for value in event.summary.value
    }
