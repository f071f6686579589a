"""The verb `models`."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import twostream
from twostream.cli.main import run_command
from twostream.errors import TwostreamError


def test_all_names_are_listed_without_being_built(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["models", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"EfficientNetLite0", "ResNet50", "cnn-m"} <= {row["name"] for row in rows}
    assert all(row["size_px"] == 224 for row in rows)


def test_named_ones_are_counted_at_any_size_and_written_as_a_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "models.csv"
    assert run_command(["models", "cnn-s", "--size", "64", "--speed", "--csv", str(table)]) == 0
    assert "cnn-s" in capsys.readouterr().out
    (row,) = csv.DictReader(table.open(encoding="utf-8", newline=""))
    assert row["size_px"] == "64"
    assert float(row["images_per_second"]) > 0


@pytest.mark.parametrize("asked", [{"speed": True}, {"size": 192}])
def test_what_needs_building_needs_a_name(asked: dict[str, int]) -> None:
    with pytest.raises(TwostreamError, match="twostream models EfficientNetLite0"):
        twostream.backbones(**asked)


def test_a_misspelt_name_is_refused() -> None:
    with pytest.raises(TwostreamError, match="did you mean ResNet50"):
        twostream.backbones("ResNet5")
