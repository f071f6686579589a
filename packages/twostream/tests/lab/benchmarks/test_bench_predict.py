from __future__ import annotations

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
    video: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["bench", "predict", str(video), "--backbone", "cnn-s", "--size", "32"]
    assert run_command([*words, "--engine", "torch", "--flows", "dis"]) == 0
    shown = capsys.readouterr().out
    for word in (
        "whole-video",
        "8 a second",
        "one",
        "the real-time factor",
        "view centre",
        "torch",
    ):
        assert word in " ".join(shown.split())


def test_each_row_is_one_flow_and_one_way_to_look(video: Path) -> None:
    results = bench_predict(
        video,
        backbone="cnn-s",
        size=32,
        view="full",
        engine="torch",
        flows="dis",
        samplings="8,one",
    )
    assert [(row["flow"], row["sampling"]) for row in results["rows"]] == [
        ("dis", "8"),
        ("dis", "one"),
    ]
    for row in results["rows"]:
        assert row["real_time_factor"] == pytest.approx(1.2 / row["clock_seconds"])
        assert set(row["of_which"]) == {"decode", "flow", "networks"}


def test_an_unknown_flow_is_refused(video: Path) -> None:
    with pytest.raises(
        TwostreamError, match="--flows: expected some of exact, fast, dis, found quick"
    ):
        bench_predict(video, flows="quick")
