"""What a run says of clips: the scores that `evaluate` stored, from the videos alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import twostream
from twostream.cli.main import run_command
from twostream.datasets.manifest import read_manifest
from twostream.errors import TwostreamError
from twostream.evaluation.scores import load_scores
from twostream.events import Said, listening
from twostream.prediction.runs import read_run


def test_of_a_test_clip_it_prints_the_scores_that_evaluate_stored(
    run: Path, small_videos: Path, small_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    twostream.evaluate(run, protocols="whole-video", engine="torch")
    kept = load_scores(run / "scores" / "whole-video.npz")
    row = read_manifest(small_data).part(1, "test")[0]
    video = str(small_videos / row.source)
    words = ["predict", str(run), video, "--protocol", "whole-video", "--engine", "torch", "--json"]
    assert run_command(words) == 0
    printed = capsys.readouterr()
    (line,) = printed.out.splitlines()
    told = json.loads(line)
    assert list(told) == ["source", "spatial", "temporal", "fused", "intervals"]
    assert (told["source"], told["intervals"]) == (video, [])
    for name, stored in (("spatial", "spatial"), ("temporal", "temporal"), ("fused", "fusion")):
        scores = [one["score"] for one in told[name]]
        assert scores == sorted(scores, reverse=True)
        by_label = {one["label"]: one["score"] for one in told[name]}
        expected = kept[stored].values[kept[stored].ids.index(row.clip_id)]
        found = [by_label[label] for label in kept[stored].classes]
        np.testing.assert_allclose(found, expected, atol=1e-4)


def test_one_that_cannot_be_read_leaves_the_others(
    run: Path, small_videos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "videos"
    folder.mkdir()
    for name, video in zip("ac", sorted(small_videos.rglob("*.avi")), strict=False):
        shutil.copy(video, folder / f"{name}.avi")
    (folder / "b.avi").write_bytes(b"")
    assert run_command(["predict", str(run), str(folder), "--json", "--engine", "torch"]) == 2
    printed = capsys.readouterr()
    told = [json.loads(line)["source"] for line in printed.out.splitlines()]
    assert told == [str(folder / "a.avi"), str(folder / "c.avi")]
    assert "b.avi: expected a video file, found an empty file" in printed.err
    assert "1 of 3 that cannot" in printed.err.splitlines()[-1]


def test_a_run_without_a_stream_says_what_the_fusion_is(
    run: Path, small_videos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(run / "temporal")
    video = next(iter(sorted(small_videos.rglob("*.avi"))))
    assert run_command(["predict", str(run), str(video), "--json", "--engine", "torch"]) == 0
    printed = capsys.readouterr()
    told = json.loads(printed.out)
    assert told["temporal"] == []
    assert told["fused"] == told["spatial"]
    assert "has no temporal stream" in printed.err


def test_of_several_splits_the_first_is_used_and_told(run: Path, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    for number in (2, 3):
        shutil.copytree(run, runs / f"split{number}")
    heard: list[object] = []
    with listening(heard.append):
        assert read_run(runs).folder == runs / "split2"
    assert heard == [Said(f"{runs}: split 2 of 2, 3 is used; --split chooses another")]
    heard.clear()
    with listening(heard.append):
        assert read_run(runs, split=3).folder == runs / "split3"
    assert heard == []
    with pytest.raises(TwostreamError, match="--split: expected one of 2, 3, found 1"):
        read_run(runs, split=1)
