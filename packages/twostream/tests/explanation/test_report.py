"""Where the networks looked, in the report of a run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from twostream.cli.main import run_command
from twostream.errors import TwostreamWarning
from twostream.reporting.explained_clips import FOLDER_NAME, INDEX_NAME, explained_clips


@pytest.mark.slow
def test_a_report_shows_where_the_networks_looked_and_keeps_it(
    trained_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    shutil.copytree(trained_run, run)
    words = ["evaluate", str(run), "--protocols", "one-frame", "--engine", "keras"]
    assert run_command(words) == 0
    assert run_command(["report", str(run)]) == 0
    assert "Grad-CAM" not in (run / "report.html").read_text(encoding="utf-8")
    assert run_command(["report", str(run), "--explain"]) == 0
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "spatial 0." in page
    assert "(layer conv4_relu)" in page
    told = json.loads((run / FOLDER_NAME / INDEX_NAME).read_text(encoding="utf-8"))
    assert all((run / FOLDER_NAME / one["file"]).is_file() for one in told["clips"])
    assert page.count('class="looked"') == len(told["clips"]) > 0
    assert run_command(["report", str(run)]) == 0  # what was found out is shown again
    assert "Grad-CAM" in (run / "report.html").read_text(encoding="utf-8")


def test_what_was_explained_of_other_trainings_is_not_shown(tmp_path: Path) -> None:
    one = {
        "clip_id": "a/1",
        "label": "a",
        "start_s": 0.0,
        "scores": {"spatial": 0.5},
        "layers": {"spatial": "conv"},
        "file": "01-1.png",
    }
    assert explained_clips(tmp_path, trainings={"spatial": "x"}) == {}
    folder = tmp_path / FOLDER_NAME
    folder.mkdir()
    (folder / "01-1.png").write_bytes(b"")
    told = {"trainings": {"spatial": "x"}, "clips": [one, one | {"file": "gone.png"}]}
    (folder / INDEX_NAME).write_text(json.dumps(told))
    (found,) = explained_clips(tmp_path, trainings={"spatial": "x"})["a/1"]
    assert found.label == "a"
    assert explained_clips(tmp_path, trainings={"spatial": "another"}) == {}


@pytest.mark.parametrize("content", ["{", "{}"])
def test_what_is_damaged_is_told_and_left_out(tmp_path, content):
    folder = tmp_path / FOLDER_NAME
    folder.mkdir()
    (folder / INDEX_NAME).write_text(content)
    with pytest.warns(TwostreamWarning, match=r"explained\.json is damaged .*: no explanations"):
        assert explained_clips(tmp_path, trainings={"spatial": "x"}) == {}
