from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import polars as pl
import pytest
from twostream.datasets.clips import Dataset
from twostream.datasets.manifest import (
    ALL_CLIPS,
    Manifest,
    ManifestRow,
    manifest_row,
    read_manifest,
    write_manifest,
)
from twostream.errors import TwostreamError

ROW = ManifestRow(
    clip_id="golf/a, \"b\" 'ü'",
    class_name="golf",
    label=0,
    path="clips/golf/a.zip",
    source="golf/a.avi",
    frames=61,
    fps=29.97,
    width=320,
    height=240,
    duration_seconds=61 / 29.97,
    group="golf/a",
    splits=("train", "test", "unused"),
    body_parts="full body",
    camera_motion="static",
    people=1,
    viewpoint="front",
    quality="medium",
)
BARE = ManifestRow(
    "run/b", "run", 1, "clips/run/b", "run/b.mp4", 2, 25.0, 8, 6, 0.08, "run/b", ("test",) * 3
)


@pytest.fixture
def folder(tmp_path):
    write_manifest(tmp_path, [ROW, BARE], 3)
    return tmp_path


def rewrite(folder, change):
    change(pl.read_parquet(folder / "manifest.parquet")).write_parquet(folder / "manifest.parquet")


def test_what_is_written_is_read_back(folder):
    assert read_manifest(folder) == Manifest(folder, ("golf", "run"), (ROW, BARE))


def test_the_class_of_background_is_marked(tmp_path, folder):
    assert read_manifest(folder).background is None
    write_manifest(tmp_path, [ROW, replace(BARE, background=True)], 3)
    read = read_manifest(tmp_path)
    assert read.background == "run"
    assert [row.background for row in read.rows] == [False, True]


def test_the_columns_and_types_of_the_documents(folder):
    schema = pl.read_parquet_schema(folder / "manifest.parquet")
    text, whole, real = pl.String, pl.Int64, pl.Float64
    assert dict(schema) == {
        "clip_id": text,
        "class_name": text,
        "label": whole,
        "path": text,
        "source": text,
        "frames": whole,
        "fps": real,
        "width": whole,
        "height": whole,
        "duration_seconds": real,
        "group": text,
        "split_1": text,
        "split_2": text,
        "split_3": text,
        "body_parts": text,
        "camera_motion": text,
        "people": whole,
        "viewpoint": text,
        "quality": text,
    }
    data = (folder / "manifest.csv").read_bytes()
    assert b"\r" not in data
    table = pl.read_csv(folder / "manifest.csv")
    assert table.columns == list(schema)
    assert table["clip_id"].to_list() == [ROW.clip_id, BARE.clip_id]
    assert table["people"].to_list() == [1, None]
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.csv", "manifest.parquet"]


def test_files_are_replaced_whole_or_not_at_all(folder, monkeypatch):
    before = (folder / "manifest.parquet").read_bytes()

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(pl.DataFrame, "write_parquet", stop)
    with pytest.raises(KeyboardInterrupt):
        write_manifest(folder, [BARE], 3)
    assert (folder / "manifest.parquet").read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.csv", "manifest.parquet"]


def test_a_part_of_a_split(folder):
    manifest = read_manifest(folder)
    assert manifest.split_numbers == (1, 2, 3)
    assert manifest.part(1, "train") == (ROW,)
    assert manifest.part(1, "test") == (BARE,)
    assert manifest.part(2, "test") == (ROW, BARE)
    assert manifest.part(3, "train") == ()


def test_all_clips_train_that_any_split_uses(folder):
    manifest = read_manifest(folder)
    assert manifest.part(ALL_CLIPS, "train") == manifest.rows
    assert manifest.part(ALL_CLIPS, "test") == manifest.part(ALL_CLIPS, "val") == ()


@pytest.mark.parametrize("split", [4, -1])
def test_a_split_that_does_not_exist_names_those_that_do(folder, split):
    with pytest.raises(TwostreamError, match=f"manifest: 1, 2, 3, found split {split};"):
        read_manifest(folder).part(split, "train")


def test_a_side_that_does_not_exist_is_a_bug(folder):
    with pytest.raises(ValueError, match="'validation'"):
        read_manifest(folder).part(1, "validation")


def test_annotations_may_have_gaps_and_fewer_splits(tmp_path):
    rows = [replace(ROW, splits=(None, "train")), replace(BARE, splits=(None, "test"))]
    write_manifest(tmp_path, rows, 2)
    manifest = read_manifest(tmp_path)
    assert manifest.split_numbers == (2,)
    assert manifest.rows == tuple(rows)
    with pytest.raises(TwostreamError, match="manifest: 2,"):
        manifest.part(1, "train")


def test_a_class_without_rows_does_not_exist(tmp_path):
    write_manifest(tmp_path, [replace(ROW, label=7), replace(BARE, label=3)], 3)
    manifest = read_manifest(tmp_path)
    assert manifest.classes == ("run", "golf")
    assert [row.label for row in manifest.rows] == [1, 0]


def test_an_empty_manifest(tmp_path):
    write_manifest(tmp_path, [], 1)
    manifest = read_manifest(tmp_path)
    assert manifest.classes == manifest.rows == ()
    with pytest.raises(TwostreamError, match="no split at all"):
        manifest.part(1, "train")


@pytest.mark.parametrize(
    ("rows", "n_splits", "message"),
    [
        ([ROW, ROW], 3, "twice"),
        ([ROW, replace(BARE, label=0)], 3, "two class names"),
        ([ROW, replace(BARE, class_name="golf")], 3, "two labels"),
        ([ROW], 2, "more than 2 splits"),
        ([replace(ROW, splits=("validation",))], 1, "validation"),
    ],
)
def test_rows_that_contradict_each_other_are_a_bug(tmp_path, rows, n_splits, message):
    with pytest.raises(ValueError, match=message):
        write_manifest(tmp_path, rows, n_splits)
    assert not list(tmp_path.iterdir())


def test_the_row_of_a_clip(make_clips):
    clips = make_clips("golf/T_golf_f_nm_np1_fr_med_0.avi", "run/b.avi")
    sides = [{clips[0].clip_id: "train", clips[1].clip_id: side} for side in ("test", "unused")]
    dataset = Dataset("x", ("run", "golf"), clips, {1: sides[0], 3: sides[1]}, (), ())
    assert dataset.n_splits == 3
    golf, run = (
        manifest_row(
            dataset, clip, path="p", frames=5, fps=25.0, width=8, height=6, duration_seconds=0.2
        )
        for clip in clips
    )
    assert (golf.label, golf.splits, golf.group) == (1, ("train", None, "train"), "golf/T")
    assert (golf.body_parts, golf.people, golf.quality) == ("full body", 1, "medium")
    assert (run.label, run.splits, run.people) == (0, ("test", None, "unused"), None)


def test_a_folder_without_manifest_says_what_to_run(tmp_path):
    with pytest.raises(TwostreamError, match=r"found no such file; run `twostream prepare`"):
        read_manifest(tmp_path)
    with pytest.raises(TwostreamError, match=r"found no such folder; run `twostream prepare`"):
        read_manifest(tmp_path / "missing")


@pytest.mark.parametrize("keep", [0, 3, 40, -1, -9])
def test_a_damaged_manifest_is_an_error(folder, keep):
    path = folder / "manifest.parquet"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(TwostreamError, match="a damaged file"):
        read_manifest(folder)


def test_other_bytes_are_an_error(folder):
    path = folder / "manifest.parquet"
    data = bytearray(path.read_bytes())
    path.write_bytes(b"clip_id,label\n")
    with pytest.raises(TwostreamError, match="a damaged file"):
        read_manifest(folder)
    data[len(data) // 2 : -8] = bytes(len(data) - len(data) // 2 - 8)
    path.write_bytes(data)
    with pytest.raises(TwostreamError, match="a damaged file"):
        read_manifest(folder)


def test_damage_that_makes_the_reader_panic_is_an_error(folder, monkeypatch):
    def panic(*_, **__):
        raise pl.exceptions.PanicException("not yet implemented")

    monkeypatch.setattr(pl, "read_parquet", panic)
    with pytest.raises(TwostreamError, match=r"a damaged file \(not yet implemented\)"):
        read_manifest(folder)


def test_missing_columns_are_named(folder):
    rewrite(folder, lambda table: table.drop("group", "quality"))
    with pytest.raises(TwostreamError, match="no column group, quality"):
        read_manifest(folder)


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("label", ["zero", "one"], "whole numbers in it, found String in the column label"),
        ("label", [0.5, 1.0], "found Float64 in the column label"),
        ("label", [0, None], "an empty cell in the column label"),
        ("label", [0, 2], "labels that are not 0 to 1"),
        ("label", [0, 0], "a label with two class names"),
        ("fps", ["25", "25"], "numbers in it, found String in the column fps"),
        ("split_1", [1, 2], "text in it, found Int64 in the column split_1"),
        ("split_1", ["train", "validation"], "the side 'validation' for the clip run/b"),
        ("clip_id", ["a", "a"], "the clip a twice"),
    ],
)
def test_values_of_a_wrong_kind_are_errors(folder, column, values, message):
    rewrite(folder, lambda table: table.with_columns(pl.Series(column, values)))
    with pytest.raises(TwostreamError) as caught:
        read_manifest(folder)
    assert message in str(caught.value)


def test_narrower_types_and_more_columns_of_other_programs_are_read(folder):
    narrow = {"label": pl.UInt8, "frames": pl.Int32, "fps": pl.Float32}
    rewrite(
        folder,
        lambda table: table.cast(narrow).with_columns(
            more=pl.lit(1), split_2=pl.lit(None), people=pl.lit(None)
        ),
    )
    manifest = read_manifest(folder)
    assert [row.frames for row in manifest.rows] == [61, 2]
    assert manifest.split_numbers == (1, 3)


def test_a_folder_whose_name_is_a_pattern(tmp_path):
    folder = tmp_path / "data [1]*?"
    write_manifest(folder, [ROW], 3)
    assert read_manifest(folder).rows == (ROW,)


def test_nothing_slow_is_loaded_before_it_is_needed():
    code = (
        "import sys, twostream.datasets.load, twostream.datasets.manifest, "
        "twostream.datasets.problems; print({'polars', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
