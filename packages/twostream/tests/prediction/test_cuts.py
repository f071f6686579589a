"""Cuts between shots, where the extra that finds them is installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from twostream.cli.main import run_command
from twostream.prediction.cuts import find_cuts
from twostream.sources.specification import FlowSpecification
from twostream.sources.video import VideoClip


@pytest.mark.skipif(
    importlib.util.find_spec("scenedetect") is not None, reason="the extra cuts is installed"
)
def test_without_the_extra_one_line_says_how_to_get_it(
    run: Path, small_videos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["predict", str(run), str(small_videos), "--cuts"]) == 2
    assert "the package scenedetect for finding shot cuts" in capsys.readouterr().err


def test_a_shot_begins_where_the_picture_changes(
    tmp_path: Path, write_video: Callable[..., Path], moving_texture: Callable[..., np.ndarray]
) -> None:
    pytest.importorskip("scenedetect")
    red, blue = np.float32([1, 0.2, 0.2]), np.float32([0.2, 0.2, 1])
    shots = [(moving_texture(12, dx=0.5) * tint).astype(np.uint8) for tint in (red, blue)]
    path = write_video(tmp_path / "a.mp4", np.concatenate(shots), codec="libx264")
    assert find_cuts(VideoClip(path, FlowSpecification(algorithm="dis"))) == ((12, 0.48),)
