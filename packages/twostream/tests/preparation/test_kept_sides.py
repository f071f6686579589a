"""Clips that are prepared keep their sides when others are added."""

from __future__ import annotations

import shutil
from dataclasses import replace

from small_dataset import prepared, write_videos
from twostream.datasets.manifest import read_manifest, write_manifest
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
