"""From Python: `twostream.load(RUN)`, its `predict` and its `stream`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import twostream
from twostream.errors import TwostreamError
from twostream.prediction.loaded_run import LoadedRun
from twostream.sources.video import VideoClip
from twostream.video.decode import open_video


@pytest.fixture(scope="module")
def loaded(trained_run: Path) -> LoadedRun:
    return twostream.load(trained_run, engine="torch")


def test_a_path_and_its_frames_are_the_same(loaded: LoadedRun, small_videos: Path) -> None:
    path = min(small_videos.rglob("*.avi"))
    one = loaded.predict(path)
    with open_video(path) as video:
        frames = np.stack(list(video.frames()))
    other = loaded.predict(frames)
    assert (one.source, other.source) == (str(path), "frames")
    for stream, scores in one.scores.items():
        np.testing.assert_allclose(scores, other.scores[stream], atol=1e-6)
    assert one.fused[0].score == max(one.scores["fused"])
    assert len(one.rows) == 3


def test_several_come_in_their_order(loaded: LoadedRun, small_videos: Path) -> None:
    paths = sorted(small_videos.rglob("*.avi"))[:5]
    assert [one.source for one in loaded.predict(list(paths))] == list(map(str, paths))
    (folder,) = {path.parent for path in paths[:4]}
    assert len(loaded.predict([folder])) == 4
    with pytest.raises(TwostreamError, match="expected one video, found 4; give it in a list"):
        loaded.predict(folder)


def test_a_stream_gives_windows_while_it_goes_on(
    loaded: LoadedRun, moving_texture: Callable[..., np.ndarray]
) -> None:
    windows = list(loaded.stream(moving_texture(30, width=48, height=48), fps=25))
    assert [round(one.start_s, 2) for one in windows[:3]] == [0.0, 0.12, 0.24]
    for one in windows:
        assert one.label in loaded.class_names
        assert one.score == one.fused[0].score
        assert {len(one.spatial), len(one.temporal), len(one.fused)} == {3}


def test_it_stops_after_so_many_seconds(
    loaded: LoadedRun, moving_texture: Callable[..., np.ndarray]
) -> None:
    look = replace(loaded.predictor.look, seconds=0.5)
    short = replace(loaded, predictor=loaded.predictor.looking(look))
    windows = list(short.stream(moving_texture(60, width=48, height=48), fps=25))
    assert 0.5 - 1 / 8 < max(one.end_s for one in windows) <= 0.5


def test_whoever_has_seen_enough_closes_the_video(
    loaded: LoadedRun, small_videos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = []
    monkeypatch.setattr(VideoClip, "close", lambda self: closed.append(self.path))
    path = min(small_videos.rglob("*.avi"))
    stream = loaded.stream(path)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert closed == [path]


def test_loading_the_package_loads_nothing() -> None:
    code = "import sys, twostream; print('numpy' in sys.modules, 'keras' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
