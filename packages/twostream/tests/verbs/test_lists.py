"""`lists`: list files of a prepared data set."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from twostream.cli.main import run_command
from twostream.datasets.annotations import annotate
from twostream.datasets.load import load_dataset
from twostream.datasets.manifest import read_manifest


def test_the_lists_give_the_same_split_again(
    small_data: Path, small_videos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["lists", str(small_data), "--to", str(tmp_path / "lists")]) == 0
    out = capsys.readouterr().out
    assert "lists of 12 clips in" in out
    assert "prepare --layout rawframes" in out
    dataset = load_dataset(small_videos, annotations=None, seed=0)
    annotated = annotate(dataset.clips, tmp_path / "lists")
    rows = read_manifest(small_data).rows
    assert annotated.splits == {1: {row.clip_id: row.splits[0] for row in rows}}
    (frames,) = (tmp_path / "lists").glob("*_train_split_1_rawframes.txt")
    counts = frames.read_text().split()
    assert counts[1::3] == ["14"] * len(counts[1::3])


def test_without_a_manifest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").mkdir()
    assert run_command(["lists", str(tmp_path / "data"), "--to", str(tmp_path / "lists")]) == 2
    assert "manifest.parquet" in capsys.readouterr().err


def test_that_lists_of_videos_know_no_parts_of_them_is_said(
    small_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = shutil.copytree(small_data, tmp_path / "data")
    record = (data / "prepare.yaml").read_text()
    said = "a part of a video stands in lists of videos as the whole file"
    for source, expected in (("clips.CSV", True), ("videos", False)):
        changed = re.sub(r"^source: .*$", f"source: /data/{source}", record, flags=re.MULTILINE)
        (data / "prepare.yaml").write_text(changed)
        assert run_command(["lists", str(data), "--to", str(tmp_path / "lists")]) == 0
        assert (said in capsys.readouterr().out) is expected
