"""Segments of a file that cannot be entered in its middle: as few passes as there are overlaps."""

from __future__ import annotations

import csv
from contextlib import contextmanager

import numpy as np
import odd_videos
import pytest
from twostream.datasets.clips import Segment
from twostream.errors import TwostreamError
from twostream.execution.inline import Inline
from twostream.preparation.dataset import prepare_dataset
from twostream.preparation.ensure import ClipTask
from twostream.preparation.extract import extract_clip
from twostream.preparation.options import ExtractionOptions, PrepareOptions
from twostream.preparation.passes import in_passes
from twostream.video import passes

DIS = ExtractionOptions(flow="dis")
PARTS = [(0.41, 0.8), (0.0, 0.41), (1.0, 1.4), (0.2, 1.2), (1.2, None)]


@pytest.mark.parametrize("suffix", [".avi", ".ts", ".mkv"])
def test_segments_are_what_they_are_alone_and_the_file_is_decoded_once_a_pass(
    tmp_path, monkeypatch, suffix
):
    frames = [np.full((48, 64, 3), 20 + 4 * k, np.uint8) for k in range(50)]
    videos = tmp_path / "videos"
    path = odd_videos.write(videos / f"a{suffix}", frames, codec="mpeg4", options={"bf": "2"})
    with (videos / "table.csv").open("w", newline="") as file:
        rows = [(path.name, "one" if start else "two", start, end) for start, end in PARTS]
        csv.writer(file).writerows([("path", "label", "start_seconds", "end_seconds"), *rows])
    opened = []

    @contextmanager
    def noted(source, open_video=passes.open_video):
        opened.append(source)
        with open_video(source) as video:
            yield video

    monkeypatch.setattr(passes, "open_video", noted)
    options = PrepareOptions(extraction=DIS)
    prepare_dataset(videos / "table.csv", tmp_path / "data", options, executor=Inline())
    assert len(opened) == (len(PARTS) if suffix == ".mkv" else 2)
    assert passes._held.video is None
    for number, part in enumerate(PARTS):
        alone = tmp_path / f"{number}.zip"
        extract_clip(path, alone, DIS, segment=Segment(*part))
        passes.leave_video()
        (stored,) = (tmp_path / "data").rglob(f"*__{Segment(*part).name}.zip")
        assert stored.read_bytes() == alone.read_bytes()


def test_a_segment_that_fails_leaves_nothing_open(tmp_path):
    path = odd_videos.write(tmp_path / "a.avi", odd_videos.moving_ramp())
    with pytest.raises(TwostreamError, match="found 0"):
        extract_clip(path, tmp_path / "a.zip", DIS, segment=Segment(5.0, 6.0))
    assert passes._held.video is None


def test_passes_do_not_overlap_and_hold_every_segment_once(tmp_path):
    tasks = [
        ClipTask(str(k), tmp_path / name, tmp_path, DIS, segment=part and Segment(*part))
        for k, (name, part) in enumerate(
            [*(("a.avi", part) for part in PARTS), ("b.avi", None), ("c.avi", (0.0, 1.0))]
        )
    ]
    ordered = in_passes(tasks)
    assert sorted(task.clip_id for task in ordered) == [task.clip_id for task in tasks]
    assert [task.clip_id for task in ordered] == ["1", "0", "2", "3", "4", "5", "6"]
    assert [task.more_follow for task in ordered] == [True] * 4 + [False] * 3
