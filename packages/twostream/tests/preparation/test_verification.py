from __future__ import annotations

import shutil
import zipfile
from dataclasses import replace

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twostream.datasets.manifest import read_manifest, write_manifest
from twostream.errors import TwostreamError
from twostream.preparation.repair import delete_leftovers, repair_store
from twostream.preparation.verification import verify_store

LAYOUTS = pytest.mark.parametrize("layout", ["archive", "rawframes"])


@pytest.fixture(scope="module")
def stores(tmp_path_factory, small_source, prepare):
    """One store a layout, which no test changes."""
    made = {}
    for layout in ("archive", "rawframes"):
        made[layout] = tmp_path_factory.mktemp(layout) / "data"
        prepare(small_source, made[layout], layout=layout)
    return made


@pytest.fixture
def copy(stores, tmp_path):
    return lambda layout="archive": shutil.copytree(stores[layout], tmp_path / "data")


def found(data, source=None, **options):
    """(kind, subject) of all findings."""
    verification = verify_store(data, source=source, workers=1, **options)
    return [(item.kind, item.subject) for item in verification.findings]


@LAYOUTS
def test_an_untouched_store_is_whole(stores, small_source, layout):
    verification = verify_store(stores[layout], source=small_source, workers=2)
    assert verification.findings == ()
    assert (verification.clips, verification.frames) == (4, 24)
    assert verification.source == small_source


def test_a_missing_clip(copy):
    data = copy()
    (data / "clips" / "left" / "left_0.zip").unlink()
    assert found(data) == [("missing", "left/left_0")]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_flipped_bit_in_any_file_of_a_folder_is_found(stores, tmp_path_factory, data):
    folder = shutil.copytree(
        stores["rawframes"] / "clips" / "left" / "left_0",
        tmp_path_factory.mktemp("flipped", numbered=True) / "left_0",
    )
    path = data.draw(st.sampled_from(sorted(folder.iterdir())))
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    from twostream.store.clip import open_clip

    with pytest.raises(TwostreamError):
        open_clip(folder).check()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_flipped_bit_in_an_archived_image_is_found(stores, tmp_path_factory, data):
    original = stores["archive"] / "clips" / "left" / "left_0.zip"
    with zipfile.ZipFile(original) as archive:
        info = data.draw(st.sampled_from(archive.infolist()))
    content = bytearray(original.read_bytes())
    start = info.header_offset + 30 + len(info.filename)
    content[start + data.draw(st.integers(0, info.file_size - 1))] ^= 1 << data.draw(
        st.integers(0, 7)
    )
    damaged = tmp_path_factory.mktemp("flipped", numbered=True) / "a.zip"
    damaged.write_bytes(content)
    from twostream.store.clip import open_clip

    with pytest.raises(TwostreamError):
        open_clip(damaged).check()


@LAYOUTS
def test_a_damaged_clip_is_named(copy, layout):
    data = copy(layout)
    target = data / "clips" / "left" / "left_1"
    path = target.with_suffix(".zip") if layout == "archive" else target / "flow_x_00002.jpg"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)
    assert found(data) == [("damaged", "left/left_1")]


def test_an_image_that_cannot_be_decoded_is_found_where_nobody_wrote_checksums(copy):
    data = copy("rawframes")
    clip = data / "clips" / "right" / "right_0"
    (clip / "SHA256SUMS").unlink()
    (clip / "img_00001.jpg").write_bytes(b"\xff\xd8 no picture \xff\xd9")
    assert found(data) == [("damaged", "right/right_0")]
    assert found(data, decode=False) == []


def test_counts_that_differ_from_the_manifest(copy):
    data = copy()
    rows = list(read_manifest(data).rows)
    rows[0] = replace(rows[0], frames=rows[0].frames + 1)
    write_manifest(data, rows, n_splits=1)
    assert found(data) == [("counts", rows[0].clip_id)]


def test_images_that_nobody_promised(copy):
    data = copy("rawframes")
    clip = data / "clips" / "left" / "left_0"
    shutil.copy(clip / "img_00001.jpg", clip / "img_00099.jpg")
    assert found(data) == [("counts", "left/left_0")]


def test_a_video_that_changed_or_went(copy, small_source, tmp_path):
    data = copy()
    source = shutil.copytree(small_source, tmp_path / "videos")
    (source / "left" / "left_0.avi").write_bytes(b"another video")
    (source / "left" / "left_1.avi").unlink()
    kinds = found(data, source)
    assert [item for item in kinds if item[0] == "source"] == [
        ("source", "left/left_0"),
        ("source", "left/left_1"),
    ]
    assert found(data) == []


def test_labels_and_splits_that_the_source_does_not_give(copy, small_source):
    data = copy()
    rows = list(read_manifest(data).rows)
    swapped = {0: 1, 1: 0}
    write_manifest(data, [replace(row, label=swapped[row.label]) for row in rows], n_splits=1)
    assert {kind for kind, _ in found(data, small_source)} == {"labels"}
    other = {"train": "test", "test": "train"}
    moved = [replace(rows[0], splits=(other[rows[0].splits[0]],)), *rows[1:]]
    write_manifest(data, moved, n_splits=1)
    assert found(data, small_source) == [("labels", rows[0].clip_id)]


def test_a_class_that_contradicts_the_identifier(copy):
    data = copy()
    rows = [
        replace(row, class_name="up") if row.class_name == "left" else row
        for row in read_manifest(data).rows
    ]
    write_manifest(data, rows, n_splits=1)
    assert found(data) == [("labels", "left/left_0"), ("labels", "left/left_1")]


def test_tables_that_differ(copy):
    data = copy()
    (data / "manifest.csv").write_text("clip_id\n")
    record = yaml.safe_load((data / "prepare.yaml").read_text())
    (data / "prepare.yaml").write_text(yaml.safe_dump({**record, "content": "0" * 24}))
    assert found(data) == [("tables", "manifest.csv"), ("tables", "prepare.yaml")]
    (data / "prepare.yaml").unlink()
    assert ("tables", "prepare.yaml") in found(data)


def test_what_belongs_to_no_clip(copy):
    data = copy()
    clips = data / "clips"
    shutil.copy(clips / "left" / "left_0.zip", clips / "left" / "old.zip")
    (clips / "right" / ".partial-half").mkdir()
    (clips / "notes.txt").touch()
    (data / ".partial-manifest.csv").touch()
    leftovers = verify_store(data, source=None, workers=1).leftovers
    assert set(leftovers) == {
        "clips/left/old.zip",
        "clips/right/.partial-half",
        "clips/notes.txt",
        ".partial-manifest.csv",
    }
    delete_leftovers(data, leftovers)
    assert found(data) == []


@LAYOUTS
def test_repair_makes_the_broken_clips_again_and_no_others(
    copy, stores, small_source, digest, layout
):
    data = copy(layout)
    suffix = ".zip" if layout == "archive" else ""
    whole = data / "clips" / "right" / f"right_1{suffix}"
    stamp = whole.stat().st_mtime_ns
    missing = data / "clips" / "left" / f"left_0{suffix}"
    shutil.rmtree(missing) if missing.is_dir() else missing.unlink()
    (data / "manifest.csv").unlink()
    verification = verify_store(data, source=small_source, workers=1)
    repair_store(data, source=small_source, redo=verification.broken_clips, workers=1)
    assert digest(data) == digest(stores[layout])
    assert whole.stat().st_mtime_ns == stamp


def test_repair_of_what_only_decoding_shows(copy, small_source):
    data = copy("rawframes")
    clip = data / "clips" / "right" / "right_0"
    (clip / "SHA256SUMS").unlink()
    (clip / "img_00001.jpg").write_bytes(b"\xff\xd8 no picture \xff\xd9")
    verification = verify_store(data, source=None, workers=1)
    repair_store(data, source=small_source, redo=verification.broken_clips, workers=1)
    assert found(data, small_source) == []


def test_repair_never_costs_a_clip(copy, small_source, tmp_path, digest):
    data = copy()
    source = shutil.copytree(small_source, tmp_path / "videos")
    (source / "left" / "left_1.avi").unlink()
    before = digest(data)
    with pytest.raises(TwostreamError, match="all 4 clips of the manifest, found 1 without one"):
        repair_store(data, source=source, redo=frozenset({"left/left_1"}))
    assert digest(data) == before


def test_repair_needs_the_options_of_the_first_time(copy, small_source):
    data = copy()
    (data / "prepare.yaml").write_text("seed: 0\n")
    with pytest.raises(
        TwostreamError, match="every option of the preparation, found none for flow"
    ):
        repair_store(data, source=small_source, redo=frozenset())


def test_a_table_of_segments_is_compared_and_repaired(
    tmp_path, prepare, write_video, moving_texture
):
    write_video(tmp_path / "long.avi", moving_texture(20))
    lines = [f"long.avi,{'ab'[k % 2]},{0.2 * k:.1f},{0.2 * k + 0.2:.1f}" for k in range(4)]
    table = tmp_path / "clips.csv"
    table.write_text("\n".join(["path,label,start_seconds,end_seconds", *lines]))
    data = tmp_path / "data"
    prepare(table, data)
    found = verify_store(data, source=table, workers=1)
    assert (found.findings, found.source) == ((), table)
    broken = next((data / "clips" / "a").iterdir())
    before = broken.read_bytes()
    broken.write_bytes(before[:-50])
    redo = verify_store(data, source=table, workers=1).broken_clips
    repair_store(data, source=table, redo=redo, workers=1)
    assert broken.read_bytes() == before
