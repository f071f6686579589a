"""What is asked for is kept to, or refused before anything is looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import twostream
from twostream.cli.main import run_command
from twostream.errors import TwostreamError
from twostream.prediction.loaded_run import LoadedRun
from twostream.prediction.options import LookOptions


@pytest.fixture(scope="module")
def loaded(trained_run: Path) -> LoadedRun:
    return twostream.load(trained_run, engine="torch", on_above=0.01, shortest=0.0, smoothing=0.1)


def looking(loaded: LoadedRun, **look: object) -> LoadedRun:
    own = replace(loaded.predictor.look, **look)
    return replace(loaded, predictor=loaded.predictor.looking(own))


@pytest.mark.parametrize(("fps", "rate"), [(2.0, 0.5), (2.0, 8.0), (10.0, 2.0)])
def test_nothing_is_told_and_nothing_seen_after_so_many_seconds(
    loaded: LoadedRun, moving_texture: Callable[..., np.ndarray], fps: float, rate: float
) -> None:
    frames = moving_texture(int(8 * fps), width=48, height=48)
    part = looking(loaded, timeline=True, seconds=6.0, rate=rate)
    found = part.predict(frames, fps=fps)
    assert 4 < found.windows.windows_s.max() <= 6
    assert 4 < max(one.end_s for one in found.intervals) <= 6
    other = np.concatenate([frames[: int(6 * fps) + 1], 255 - frames[int(6 * fps) + 1 :]])
    again = part.predict(other, fps=fps)
    np.testing.assert_array_equal(again.windows.fused, found.windows.fused)
    assert max(window.end_s for window in part.stream(frames, fps=fps)) <= 6


def test_of_a_clip_no_part_is_scored_in_silence(
    loaded: LoadedRun, moving_texture: Callable[..., np.ndarray]
) -> None:
    frames = moving_texture(20, width=48, height=48)
    with pytest.raises(TwostreamError, match=r"a clip of 2\.0 s, .*; add --timeline"):
        looking(loaded, seconds=1.0).predict(frames, fps=10)
    assert looking(loaded, seconds=2.0).predict(frames, fps=10).protocol == "25"
    with pytest.raises(TwostreamError, match=r"--seconds: expected at least 0\.4, .*found 0\.1"):
        looking(loaded, seconds=0.1, timeline=True).predict(frames, fps=10)


@pytest.mark.parametrize(
    ("flag", "look"),
    [
        ("--timeline", {"timeline": True}),
        ("--rate", {"rate": 4.0}),
        ("--cuts", {"cuts": True}),
        ("--seconds", {"seconds": 4.0}),
    ],
)
def test_a_protocol_is_of_clips_alone(flag: str, look: dict[str, object]) -> None:
    with pytest.raises(TwostreamError, match=f"{flag}: .* found --protocol 25"):
        LookOptions(protocol="25", **look)
    assert LookOptions(protocol="25", top=0, timeout=5).protocol == "25"


def test_an_option_of_timelines_is_refused_with_a_protocol(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["predict", str(tmp_path), "a.mp4", "--protocol", "25", "--on-above", "0.5"]
    assert run_command(words) == 2
    assert "--on-above: expected a timeline" in capsys.readouterr().err


def test_features_take_no_option_that_they_would_not_heed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["features", str(tmp_path), "a.mp4", "--out", str(tmp_path / "a.parquet")]
    assert run_command([*words, "--cuts"]) == 2
    assert "--cuts" in capsys.readouterr().err


def test_a_class_to_explain_is_looked_for_before_any_work(
    trained_run: Path,
    small_videos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def load(*_: object, **__: object) -> None:
        raise AssertionError("networks are loaded")

    monkeypatch.setattr("twostream.prediction.predictor.load_for_scoring", load)
    words = [
        "predict",
        str(trained_run),
        str(small_videos),
        "--explain",
        str(tmp_path / "pictures"),
    ]
    classes = sorted(path.name for path in small_videos.iterdir() if path.is_dir())
    assert run_command([*words, "--explain-class", classes[0] + "x"]) == 2
    assert f"did you mean {classes[0]}?" in capsys.readouterr().err
    assert run_command([*words, "--explain-class", "0"]) == 2
    printed = capsys.readouterr()
    assert f"it knows {', '.join(classes)}" in printed.err
    assert printed.err.count("\n") == 1
