"""`history.csv`."""

from __future__ import annotations

from pathlib import Path

import pytest
from twostream.training.history import (
    EpochRecord,
    RunningMean,
    log_to_tensorboard,
    read_history,
    write_history,
)

RECORDS = [
    EpochRecord(30, "head", 1e-3, 0.5, 0.75, None, None, 2.0),
    EpochRecord(1, "all", 2e-5, 0.25, 1.0, 1.5, 0.5, 3.0),
]


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    write_history(tmp_path / "history.csv", RECORDS)
    assert read_history(tmp_path / "history.csv") == RECORDS
    assert read_history(tmp_path / "absent.csv") == []


def test_an_epochs_mean_counts_every_sample_once() -> None:
    mean = RunningMean()
    mean.add({"loss": 1.0, "accuracy": 1.0}, 30)
    mean.add({"loss": 4.0, "accuracy": 0.0}, 10)
    assert mean.loss == pytest.approx(1.75)
    assert mean.top1 == pytest.approx(0.75)


def test_tensorboard_gets_the_same_curves_once_however_often_it_is_written(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    write_history(tmp_path / "history.csv", RECORDS)
    assert log_to_tensorboard(tmp_path)
    assert log_to_tensorboard(tmp_path)
    assert len(list((tmp_path / "tensorboard").iterdir())) == 1
