"""The curves for TensorBoard: appended, each epoch once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from twostream.training.history import EpochRecord, write_history
from twostream.training.tensorboard_curves import TensorBoardCurves, log_to_tensorboard

event_file_loader = pytest.importorskip("tensorboard.backend.event_processing.event_file_loader")

HEAD = EpochRecord(30, "head", 1e-3, 0.5, 0.75, None, None, 2.0, 0.625)
ALL = [EpochRecord(k, "all", 2e-5, 0.25 * k, 1.0, 1.5, 0.5, 3.0, 0.375) for k in range(1, 7)]


def files(stream: Path) -> list[Path]:
    return sorted((stream / "tensorboard").iterdir())


def losses(stream: Path, curve: str = "all/loss") -> list[tuple[int, float]]:
    """What TensorBoard reads, in its order."""
    return [
        (event.step, float(value.tensor.float_val[0]))
        for path in files(stream)
        for event in event_file_loader.EventFileLoader(str(path)).Load()
        for value in event.summary.value
        if value.tag == curve
    ]


def told(records: list[EpochRecord]) -> list[tuple[int, float]]:
    return [(record.epoch, record.loss or 0.0) for record in records]


def go_on(stream: Path, *epochs: list[EpochRecord]) -> None:
    curves = TensorBoardCurves(stream)
    for records in epochs:
        assert curves.bring_up_to(records)
    curves.close()


def test_epochs_are_appended_to_one_file(tmp_path: Path) -> None:
    curves = TensorBoardCurves(tmp_path)
    for k in range(1, 4):
        before = [path.read_bytes() for path in files(tmp_path)] if k > 1 else [b""]
        curves.bring_up_to([HEAD, *ALL[:k]])
        (after,) = [path.read_bytes() for path in files(tmp_path)]
        assert after.startswith(before[0])
        assert losses(tmp_path) == told(ALL[:k])  # at once: TensorBoard may be looking
    curves.close()
    assert losses(tmp_path, "head/objective") == [(30, 0.625)]


def test_a_resumed_training_goes_on_without_telling_an_epoch_twice(tmp_path: Path) -> None:
    go_on(tmp_path, ALL[:2], ALL[:3])
    kept = {path: path.read_bytes() for path in files(tmp_path)}
    go_on(tmp_path, ALL[:4], ALL[:6])
    assert losses(tmp_path) == told(ALL)
    assert all(path.read_bytes() == content for path, content in kept.items())


def test_nothing_is_written_where_nothing_is_missing(tmp_path: Path) -> None:
    write_history(tmp_path / "history.csv", [HEAD, *ALL])
    assert log_to_tensorboard(tmp_path)
    assert log_to_tensorboard(tmp_path)
    assert len(files(tmp_path)) == 1


def test_a_file_that_was_cut_off_is_gone_on_with(tmp_path: Path) -> None:
    go_on(tmp_path, ALL[:4])
    (cut,) = files(tmp_path)
    cut.write_bytes(cut.read_bytes()[:-20])
    go_on(tmp_path, ALL)
    assert losses(tmp_path) == told(ALL)


def test_epochs_of_another_training_are_written_anew(tmp_path: Path) -> None:
    go_on(tmp_path, ALL)
    others = [replace(record, loss=9.0) for record in ALL[:2]]
    go_on(tmp_path, others)
    assert losses(tmp_path) == told(others)
