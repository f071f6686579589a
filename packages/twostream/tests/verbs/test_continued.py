"""What stands in a run folder goes on with its network, whatever the default is today."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import twostream
from twostream.cli.main import run_command
from twostream.errors import TwostreamError
from twostream.training.record import read_record

pytestmark = pytest.mark.usefixtures("short_heads")
# As an earlier version's default was another network at another size.
OTHER: dict[str, Any] = {"backbone": "cnn-s", "size": 32}
QUICK: dict[str, Any] = {"epochs": 1, "stack_length": 4}


@pytest.fixture
def run(small_data: Path, tmp_path: Path) -> Path:
    twostream.train("spatial", small_data, out=tmp_path / "run", **OTHER, **QUICK)
    return tmp_path / "run"


def test_a_finished_training_of_another_network_is_what_a_call_without_one_means(
    run: Path, small_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = read_record(run / "spatial")
    words = ["train", "spatial", small_data, "--out", run, "--epochs", 1, "--stack-length", 4]
    assert run_command([str(word) for word in words]) == 0
    assert "goes on as it was begun, with cnn-s at 32 px" in capsys.readouterr().err
    assert read_record(run / "spatial") == first


def test_an_unfinished_one_goes_on_with_its_network(run: Path, small_data: Path) -> None:
    (run / "spatial" / "training.json").unlink()
    twostream.train("spatial", small_data, out=run, **QUICK)
    assert read_record(run / "spatial").backbone == "cnn-s"


@pytest.mark.parametrize("said", [{"backbone": "EfficientNetLite0"}, {"size": 64}])
def test_what_is_named_is_meant(run: Path, small_data: Path, said: dict[str, Any]) -> None:
    with pytest.raises(TwostreamError, match="--replace"):
        twostream.train("spatial", small_data, out=run, **said, **QUICK)


@pytest.mark.slow
def test_a_run_of_several_splits_goes_on_with_its_network(
    small_videos: Path, tmp_path: Path
) -> None:
    asked: dict[str, Any] = {
        "flow": "dis", "folds": 2, "streams": "spatial", "engine": "keras", **QUICK,
    }  # fmt: skip
    twostream.run(small_videos, out=tmp_path / "run", **OTHER, **asked)
    told = (tmp_path / "run" / "results.json").read_text()
    twostream.run(small_videos, out=tmp_path / "run", **asked)
    assert json.loads((tmp_path / "run" / "results.json").read_text()) == json.loads(told)
