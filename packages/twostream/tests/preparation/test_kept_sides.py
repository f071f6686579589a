"""Clips that are prepared keep their sides when others are added."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from small_dataset import prepared, write_videos
from twostream.datasets.manifest import read_manifest, write_manifest
from twostream.errors import TwostreamError
from twostream.preparation.kept_sides import SIDES
from twostream.preparation.record import read_preparation_record, write_preparation_record


def sides(data):
    return {row.clip_id: row.splits for row in read_manifest(data).rows}


def test_added_clips_move_none_of_those_that_an_earlier_version_drew(tmp_path):
    videos = write_videos(tmp_path / "videos", classes=("left", "right"))
    data = prepared(tmp_path / "data", videos)
    # As an earlier version may have drawn them, which recorded nothing of it.
    other = {("train",): ("test",), ("test",): ("train",)}
    write_manifest(
        data, [replace(row, splits=other[row.splits]) for row in read_manifest(data).rows], 1
    )
    record = read_preparation_record(data)
    write_preparation_record(
        data, {key: record[key] for key in record if key not in (SIDES, "format")}
    )
    before = sides(data)
    shutil.copy(videos / "left" / "v_left_g01_c01.avi", videos / "left" / "v_left_g01_c02.avi")
    shutil.copy(videos / "left" / "v_left_g02_c01.avi", videos / "left" / "v_left_g09_c01.avi")
    after = sides(prepared(data, videos))
    assert before.items() <= after.items()
    assert len(after) == len(before) + 2
    assert after["left/v_left_g01_c02"] == before["left/v_left_g01_c01"]


def test_an_added_clip_moves_no_other_into_another_fold(tmp_path):
    videos = write_videos(tmp_path / "videos", classes=("left", "right"), groups=3)
    data = prepared(tmp_path / "data", videos, folds=3)
    before = sides(data)
    assert all(sorted(found) == ["test", "train", "train"] for found in before.values())
    shutil.copy(videos / "left" / "v_left_g01_c01.avi", videos / "left" / "v_left_g01_c02.avi")
    shutil.copy(videos / "left" / "v_left_g02_c01.avi", videos / "left" / "v_left_g00_c01.avi")
    after = sides(prepared(data, videos, folds=3))
    assert before.items() <= after.items()
    assert len(after) == len(before) + 2
    assert after["left/v_left_g01_c02"] == before["left/v_left_g01_c01"]
    # Other folds would move clips.
    with pytest.raises(TwostreamError, match="--folds the default instead of 3"):
        prepared(data, videos)
    with pytest.raises(TwostreamError, match="--leave-out source instead of the default"):
        prepared(data, videos, leave_out="source")


def test_what_an_earlier_version_called_val_stays_val(tmp_path):
    videos = write_videos(tmp_path / "all", classes=("left", "right"), groups=2)
    for part, group in (("train", "1"), ("val", "2")):
        for clip in sorted(videos.glob(f"*/*g0{group}*")):
            target = tmp_path / "videos" / part / clip.parent.name / clip.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(clip, target)
    data = prepared(tmp_path / "data", tmp_path / "videos")
    assert {found[0] for found in sides(data).values()} == {"train", "test"}
    rows = read_manifest(data).rows
    as_before = [replace(row, splits=("val",)) if row.splits == ("test",) else row for row in rows]
    write_manifest(data, as_before, 1)
    again = prepared(data, tmp_path / "videos")
    assert {found[0] for found in sides(again).values()} == {"train", "val"}
