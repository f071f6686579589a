from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from twostream.cli.main import run_command
from twostream.errors import TwostreamError
from twostream.lab.benchmarks.bench_predict import bench_predict


@pytest.fixture(scope="module")
def video(
    tmp_path_factory: pytest.TempPathFactory,
    write_video: Callable[..., Path],
    moving_texture: Callable[..., np.ndarray],
) -> Path:
    frames = moving_texture(30, width=64, height=48)
    return write_video(tmp_path_factory.mktemp("bench") / "a.mp4", frames, codec="libx264")


def test_it_tells_the_factor_and_where_the_time_goes(
    video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "figures.json"
    words = ["bench", "predict", str(video), "--backbone", "cnn-s", "--size", "32"]
    words += ["--view", "full", "--samplings", "8,one", "--flows", "dis", "--engine", "torch"]
    assert run_command([*words, "--out", str(out)]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for word in ("8 a second", "one", "the real-time factor", "view full", "torch"):
        assert word in shown
    rows = json.loads(out.read_text())["rows"]
    assert [(row["flow"], row["sampling"]) for row in rows] == [("dis", "8"), ("dis", "one")]
    for row in rows:
        assert row["real_time_factor"] == pytest.approx(1.2 / row["clock_seconds"])
        assert set(row["of_which"]) == {"decode", "flow", "networks"}


def test_an_unknown_flow_is_refused(video: Path) -> None:
    with pytest.raises(
        TwostreamError, match="--flows: expected some of exact, fast, dis, found quick"
    ):
        bench_predict(video, flows="quick")
