"""Frames that somebody has extracted, without flow: it is computed from them."""

from __future__ import annotations

import zipfile

import cv2
import numpy as np
import pytest
from ready_clips import pack, write_clip
from twostream.datasets.load import load_dataset
from twostream.datasets.manifest import read_manifest
from twostream.errors import TwostreamError
from twostream.execution.inline import Inline
from twostream.preparation import dataset as preparing
from twostream.preparation.options import ExtractionOptions, PrepareOptions
from twostream.preparation.plan import plan_dataset
from twostream.preparation.verification import verify_store
from twostream.sources.pictures import Pictures
from twostream.store.clip import open_clip


def prepare_dataset(*arguments):
    """Prepare in this process, for others take seconds to start."""
    return preparing.prepare_dataset(*arguments, executor=Inline())


OPTIONS = PrepareOptions(extraction=ExtractionOptions(flow="dis"), workers=1)
FIRST = {"img_{:05d}.jpg": 1, "frame{:06d}.png": 0, "{:04d}.bmp": 7, "c-{}.JPG": 9}


def write_pictures(folder, frames, *, name="frame{:06d}.png", first=0, step=1):
    folder.mkdir(parents=True, exist_ok=True)
    for k, frame in enumerate(frames):
        place = folder / name.format(first + step * k)
        cv2.imwrite(str(place), np.ascontiguousarray(frame[..., ::-1]))
    return folder


@pytest.fixture(scope="module")
def frames(moving_texture):
    return moving_texture(6, width=64, height=48, dx=3.0)


def write_source(root, frames, **how):
    for name in ("run", "walk"):
        write_pictures(root / name / "clip", frames, **how)
    return root


def stored(data, clip_id="run/clip"):
    return open_clip(data / "clips" / f"{clip_id}.zip")


@pytest.mark.parametrize("name", FIRST)
def test_pictures_may_be_called_as_they_are(tmp_path, frames, name):
    source = write_source(tmp_path / "frames", frames, name=name, first=FIRST[name])
    clips = load_dataset(source, annotations=None, seed=0).clips
    assert [clip.clip_id for clip in clips] == ["run/clip", "walk/clip"]
    shown = list(Pictures(clips[0].frames_in, fps=20).shown_frames())
    assert [frame.seconds for frame in shown] == [0, 0.05, 0.1, 0.15, 0.2, 0.25]
    for there, here in zip(frames, shown, strict=True):
        assert np.abs(there.astype(int) - here.image()).mean() < 4


def test_flow_is_computed_from_pictures(tmp_path, frames):
    source = write_source(tmp_path / "frames", frames)
    done = prepare_dataset(source, tmp_path / "data", OPTIONS)
    assert (done.clips, done.frames, done.problems) == (2, 12, ())
    clip = stored(tmp_path / "data")
    assert (clip.metadata.flow_algorithm, clip.metadata.assumed_fps) == ("dis", 25)
    for there, here in zip(frames, clip.frames(), strict=True):
        assert np.abs(there.astype(int) - here).mean() < 4  # JPEG
    x = np.median(np.stack([x for x, _ in clip.flows()]).astype(float))
    assert abs((x - 128) * 20 / 127 - 3) < 0.5
    assert prepare_dataset(source, tmp_path / "data", OPTIONS).reused == 2


def test_archives_of_pictures_are_read_as_they_are(tmp_path, frames):
    folder = write_pictures(tmp_path / "made", frames, name="{:03d}.png")
    archive = tmp_path / "all.zip"
    for name in ("run", "walk"):
        pack(archive, folder, inside=f"all/{name}/clip/", compression=zipfile.ZIP_STORED)
    done = prepare_dataset(archive, tmp_path / "data", OPTIONS)
    assert (done.clips, done.frames) == (2, 12)
    assert prepare_dataset(archive, tmp_path / "data", OPTIONS).reused == 2
    assert verify_store(tmp_path / "data", source=archive).findings == ()


def test_options_of_videos_hold_for_pictures(tmp_path, frames):
    source = write_source(tmp_path / "frames", frames)
    extraction = ExtractionOptions(flow="dis", step=2, crop="8,8,40,32", short_side_px=16)
    done = prepare_dataset(
        source, tmp_path / "data", PrepareOptions(extraction=extraction, workers=1)
    )
    row = read_manifest(tmp_path / "data").rows[0]
    assert (done.clips, row.frames, row.width, row.height, row.fps) == (2, 3, 20, 16, 12.5)


def test_what_they_will_take_is_told_before(tmp_path, frames):
    source = write_source(tmp_path / "frames", frames)
    plan = plan_dataset(source, tmp_path / "data", OPTIONS)
    assert plan.estimate is not None
    assert (plan.estimate.clips, plan.estimate.frames) == (2, 12)


def test_a_table_tells_their_rate_and_cuts_parts_out_of_them(tmp_path, frames):
    write_source(tmp_path, frames)
    table = tmp_path / "clips.csv"
    lines = ["path,label,start_frame,end_frame,fps", "run/clip,run,2,5,10", "walk/clip,walk,,,10"]
    table.write_text("\n".join(lines) + "\n")
    prepare_dataset(table, tmp_path / "data", OPTIONS)
    rows = {row.class_name: row for row in read_manifest(tmp_path / "data").rows}
    assert (rows["run"].frames, rows["walk"].frames, rows["walk"].fps) == (3, 6, 10)
    clip = stored(tmp_path / "data", rows["run"].clip_id)
    assert np.abs(frames[2].astype(int) - next(clip.frames())).mean() < 4


def test_sixteen_bits_of_a_small_range_are_scaled(tmp_path, frames):
    for name in ("run", "walk"):
        folder = tmp_path / "frames" / name / "clip"
        folder.mkdir(parents=True)
        for k, frame in enumerate(frames):
            grey = 29000 + frame[..., 0].astype(np.uint16)
            cv2.imwrite(str(folder / f"{k:03d}.png"), grey)
    done = prepare_dataset(tmp_path / "frames", tmp_path / "data", OPTIONS)
    assert "16-bit grey" in stored(tmp_path / "data").metadata.converted
    assert any("16-bit grey" in note for note in done.notes)
    levels = np.unique(next(stored(tmp_path / "data").frames()))
    assert levels[-1] - levels[0] > 200


def test_every_nth_picture_is_no_gap_and_a_missing_one_is(tmp_path, frames):
    source = write_source(tmp_path / "frames", frames, step=5)
    (source / "walk" / "clip" / "frame000010.png").unlink()
    done = prepare_dataset(source, tmp_path / "data", OPTIONS)
    assert done.clips == 1
    assert "none with the number 10 between 0 and 25" in done.problems[0].reason


def test_a_picture_cut_off_is_a_problem(tmp_path, frames):
    source = write_source(tmp_path / "frames", frames, name="{:03d}.jpg")
    place = source / "run" / "clip" / "003.jpg"
    place.write_bytes(place.read_bytes()[:-40])
    done = prepare_dataset(source, tmp_path / "data", OPTIONS)
    assert done.clips == 1
    assert "003.jpg" in done.problems[0].reason


def test_of_ready_clips_one_without_flow_stays_a_problem(tmp_path, frames):
    write_clip(tmp_path / "frames" / "run" / "clip", images=6)
    write_clip(tmp_path / "frames" / "walk" / "clip", images=6)
    write_pictures(tmp_path / "frames" / "walk" / "bare", frames, name="img_{:05d}.jpg", first=1)
    done = prepare_dataset(tmp_path / "frames", tmp_path / "data", OPTIONS)
    assert done.clips == 2
    assert "6 images and 0 flows" in done.problems[0].reason


def test_flow_that_is_called_x_and_y_is_flow(tmp_path):
    for name in ("run", "walk"):
        folder = write_clip(tmp_path / "frames" / name / "clip", alignment="from", images=6)
        for path in folder.glob("flow_*"):
            path.rename(path.with_name(path.name.removeprefix("flow_")))
    done = prepare_dataset(tmp_path / "frames", tmp_path / "data", PrepareOptions(workers=1))
    assert (done.clips, done.problems) == (2, ())
    clip = stored(tmp_path / "data")
    assert (clip.metadata.flow_algorithm, clip.metadata.frames) == ("ready", 6)


def test_train_and_val_folders_of_pictures(tmp_path, frames):
    for side in ("train", "val"):
        write_source(tmp_path / "frames" / side, frames)
    dataset = load_dataset(tmp_path / "frames", annotations=None, seed=0)
    sides = list(dataset.splits[1].values())
    assert sides.count("train") == len(sides) - 2 == 2
    assert "pictures without flow" in dataset.kind


@pytest.mark.parametrize("column", ["start,end", "crop"])
def test_ready_frames_are_used_whole(tmp_path, column):
    for name in ("run", "walk"):
        write_clip(tmp_path / name / "clip", images=6)
    cells = "0.1,0.2" if column == "start,end" else "0 0 16 16"
    rows = [f"path,label,{column}", f"run/clip,run,{cells}", "walk/clip,walk"]
    (tmp_path / "clips.csv").write_text("\n".join(rows) + "\n")
    with pytest.raises(TwostreamError, match=r"line 2.*no part of ready frames"):
        load_dataset(tmp_path / "clips.csv", annotations=None, seed=0)


def test_pictures_beside_each_other_in_class_folders_are_no_clips(tmp_path, frames):
    for name in ("cat", "dog"):
        write_pictures(tmp_path / name, frames)
    with pytest.raises(TwostreamError, match="a folder of its own"):
        load_dataset(tmp_path, annotations=None, seed=0)


def test_a_picture_of_several_pages_is_no_frame(tmp_path, frames):
    """OpenCV reads the first page alone, and a clip of stacks would be one of first pages."""
    source = write_source(tmp_path / "frames", frames, name="{:04d}.tif")
    pages = [np.ascontiguousarray(frame) for frame in frames[:2]]
    cv2.imwritemulti(str(source / "run" / "clip" / "0003.tif"), pages)
    made = prepare_dataset(source, tmp_path / "data", OPTIONS)
    (problem,) = made.problems
    assert problem.source == "run/clip"
    assert "one image in each picture of a clip, found 0003.tif, a TIFF of several pages" in (
        problem.reason
    )
