"""Windows of a long video: the samples that the preprocessing makes, with their times, in one pass."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import odd_videos
import pytest
from twostream.errors import TwostreamError
from twostream.evaluation.bundle_scores import LoadedBundle, load_for_scoring
from twostream.prediction.lengths import frames_per_second
from twostream.prediction.networks import Networks
from twostream.prediction.notes import unseen_end
from twostream.prediction.timeline import BLOCK, Collected
from twostream.prediction.windows import WindowBatch, Windows, score_windows
from twostream.sources.frames import FramesClip
from twostream.sources.opening import open_source
from twostream.sources.video import VideoClip
from twostream.training.two_streams import read_two_streams


@pytest.fixture(scope="module")
def loaded(trained_run: Path) -> LoadedBundle:
    return load_for_scoring(read_two_streams(trained_run), engine="torch")


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory, write_video, moving_texture) -> Path:
    frames = moving_texture(60, width=48, height=48)
    return write_video(tmp_path_factory.mktemp("long") / "long.mp4", frames, codec="libx264")


@pytest.mark.parametrize("rate", [3.0, 8.0, pytest.param(100.0, marks=pytest.mark.slow)])
def test_each_window_is_the_frame_in_the_middle_of_its_stack(
    loaded: LoadedBundle, video: Path, rate: float
) -> None:
    clip = open_source(video, loaded.bundle.flow)
    where = Windows(fps=25, rate=rate, length=4)
    batches = list(score_windows(Networks(loaded), clip, where))
    starts = [start for start in islice(where.starts(), 60) if start + 4 < 60]
    times = np.concatenate([batch.windows_s for batch in batches])
    middles = [(k + 2) / 25 for k in starts]
    np.testing.assert_allclose(times[1:].mean(axis=1), middles[1:], atol=1e-6)
    assert times[0, 0] == 0
    assert (times[1:, 0] <= times[:-1, 1] + 1e-9).all(), "no moment is left out"
    for one in loaded.bundle.streams:
        scores = np.concatenate([batch.scores[one.stream] for batch in batches])
        ahead = 2 if one.stream == "spatial" else 0
        (view,) = one.preprocessing.evaluation_views(clip)
        samples = [one.preprocessing.sample(clip, k + ahead, view) for k in starts]
        expected = loaded.networks[one.stream].probabilities(np.stack(samples))
        np.testing.assert_allclose(scores, expected, atol=1e-5)
    fused = np.concatenate([batch.scores["fused"] for batch in batches])
    np.testing.assert_allclose(fused.sum(axis=1), 1, atol=1e-5)


def test_a_video_is_decoded_once_whatever_its_length(loaded: LoadedBundle, video: Path) -> None:
    clip = open_source(video, loaded.bundle.flow)
    assert isinstance(clip, VideoClip)
    list(score_windows(Networks(loaded), clip, Windows(fps=25, rate=8, length=4)))
    assert clip.decoded_frames == 60


def told_of_the_end(loaded: LoadedBundle, path: Path, rate: float) -> str:
    clip = open_source(path, loaded.bundle.flow)
    where = Windows(fps=frames_per_second(clip), rate=rate, length=4)
    batches = list(score_windows(Networks(loaded), clip, where))
    return unseen_end(clip, where, float(batches[-1].windows_s[-1, 1]))


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_an_end_that_no_window_looks_at_is_told(
    loaded: LoadedBundle, tmp_path: Path, suffix: str
) -> None:
    """Two seconds at 30 a second, then two at 10: 20 frames are a step, and two seconds there."""
    times_ms = [round(1000 * k / 30) for k in range(60)] + [2000 + 100 * k for k in range(20)]
    path = tmp_path / f"a{suffix}"
    odd_videos.write(path, odd_videos.moving_ramp(80), codec="mpeg4", times_ms=times_ms)
    told = told_of_the_end(loaded, path, 1)
    assert re.match(r"a: no window looks at the last 1\.[0-3] of 3\.9 s, in which", told)
    assert told_of_the_end(loaded, path, 20) == ""


@pytest.mark.parametrize("rate", [0.9, 1.7, 3.1, 8.0])
def test_of_frames_at_one_rate_nothing_is_told(
    loaded: LoadedBundle, video: Path, rate: float
) -> None:
    assert told_of_the_end(loaded, video, rate) == ""


def test_no_window_reaches_over_a_cut() -> None:
    where = Windows(fps=10, rate=5, length=3, cuts=(9, 11, 30))
    for start in islice(where.starts(), 40):
        assert not any(start < cut <= start + 3 for cut in where.cuts)
    starts = list(islice(where.starts(), 40))
    assert {0, 11, 30} <= set(starts), "a shot is looked at from its first frame on"
    assert starts == sorted(set(starts))


def test_frames_at_irregular_times_have_their_own(
    loaded: LoadedBundle, moving_texture: Callable[..., np.ndarray]
) -> None:
    frames = moving_texture(40, width=48, height=48)
    clip = FramesClip(frames, replace(loaded.bundle.flow, step=2), fps=30)
    assert clip.facts.fps == 15
    (batch,) = score_windows(Networks(loaded), clip, Windows(fps=15, rate=15, length=4))
    np.testing.assert_allclose(batch.windows_s[:, 0], np.arange(len(batch.windows_s)) / 15)


def test_what_came_before_a_source_failed_is_there(loaded: LoadedBundle, video: Path) -> None:
    clip = open_source(video, loaded.bundle.flow)
    seen = 0

    def check() -> None:
        nonlocal seen
        seen += 1
        if seen > 5:
            raise TwostreamError("a", expected="b", found="c", remedy="d")

    found: list[WindowBatch] = []
    windows = score_windows(Networks(loaded), clip, Windows(fps=25, rate=8, length=4), check=check)
    with pytest.raises(TwostreamError, match="expected b"):
        found.extend(windows)
    assert sum(len(batch.windows_s) for batch in found) == 5


def test_what_is_collected_is_kept_in_order_and_of_what_has_no_end_the_latest() -> None:
    collected, endless = Collected(), Collected(most_s=500.0)
    for k in range(300):
        times = np.stack([np.arange(16 * k, 16 * k + 16), np.arange(16 * k, 16 * k + 16) + 1], 1)
        batch = WindowBatch(times * 1.0, {"fused": np.full((16, 2), k, np.float32)})
        collected.add(batch)
        endless.add(batch)
    assert (collected.count, collected.reached_s) == (4800, 4800.0)
    assert 500 <= endless.count <= 500 + 2 * BLOCK
    tail = collected.since(4000.0)
    assert tail.reached_s == 4800.0
    windows = collected.windows(["a", "b"], streams=["fused"], fps=25.0)
    assert windows.windows_s[:, 0].tolist() == list(range(4800))
    assert windows.fused is not None
    assert windows.fused[:, 0].tolist() == [k // 16 for k in range(4800)]
