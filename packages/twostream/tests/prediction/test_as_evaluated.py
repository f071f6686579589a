"""`predict --protocol whole-video` of a test clip's video gives what `evaluate` stored of the clip."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import twostream
from odd_videos import set_display_matrix
from small_dataset import SIZE_PX, prepared
from small_training import options
from twostream.datasets.manifest import read_manifest
from twostream.evaluation.scores import load_scores
from twostream.preparation.options import ExtractionOptions
from twostream.training.stream import train_stream

QUARTER_TURN = (0, 1, -1, 0)
CASES: dict[str, dict[str, Any]] = {
    "archive": {},
    "rawframes": {"layout": "rawframes"},
    "turned": {"turned": True},
    "step": {"step": 2},
    "fps": {"fps": 10},
    "short side": {"short_side_px": 32},
    "view full": {"view": "full"},
    "view three": {"view": "three", "step": 3},
}


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.slow) for name in CASES])
def test_a_video_scores_as_its_stored_clip(name: str, small_videos: Path, tmp_path: Path) -> None:
    case = dict(CASES[name])
    turned, view = case.pop("turned", False), case.pop("view", None)
    videos = tmp_path / "videos"
    for video in small_videos.rglob("*.avi"):
        target = videos / video.parent.name / f"{video.stem}.mp4"
        target.parent.mkdir(parents=True, exist_ok=True)
        _wide(video, target)
        if turned:
            set_display_matrix(target, QUARTER_TURN)
    run = tmp_path / "run"
    extraction = ExtractionOptions(**{"flow": "dis", "bound_px": 10.0, **case})
    data = prepared(run / "data", videos, extraction=extraction)
    for stream in ("spatial", "temporal"):
        train_stream(data, run, options=options(stream=stream, epochs=0, weights="none", view=view))
    twostream.evaluate(run, protocols="whole-video", engine="torch")
    kept = load_scores(run / "scores" / "whole-video.npz")
    rows = read_manifest(data).part(1, "test")
    assert (rows[0].width < rows[0].height) == turned
    shutil.move(data, tmp_path / "gone")
    sources = [str(videos / row.source) for row in rows]
    found = twostream.predict(run, *sources, protocol="whole-video", engine="torch", top=0)
    for row, one in zip(rows, found, strict=True):
        for stream, stored in (
            ("spatial", "spatial"),
            ("temporal", "temporal"),
            ("fused", "chosen"),
        ):
            expected = kept[stored].values[kept[stored].ids.index(row.clip_id)]
            np.testing.assert_allclose(one.scores[stream], expected, atol=1e-4)


def _wide(video: Path, target: Path) -> None:
    """The video with black on both sides, so that turning it shows."""
    with av.open(str(video)) as source, av.open(str(target), "w") as copy:
        stream = copy.add_stream("mpeg4", rate=25, options={"qscale": "2"})
        stream.width, stream.height, stream.pix_fmt = SIZE_PX + 16, SIZE_PX, "yuv420p"
        for frame in source.decode(video=0):
            image = np.pad(frame.to_ndarray(format="rgb24"), ((0, 0), (8, 8), (0, 0)))
            copy.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        copy.mux(stream.encode())
