"""What goes wrong is one clear line, and what was done so far is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import twostream
from twostream.cli.main import run_command
from twostream.errors import TwostreamError
from twostream.events import Warned, listening
from twostream.prediction import side_by_side
from twostream.prediction.loaded_run import LoadedRun
from twostream.prediction.naming import Source
from twostream.prediction.options import LookOptions
from twostream.prediction.predictor import Hearing
from twostream.prediction.threshold import Threshold
from twostream.sources.camera import CameraClip
from twostream.timelines.intervals import Interval


@pytest.fixture(scope="module")
def loaded(trained_run: Path) -> LoadedRun:
    return twostream.load(trained_run, engine="torch", on_above=0.01, shortest=0.0, smoothing=0.1)


class Device:
    """Shows frames at 25 a second, then ends or stalls."""

    fps, live = 25.0, False

    def __init__(self, frames: np.ndarray, *, stalls: bool = False) -> None:
        self.frames, self.stalls = list(frames), stalls
        self.shown = 0

    def read(self) -> tuple[float, Any] | None:
        if self.shown < len(self.frames):
            self.shown += 1
            return (self.shown - 1) / 25, self.frames[self.shown - 1]
        if self.stalls:
            import time

            time.sleep(1)
        return None

    def close(self) -> None:
        self.frames = []


def camera(loaded: LoadedRun, device: Device) -> CameraClip:
    return CameraClip(0, loaded.bundle.flow, timeout_seconds=0.3, opener=lambda _, __: device)


def test_a_stream_that_stalls_keeps_what_was_seen(
    loaded: LoadedRun, moving_texture: Callable[..., np.ndarray]
) -> None:
    device = Device(moving_texture(30, width=48, height=48), stalls=True)
    found = loaded.predictor.of_clip(camera(loaded, device), name="camera 0")
    assert isinstance(found.ended, TwostreamError)
    assert "camera 0: expected another frame, found none for 0.3 s" in str(found.ended)
    assert len(found.windows.windows_s) == 9
    assert found.intervals != ()


def test_a_stream_that_ends_is_a_result_and_told_while_it_goes_on(
    loaded: LoadedRun, moving_texture: Callable[..., np.ndarray]
) -> None:
    frames = [moving_texture(40, width=48, height=48, dx=dx, dy=dy, seed=k)
              for k, (dx, dy) in enumerate([(2, 0), (0, 2), (-2, 0), (0, -2), (2, 0)])]  # fmt: skip
    device = Device(np.concatenate(frames))
    told: list[Interval] = []
    hearing = Hearing(on_interval=lambda _, one: told.append(one))
    found = loaded.predictor.of_clip(camera(loaded, device), name="camera 0", hearing=hearing)
    assert found.ended is None
    assert list(found.intervals[: len(told)]) == told
    again = loaded.predictor.intervals_in(found.windows)
    assert [one.label for one in found.intervals] == [one.label for one in again]
    np.testing.assert_allclose(
        [(one.start_s, one.end_s) for one in found.intervals],
        [(one.start_s, one.end_s) for one in again],
        atol=0.05,
    )


def test_a_video_that_changes_size_says_so(
    loaded: LoadedRun, changing_size: Callable[..., Path], tmp_path: Path
) -> None:
    path = changing_size(tmp_path / "sizes.mjpeg", [(48, 48)] * 5 + [(64, 48)] * 4)
    heard: list[object] = []
    with listening(heard.append):
        loaded.predict(path)
    told = [event.message for event in heard if isinstance(event, Warned)]
    assert any("4 frames came in another size than the first" in line for line in told)


def test_a_run_of_a_later_version_is_left_alone(
    run: Path, small_videos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = run / "spatial" / "bundle.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))
    assert run_command(["predict", str(run), str(small_videos)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "format 99, which a later version wrote; upgrade twostream" in printed.err
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize("source", [97, "http://127.0.0.1:9/a.mp4", "broken.mp4"])
def test_what_is_not_there_is_one_line_before_a_threshold_is_sought(
    loaded: LoadedRun, tmp_path: Path, source: int | str
) -> None:
    def sought() -> Threshold:
        raise AssertionError("it was looked for, which takes minutes")

    if source == "broken.mp4":
        (tmp_path / source).write_bytes(b"no video")
        source = str(tmp_path / source)
    look = LookOptions(timeline=True)
    predictor = replace(loaded.predictor, find_threshold=sought, look=look)
    with pytest.raises(TwostreamError, match=str(source)) as caught:
        replace(loaded, predictor=predictor).predict(source)
    assert "\n" not in str(caught.value)


class Fake:
    """A predictor of sources that are called by what happens."""

    def __init__(self, prediction: Any) -> None:
        self.prediction = prediction

    def of_source(self, source: Source, *, threads: object, hearing: Hearing) -> Any:
        if source.place == "interrupted":
            raise KeyboardInterrupt
        if source.place == "long":
            while True:
                hearing.check()
        return replace(self.prediction, source=str(source.place))


@pytest.mark.parametrize("jobs", [1, 3])
def test_ctrl_c_keeps_what_is_done(
    loaded: LoadedRun, moving_texture: Callable[..., np.ndarray], jobs: int
) -> None:
    fake: Any = Fake(loaded.predict(moving_texture(8, width=48, height=48)))
    names = ["a", "b", "interrupted", "long"]
    outcomes = side_by_side.predict_sources(fake, [Source(name) for name in names], jobs=jobs)
    kept = []

    def take() -> Iterator[str]:
        for source, _ in outcomes:
            yield str(source.place)

    with pytest.raises(KeyboardInterrupt):
        kept.extend(take())
    assert kept == ["a", "b"]


def test_nothing_is_written_into_a_source(run: Path, tmp_path: Path) -> None:
    with pytest.raises(TwostreamError, match="into which nothing is written"):
        twostream.predict(run, str(tmp_path), csv=tmp_path / "a.csv")


def test_a_video_named_before_the_run_is_told_as_such(
    run: Path, small_videos: Path, tmp_path: Path
) -> None:
    video = next(small_videos.rglob("*.avi"))
    with pytest.raises(TwostreamError, match=r"\.avi: expected the folder of a run"):
        twostream.predict(video, run)
    with pytest.raises(TwostreamError, match=r"\.avi: expected the folder of a run"):
        twostream.features(video, run, out=tmp_path / "f.parquet")


def test_tables_hold_all_streams_by_window(run: Path, small_videos: Path, tmp_path: Path) -> None:
    import polars as pl

    videos = sorted(small_videos.rglob("*.avi"))[:2]
    files = {name: tmp_path / f"a.{name}" for name in ("csv", "parquet")}
    twostream.predict(run, *videos, engine="torch", **files)
    table = pl.read_parquet(files["parquet"])
    assert table["stream"].unique().sort().to_list() == ["fused", "spatial", "temporal"]
    assert table["source"].unique(maintain_order=True).to_list() == list(map(str, videos))
    assert table.height == 6
    other = pl.read_csv(files["csv"])
    np.testing.assert_allclose(other["left"].to_numpy(), table["left"].to_numpy(), atol=1e-6)
