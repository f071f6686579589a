"""`review`: one ranking over all videos, if possible by networks that have not learnt from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import twostream
from twostream.errors import TwostreamError
from twostream.events import TwostreamWarning
from twostream.prediction.results import Prediction
from twostream.prediction.unseen import split_without
from twostream.timelines.intervals import Interval
from twostream.timelines.window_scores import WindowScores

SAID = {"a.mp4": [Interval(0, 6, "walk")], "b.mp4": [Interval(0, 2, "walk")], "c.mp4": []}


class Networks:
    """Stands in for the networks of a run: what they say of each video is known."""

    def __init__(self, options):
        self.options = options

    def predict(self, paths):
        return [self.of(Path(path).name) for path in paths]

    def of(self, name):
        times = np.arange(8.0)
        walks = [any(one.start_s <= t < one.end_s for one in SAID[name]) for t in times]
        scores = np.float32([[0.1, 0.8, 0.1] if one else [0.1, 0.1, 0.8] for one in walks])
        windows = WindowScores(
            class_names=("run", "walk", "background"), background="background",
            windows_s=np.stack([times, times + 1], axis=1), fused=scores,
        )  # fmt: skip
        return Prediction(source=name, windows=windows, intervals=tuple(SAID[name]), top=5)


@pytest.fixture
def asked(monkeypatch):
    """The splits whose networks were loaded."""
    splits = []

    def load(run, *, options):
        splits.append(options.split)
        assert options.look.timeline
        return Networks(options)

    monkeypatch.setattr("twostream.verbs.load.load", load)
    return splits


@pytest.fixture
def folder(tmp_path):
    videos = tmp_path / "videos"
    videos.mkdir()
    for name in SAID:
        (videos / name).touch()
    (tmp_path / "labels.csv").write_text(
        "video,start_s,end_s,label\na.mp4,0,2,walk\na.mp4,2,6,run\nb.mp4,0,2,run\nc.mp4,3,4,run\n"
    )
    (tmp_path / "run").mkdir()
    return tmp_path


def learnt_from(run: Path, *videos: str) -> Path:
    """The folder of a stream that has learnt from these."""
    stream = run / "spatial"
    stream.mkdir(parents=True)
    (stream / "training.json").touch()
    rows = [f"run/{n},training,{name}" for n, name in enumerate(videos)]
    (stream / "clips.csv").write_text("\n".join(["clip_id,part,source", *rows]) + "\n")
    return run


def test_the_stretches_of_all_videos_are_ranked_together(folder, asked):
    found = twostream.review(
        folder / "run", labels=folder / "labels.csv", videos=folder / "videos",
        csv=folder / "looks.csv",
    )  # fmt: skip
    assert found.videos == ("a.mp4", "b.mp4", "c.mp4")
    assert [
        (one.video, one.start_s, one.end_s, one.labelled, one.predicted) for one in found.looks
    ] == [
        ("a.mp4", 2, 6, "run", "walk"),
        ("b.mp4", 0, 2, "run", "walk"),
        ("c.mp4", 3, 4, "run", "(nothing)"),
    ]
    assert (folder / "looks.csv").read_text().splitlines()[1].startswith("a.mp4,2.000000,6.0")
    (first,) = twostream.review(
        folder / "run", labels=folder / "labels.csv", videos=folder / "videos", most=1
    ).looks
    assert first == found.looks[0]


def test_one_video_is_asked_for_by_its_path(folder, asked, monkeypatch):
    monkeypatch.chdir(folder / "videos")
    for path in ("b.mp4", "../videos/b.mp4", str(folder / "videos" / "b.mp4")):
        found = twostream.review(folder / "run", path, labels=folder / "labels.csv")
        assert [(one.video, one.start_s) for one in found.looks] == [("b.mp4", 0)]
    (folder / "videos" / "d.mp4").touch()
    with pytest.raises(TwostreamError, match=r"expected labels of d\.mp4, found labels of"):
        twostream.review(folder / "run", "d.mp4", labels=folder / "labels.csv")


def test_each_video_is_looked_at_by_networks_that_have_not_learnt_from_it(folder, asked):
    run = folder / "run"
    learnt_from(run / "split1", "a.mp4", "c.mp4")
    learnt_from(run / "split2", "b.mp4", "c.mp4")
    assert [split_without(run, folder / "videos" / name) for name in SAID] == [2, 1, None]
    with pytest.warns(TwostreamWarning, match=r"learnt from the labels of 1 video \(c\.mp4\)"):
        twostream.review(run, labels=folder / "labels.csv", videos=folder / "videos")
    assert asked == [2, 1, None]
    # Who names a split means it, and is told all the same.
    with pytest.warns(TwostreamWarning, match=r"learnt from the labels of 2 videos"):
        twostream.review(run, labels=folder / "labels.csv", videos=folder / "videos", split=1)
    assert asked[3:] == [1]
