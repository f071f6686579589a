"""`history.csv`."""

from __future__ import annotations

from pathlib import Path

import pytest
from twostream.errors import TwostreamError
from twostream.training.history import (
    EpochRecord,
    RunningMean,
    read_history,
    write_history,
)

RECORDS = [
    EpochRecord(30, "head", 1e-3, 0.5, 0.75, None, None, 2.0),
    EpochRecord(1, "all", 2e-5, 0.25, 1.0, 1.5, 0.5, 3.0, 0.375),
]
OF_0_1 = """epoch,phase,learning_rate,loss,top1,validation_loss,validation_top1,duration_seconds
1,all,2e-05,0.375,1.0,1.5,0.5,3.0
"""


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


def test_version_0_1_wrote_what_it_minimised_as_the_loss(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_text(OF_0_1)
    (record,) = read_history(path)
    assert (record.loss, record.objective, record.validation_loss) == (None, 0.375, 1.5)
    write_history(path, [record])
    assert read_history(path) == [record]


def test_other_columns_are_passed_over_and_missing_ones_were_not_measured(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_text("phase,mood,objective,epoch\nall,fine,0.5,3\n")
    nothing = (None,) * 5
    assert read_history(path) == [EpochRecord(3, "all", *nothing, 0.0, 0.5)]


@pytest.mark.parametrize("content", ["epoch\n1\n", "epoch,phase\none,all\n", OF_0_1 + "2,all,?"])
def test_a_damaged_history_is_a_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "history.csv"
    path.write_text(content)
    with pytest.raises(TwostreamError, match="train it again"):
        read_history(path)
