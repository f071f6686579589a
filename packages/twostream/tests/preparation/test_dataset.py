from __future__ import annotations

import shutil
import zipfile

import numpy as np
import pytest
import yaml
from twostream.datasets.manifest import read_manifest
from twostream.errors import TwostreamError
from twostream.flow.encoding import decode_flow
from twostream.locks import sole_user
from twostream.preparation.dataset import prepare_dataset
from twostream.preparation.options import ExtractionOptions, PrepareOptions
from twostream.preparation.record import read_preparation_record
from twostream.store.clip import open_clip


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, small_source, prepare):
    """The small source, prepared once; no test changes it."""
    out = tmp_path_factory.mktemp("prepared") / "data"
    return out, prepare(small_source, out)


def test_data_holds_the_documented_files_and_no_others(prepared, digest):
    out, _ = prepared
    assert set(digest(out)) == {
        "clips/left/left_0.zip",
        "clips/left/left_1.zip",
        "clips/right/right_0.zip",
        "clips/right/right_1.zip",
        "manifest.csv",
        "manifest.parquet",
        "prepare.yaml",
        "problems.csv",
    }


def test_the_summary_counts_what_was_stored(prepared):
    _, preparation = prepared
    assert (preparation.clips, preparation.reused, preparation.frames) == (4, 0, 24)
    assert preparation.problems == ()


def test_the_manifest_tells_what_is_stored(prepared):
    out, _ = prepared
    manifest = read_manifest(out)
    assert manifest.classes == ("left", "right")
    for row in manifest.rows:
        clip = open_clip(out / row.path)
        assert row.clip_id == f"{row.class_name}/{clip.metadata.source_name.removesuffix('.avi')}"
        assert (row.frames, row.fps, row.width, row.height) == (6, 25.0, 64, 48)
        assert row.duration_seconds == pytest.approx(6 / 25)
        assert row.source == f"{row.clip_id}.avi"
        assert len(zipfile.ZipFile(out / row.path).namelist()) == 6 + 2 * 5 + 1


def test_what_moves_right_has_positive_x_through_the_whole_store(prepared):
    out, _ = prepared
    for row in read_manifest(out).rows:
        clip = open_clip(out / row.path)
        for k in range(clip.metadata.flows):
            x = decode_flow(clip.flow_codes(k), bound_px=clip.metadata.bound_px)[10:-10, 10:-10, 0]
            expected = 2.0 if row.class_name == "right" else -2.0
            assert abs(np.median(x) - expected) < 0.3


def test_the_resolved_options_are_saved(prepared, small_source):
    out, _ = prepared
    saved = yaml.safe_load((out / "prepare.yaml").read_text())
    assert len(saved.pop("content")) == len(saved.pop("sides")) == 24
    assert list(saved.pop("converters").values()) == [4]
    assert saved == {
        "format": 1,
        "source": str(small_source),
        "annotations": None,
        "dataset": "videos",
        "seed": 0,
        "classes": None,
        "limit": None,
        "flow": "dis",
        "flow_preset": "exact",
        "bound_px": 20.0,
        "short_side_px": None,
        "step": 1,
        "jpeg_quality": 95,
        "layout": "archive",
        "fps": None,
        "crop": None,
    }


def test_another_run_with_another_number_of_workers_gives_the_same_bytes(
    prepared, small_source, prepare, digest, tmp_path
):
    prepare(small_source, tmp_path / "data", workers=1)
    assert digest(tmp_path / "data") == digest(prepared[0])


@pytest.fixture
def copy(prepared, tmp_path):
    """A copy of the prepared data that a test may change."""
    return shutil.copytree(prepared[0], tmp_path / "data")


def stamps(out):
    return {path.name: path.stat().st_mtime_ns for path in (out / "clips").rglob("*.zip")}


def test_a_second_call_redoes_only_what_is_missing_or_damaged(
    copy, small_source, prepare, digest, prepared
):
    before = stamps(copy)
    (copy / "clips" / "left" / "left_0.zip").unlink()
    damaged = copy / "clips" / "right" / "right_1.zip"
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 0x10
    damaged.write_bytes(content)
    preparation = prepare(small_source, copy)
    after = stamps(copy)
    assert preparation.reused == 2
    assert {name for name in after if before[name] == after[name]} == {"left_1.zip", "right_0.zip"}
    assert digest(copy) == digest(prepared[0])


def test_what_a_killed_run_left_behind_is_removed(copy, small_source, prepare, digest, prepared):
    (copy / ".partial-manifest.parquet").write_text("half")
    (copy / "clips" / "left" / ".partial-abc.zip").write_text("half")
    half = copy / "clips" / "right" / ".partial-xyz"
    half.mkdir()
    (half / "img_00001.jpg").write_text("half")
    assert prepare(small_source, copy).reused == 4
    assert digest(copy) == digest(prepared[0])


def test_rawframes_hold_the_same_images_as_archives(prepared, small_source, prepare, tmp_path):
    out = tmp_path / "data"
    prepare(small_source, out, layout="rawframes")
    for row in read_manifest(out).rows:
        folder, archive = out / row.path, zipfile.ZipFile(prepared[0] / f"{row.path}.zip")
        assert {path.name for path in folder.iterdir()} == {*archive.namelist(), "SHA256SUMS"}
        for name in archive.namelist():
            assert (folder / name).read_bytes() == archive.read(name)
    assert prepare(small_source, out, layout="rawframes").reused == 4


def test_a_clip_that_left_the_source_leaves_the_manifest(small_source, prepare, tmp_path):
    source, out = shutil.copytree(small_source, tmp_path / "videos"), tmp_path / "data"
    prepare(source, out)
    (source / "left" / "left_1.avi").unlink()
    prepare(source, out)
    assert [row.clip_id for row in read_manifest(out).rows] == [
        "left/left_0",
        "right/right_0",
        "right/right_1",
    ]


AWKWARD = [
    "with space.avi",
    "[brackets] (and more) {x}.avi",
    "#1!.avi",
    "100%.avi",
    "%05d.avi",
    'it\'s "quoted".avi',
    "😀 größe 跳躍.avi",
    "-leading --dash.avi",
    "a;b&c|d$e`f`.avi",
    "comma, and = sign.avi",
    "back\\slash.avi",
    "line\nbreak.avi",
    "http:x.avi",
    "n" * 240 + ".avi",
    "é" * 110 + ".avi",
]


def test_awkward_names_are_ordinary_names(tmp_path, write_video, moving_texture, prepare):
    source = tmp_path / "[videos] #1 100%!"
    frames = moving_texture(2, width=32, height=24)
    video = write_video(tmp_path / "a.avi", frames)
    for class_name in ("-class [1] %d", "élan 😀"):
        (source / class_name).mkdir(parents=True)
        for name in AWKWARD:
            (source / class_name / name).write_bytes(video.read_bytes())
    out = tmp_path / "-out #2 %s"
    preparation = prepare(source, out)
    assert preparation.problems == ()
    rows = read_manifest(out).rows
    assert len(rows) == len({row.clip_id for row in rows}) == 2 * len(AWKWARD)
    assert {row.source.partition("/")[2] for row in rows} == set(AWKWARD)
    for row in rows:
        clip = open_clip(out / row.path)
        assert clip.frame(1).shape == (24, 32, 3)
        assert clip.metadata.source_name == row.source.partition("/")[2]
    assert prepare(source, out).reused == 2 * len(AWKWARD)


def refusal(function, *arguments, **options):
    with pytest.raises(TwostreamError) as caught:
        function(*arguments, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_missing_source_is_refused_before_anything_is_written(prepare, tmp_path):
    assert "nothing" in refusal(prepare, tmp_path / "none", tmp_path / "data")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("place", "told"),
    [("data", "a folder, found a file"), ("data/below", "a folder that can be written")],
)
def test_a_file_in_the_place_of_the_folder_is_refused(prepare, small_source, tmp_path, place, told):
    (tmp_path / "data").write_text("in the way")
    assert told in refusal(prepare, small_source, tmp_path / place)
    assert (tmp_path / "data").read_text() == "in the way"


def test_a_full_disk_while_the_tables_are_written_is_one_line(tmp_path):
    def write():
        with sole_user(tmp_path / "data"):
            raise OSError(28, "No space left on device")

    assert "No space left on device" in refusal(write)
    with sole_user(tmp_path / "data"):
        pass  # and the folder is free again


@pytest.mark.parametrize(
    ("change", "flag"),
    [
        ({"workers": 0}, "--workers"),
        ({"workers": -2}, "--workers"),
        ({"seed": -1}, "--seed"),
        ({"timeout_seconds": 0}, "--timeout"),
        ({"timeout_seconds": float("nan")}, "--timeout"),
    ],
)
def test_numbers_that_make_no_sense_are_refused_by_their_flag(
    prepare, small_source, tmp_path, change, flag
):
    assert refusal(prepare, small_source, tmp_path / "data", **change).startswith(flag)
    assert not (tmp_path / "data").exists()


def test_a_table_of_segments(tmp_path, prepare, write_video, moving_texture):
    write_video(tmp_path / "long.avi", moving_texture(25))
    lines = [f"long.avi,{'ab'[k % 2]},{0.2 * k:.1f},{0.2 * k + 0.2:.1f}" for k in range(4)]
    table = tmp_path / "clips.csv"
    table.write_text("\n".join(["path,label,start_seconds,end_seconds", *lines, "long.avi,a,8,9"]))
    done = prepare(table, tmp_path / "data")
    assert (done.dataset, done.clips, done.frames) == ("clips", 4, 20)
    assert [(p.source, p.stage) for p in done.problems] == [("long.avi (8-9s)", "decode")]
    manifest = read_manifest(tmp_path / "data")
    assert [row.clip_id for row in manifest.rows][:2] == ["a/long__0-0.2s", "a/long__0.4-0.6s"]
    assert prepare(table, tmp_path / "data").reused == 4


def test_classes_and_a_limit_are_recorded(tmp_path, prepare_some, small_source):
    done = prepare_some(small_source, tmp_path, classes="left,right", limit=2)
    assert done.clips == 2
    record = read_preparation_record(tmp_path)
    assert (record["classes"], record["limit"]) == ("left,right", 2)
    # What was stored stays when more is asked for.
    assert prepare_some(small_source, tmp_path).reused == 2


@pytest.fixture
def prepare_some():
    def run(source, out, **selection):
        return prepare_dataset(
            source,
            out,
            PrepareOptions(
                extraction=ExtractionOptions(flow="dis"), workers=1, timeout=60, **selection
            ),
        )

    return run


def test_one_rate_for_classes_that_were_recorded_at_two(tmp_path, make_source, prepare):
    source = make_source(tmp_path / "a", per_class=1, n=13, fps=50)
    (source / "left" / "left_0.avi").unlink()
    make_source(tmp_path / "b", per_class=1, n=6, fps=10)
    shutil.copy(tmp_path / "b" / "left" / "left_0.avi", source / "left")
    mixed = prepare(source, tmp_path / "as recorded")
    assert any("may know classes by their rates" in note for note in mixed.notes)
    found = prepare(source, tmp_path / "data", fps=25)
    rows = {row.clip_id: (row.frames, row.fps) for row in read_manifest(tmp_path / "data").rows}
    assert rows == {"left/left_0": (6, 10.0), "right/right_0": (7, 25.0)}
    assert (
        "--fps 25: 1 of 2 clips has fewer frames a second (10): each of its frames is used once, "
        "none is repeated" in found.notes
    )
    # The same rate again reuses all; another one is refused before anything is lost.
    assert prepare(source, tmp_path / "data", fps=25).reused == 2
    with pytest.raises(TwostreamError, match="--fps 10 instead of 25"):
        prepare(source, tmp_path / "data", fps=10)


def test_what_was_prepared_before_rates_could_be_asked_for_is_reused(
    tmp_path, prepare, prepared, small_source
):
    shutil.copytree(prepared[0], tmp_path / "data")
    path = tmp_path / "data" / "prepare.yaml"
    recorded = yaml.safe_load(path.read_text())
    assert recorded.pop("fps", 0) is None
    path.write_text(yaml.safe_dump(recorded))
    assert prepare(small_source, tmp_path / "data").reused == 4
