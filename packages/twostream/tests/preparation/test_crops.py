"""Only a part of every picture: by flag, by a table, and as the record, the store and networks know it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from twostream.datasets.manifest import read_manifest
from twostream.errors import TwostreamError
from twostream.execution.inline import Inline
from twostream.preparation import dataset as preparing
from twostream.preparation.extract import extract_clip
from twostream.preparation.options import ExtractionOptions, PrepareOptions
from twostream.preparation.plan import plan_dataset
from twostream.sources.agreement import made_otherwise
from twostream.sources.video import VideoClip
from twostream.store.clip import open_clip
from twostream.training.bundle import describe_flow


def prepare_dataset(*arguments):
    """Prepare in this process, for others take seconds to start."""
    return preparing.prepare_dataset(*arguments, executor=Inline())


DIS = ExtractionOptions(flow="dis")
PART = "40, 16, 48, 32"
SPELLED = "40,16,48,32"


@pytest.fixture(scope="module")
def frames(moving_texture):
    return moving_texture(6, width=160, height=120)


@pytest.fixture(scope="module")
def videos(tmp_path_factory, write_video, frames):
    """Two videos of one fixed camera."""
    folder = tmp_path_factory.mktemp("videos")
    for name in ("one.avi", "two.avi"):
        write_video(folder / name, frames)
    return folder


@pytest.fixture(scope="module")
def table(videos):
    """Two cages in one picture, and a clip of the whole picture."""
    path = videos / "clips.csv"
    rows = ["path,label,split,crop"]
    rows += [
        f'one.avi,feeds,train,"{SPELLED}"',
        "one.avi,rests,train,0 0 64 64",
        "two.avi,rests,test,",
    ]
    path.write_text("\n".join(rows) + "\n")
    return path


def options(**changes):
    return PrepareOptions(extraction=replace(DIS, **changes), workers=1)


def refusal(function, *arguments):
    with pytest.raises(TwostreamError) as caught:
        function(*arguments)
    return str(caught.value)


def test_frames_are_that_part_of_the_whole_ones_and_flow_is_computed_on_it(tmp_path, videos):
    video = videos / "one.avi"
    extract_clip(video, tmp_path / "whole.zip", replace(DIS, jpeg_quality=100))
    stored = extract_clip(video, tmp_path / "part.zip", replace(DIS, jpeg_quality=100, crop=PART))
    whole, part = open_clip(tmp_path / "whole.zip"), open_clip(tmp_path / "part.zip")
    assert (stored.width, stored.height, stored.crop) == (48, 32, SPELLED)
    assert (stored.source_width, stored.source_height) == (160, 120)
    for there, here in zip(whole.frames(), part.frames(), strict=True):
        assert np.abs(there[16:48, 40:88].astype(int) - here).mean() < 2  # two JPEGs
    assert all(plane.shape == (32, 48) for planes in part.flows() for plane in planes)
    assert stored.identity() != replace(stored, crop=None).identity()


def test_a_video_read_without_a_store_gives_the_same_bits(tmp_path, videos):
    cut = replace(DIS, crop=PART, short_side_px=24)
    extract_clip(videos / "one.avi", tmp_path / "part.zip", cut)
    stored = open_clip(tmp_path / "part.zip")
    clip = VideoClip(videos / "one.avi", cut.specification())
    assert (clip.facts.width, clip.facts.height) == (36, 24)
    assert all(map(np.array_equal, stored.frames(), clip.frames()))
    assert not made_otherwise(stored.metadata, cut.specification())
    assert "--crop" in str(made_otherwise(stored.metadata, DIS.specification())[0])


def test_pictures_that_change_their_size_are_brought_to_the_first_before(tmp_path, changing_size):
    path = changing_size(tmp_path / "a.mjpg", [(64, 48)] * 3 + [(96, 32), (40, 40)])
    stored = extract_clip(path, tmp_path / "part.zip", replace(DIS, crop="0,0,32,32"))
    assert (stored.width, stored.height) == (32, 32)
    assert all(frame.shape == (32, 32, 3) for frame in open_clip(tmp_path / "part.zip").frames())


def test_a_table_gives_single_clips_their_parts(tmp_path, videos, table):
    out = tmp_path / "data"
    done = prepare_dataset(table, out, options(crop="0,0,100,100"))
    rows = {row.clip_id: (row.width, row.height) for row in read_manifest(out).rows}
    assert rows == {
        "feeds/one__48x32+40+16": (48, 32),
        "rests/one__64x64+0+0": (64, 64),
        "rests/two": (100, 100),
    }
    assert not done.problems
    groups = {row.group for row in read_manifest(out).rows if "one" in row.clip_id}
    assert len(groups) == 1  # they are of one recording
    assert describe_flow(out).crop_of_each_clip
    clip = open_clip(out / "clips" / "feeds" / "one__48x32+40+16.zip").metadata
    assert not made_otherwise(clip, describe_flow(out))
    told = made_otherwise(DIS.specification(), describe_flow(out))
    assert "one for each clip" in str(told[0])


def test_networks_know_the_part_that_all_clips_had(tmp_path, videos):
    table = videos / "same.csv"
    rows = [f'one.avi,feeds,train,"{SPELLED}"', f'two.avi,rests,test,"{PART}"']
    table.write_text("path,label,split,crop\n" + "\n".join(rows) + "\n")
    prepare_dataset(table, tmp_path / "data", options())
    assert describe_flow(tmp_path / "data").crop == SPELLED


def test_the_record_keeps_it_and_another_is_refused(tmp_path, videos, table):
    out = tmp_path / "data"
    first = prepare_dataset(table, out, options(crop=PART))
    assert describe_flow(out).crop_of_each_clip
    again = prepare_dataset(table, out, options(crop=SPELLED))
    assert (first.reused, again.reused) == (0, 3)
    said = refusal(prepare_dataset, table, out, options(crop="0,0,100,100"))
    assert "--crop 0,0,100,100 instead of 40,16,48,32" in said


@pytest.mark.parametrize("prepare", [prepare_dataset, plan_dataset])
def test_a_part_outside_of_the_picture_is_told_before_any_work(tmp_path, videos, table, prepare):
    out = tmp_path / "data"
    said = refusal(prepare, table, out, options(crop="100,0,61,100"))
    assert all(one in said for one in ("two.avi", "160x120", "100,0,61,100"))
    assert not out.exists() or not any(out.glob("clips/*"))


@pytest.mark.parametrize("text", ["", "1,2,3", "a,b,c,d", "-1,0,50,50", "0,0,15,50", "0.5,0,50,50"])
def test_what_names_no_part_is_refused(text):
    assert refusal(lambda: replace(DIS, crop=text)).startswith("--crop: expected x,y,width,height")


def test_a_cell_that_names_no_part_is_refused_by_its_line(videos):
    path = videos / "bad.csv"
    path.write_text("path,label,crop\none.avi,a,1 2 3\ntwo.avi,b,\n")
    said = refusal(prepare_dataset, path, videos / "data", options())
    assert all(one in said for one in ("line 2", "column crop"))


def test_clips_of_versions_without_crops_stay(tmp_path, videos):
    stored = extract_clip(videos / "one.avi", tmp_path / "whole.zip", DIS)
    assert "crop" not in json.loads(stored.to_json())
    assert b"crop" not in stored.identity()
