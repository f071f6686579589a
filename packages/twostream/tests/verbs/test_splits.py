"""`splits`: what each split of a prepared data set trains and tests."""

from __future__ import annotations

from pathlib import Path

import pytest
import twostream
from small_dataset import prepared
from twostream.cli.main import run_command


@pytest.fixture(scope="module")
def by_source(small_videos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("by source") / "data"
    return prepared(data, small_videos, leave_out="source")


def test_each_split_is_a_row(small_data: Path) -> None:
    found = twostream.splits(small_data)
    (row,) = found.rows
    assert row["train"] + row["test"] == 12
    assert (row["shared_sources"], row["untested"], row["never_right"]) == (0, [], [])
    assert found.notes == ()
    assert found.to_polars()["split"].to_list() == [1]


def test_every_source_is_left_out_once(by_source: Path) -> None:
    found = twostream.splits(by_source)
    assert [row["tests"] for row in found.rows] == [
        f"{name}/g{group:02d}" for name in ("down", "left", "right") for group in range(1, 5)
    ]
    # That most classes are not tested in a split is no news of folds.
    assert found.notes == (
        "folds: each of the 12 clips is tested in one split, and trains in all others",
    )


def test_it_is_shown_on_the_terminal(by_source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["splits", str(by_source)]) == 0
    out = capsys.readouterr().out
    assert "down/g01" in out
    assert "alike" not in out  # there are no tags


def test_a_folder_that_is_not_prepared_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["splits", str(tmp_path)]) == 2
    assert "expected a folder with manifest.parquet" in capsys.readouterr().err
