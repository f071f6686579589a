from __future__ import annotations

import json
import shutil
import struct
import zipfile
from dataclasses import asdict, make_dataclass, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from twostream.errors import TwostreamError
from twostream.fingerprints import added_field
from twostream.formats import LaterFormatError
from twostream.store.clip import open_clip
from twostream.store.metadata import ClipMetadata

LAYOUTS = pytest.mark.parametrize("layout", ["archive", "rawframes"])


def refusal(function, *arguments):
    with pytest.raises(TwostreamError) as caught:
        function(*arguments)
    assert "\n" not in str(caught.value)
    assert "twostream prepare" in caught.value.remedy
    return str(caught.value)


@LAYOUTS
def test_what_was_stored_is_read(store, metadata, layout):
    clip = open_clip(store("clip", layout=layout))
    assert clip.metadata == metadata(4)
    assert (clip.metadata.flows, clip.metadata.duration_seconds) == (3, 4 / 25)
    for k in range(4):
        frame = clip.frame(k)
        assert frame.shape == (24, 32, 3)
        assert frame.dtype == np.uint8
        assert np.abs(frame.astype(int) - (40 * k, 100, 200 - 40 * k)).max() <= 3
    for k in range(3):
        codes = clip.flow_codes(k)
        assert codes.shape == (24, 32, 2)
        assert np.abs(codes.astype(int) - (138 + 10 * k, 118 - 10 * k)).max() <= 1
    clip.check()


def test_both_layouts_read_identically(store):
    archive, folder = open_clip(store()), open_clip(store("clip", layout="rawframes"))
    assert archive.metadata == folder.metadata
    for k in range(4):
        assert np.array_equal(archive.frame(k), folder.frame(k))
    for k in range(3):
        assert np.array_equal(archive.flow_codes(k), folder.flow_codes(k))


def test_an_unpacked_archive_is_a_clip_too(store, tmp_path):
    with zipfile.ZipFile(store()) as archive:
        archive.extractall(tmp_path / "unpacked")
    assert np.array_equal(open_clip(tmp_path / "unpacked").frame(3), open_clip(store()).frame(3))


@pytest.mark.parametrize("index", [-1, 4, 100])
def test_frames_that_do_not_exist_are_a_bug(store, index):
    clip = open_clip(store())
    with pytest.raises(IndexError):
        clip.frame(index)
    with pytest.raises(IndexError):
        clip.flow_codes(index if index < 0 else index - 1)


def test_nothing_and_empty_files_are_no_clips(tmp_path):
    assert "no such file" in refusal(open_clip, tmp_path / "none.zip")
    (tmp_path / "empty.zip").touch()
    assert "damaged" in refusal(open_clip, tmp_path / "empty.zip")
    (tmp_path / "folder").mkdir()
    assert "clip.json" in refusal(open_clip, tmp_path / "folder")


def rewrite(path, *, without=(), compression=zipfile.ZIP_STORED, **changed):
    """The archive at `path` with members left out or changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            if name not in without:
                archive.writestr(name, changed.get(name.split(".")[0], content))
    return path


def test_a_compressed_archive_is_refused(store):
    path = rewrite(store(), compression=zipfile.ZIP_DEFLATED)
    assert "compressed" in refusal(open_clip, path)


def test_an_archive_of_a_later_format_is_refused(store):
    path = store()
    content = bytearray(path.read_bytes())
    needed_version = content.index(b"PK\x01\x02") + 6
    content[needed_version] = 99
    path.write_bytes(content)
    assert "zip file version 9.9" in refusal(open_clip, path)


def test_an_archive_with_a_name_that_is_no_utf_8_is_refused(store):
    path = store()
    content = bytearray(path.read_bytes())
    member = content.index(b"PK\x01\x02")
    content[member + 9] |= 0x08  # the flag that says the name is UTF-8
    content[member + 46] = 0xFF
    path.write_bytes(content)
    assert "utf-8" in refusal(open_clip, path)


def test_an_archive_that_cannot_be_opened_is_refused(tmp_path):
    path = tmp_path / "clip.zip"
    path.symlink_to(path)
    assert "symbolic links" in refusal(open_clip, path)


@pytest.mark.parametrize(
    "member",
    ["img_00001.jpg", "img_00004.jpg", "flow_x_00003.jpg", "flow_y_00001.jpg", "clip.json"],
)
@LAYOUTS
def test_a_missing_member_is_named(store, layout, member):
    path = store("clip", layout=layout)
    if layout == "archive":
        rewrite(path, without=[member])
    else:
        (path / member).unlink()
    assert member in refusal(open_clip, path)


def test_the_wrong_member_is_noticed(store, metadata):
    other = open_clip(store("other.zip", width=32, height=24)).read("clip.json")
    path = rewrite(store(), img_00002=other)
    clip = open_clip(path)
    assert "img_00002.jpg" in refusal(clip.frame, 1)
    assert "img_00002.jpg" in refusal(clip.check)
    assert clip.frame(0).shape == (24, 32, 3)


def test_an_image_of_another_size_is_noticed(store):
    assert "32x24" in refusal(open_clip(store(width=64, height=48)).frame, 0)


@pytest.mark.parametrize("content", [b"", b"\xff\xd8", b"hello"])
def test_damaged_files_of_a_folder_are_noticed(store, content):
    folder = store("clip", layout="rawframes")
    (folder / "flow_y_00002.jpg").write_bytes(content)
    clip = open_clip(folder)
    assert "flow_y_00002.jpg" in refusal(clip.check)
    assert "flow_y_00002.jpg" in refusal(clip.flow_codes, 1)


def test_an_image_that_lost_its_end_is_noticed_when_checked(store):
    folder = store("clip", layout="rawframes")
    path = folder / "img_00003.jpg"
    path.write_bytes(path.read_bytes()[:-20])
    assert "img_00003.jpg" in refusal(open_clip(folder).check)


def test_a_clip_that_vanishes_after_it_was_opened(store):
    archive, folder = store(), store("clip", layout="rawframes")
    clips = open_clip(archive), open_clip(folder)
    archive.unlink()
    shutil.rmtree(folder)
    for clip in clips:
        refusal(clip.frame, 0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_truncated_archive_is_refused(store, share):
    path = store()
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    refusal(open_clip, path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@example(place=0.999, bit=3)
def test_a_flipped_bit_is_an_error_or_harmless(store, place, bit):
    path = store()
    whole = open_clip(path)
    expected = [whole.frame(k) for k in range(4)], [whole.flow_codes(k) for k in range(3)]
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    path.write_bytes(content)
    try:
        clip = open_clip(path)
        clip.check()
    except TwostreamError:
        return
    # In the directory there are fields that nobody needs, such as times.
    assert clip.metadata == whole.metadata
    for k in range(4):
        assert np.array_equal(clip.frame(k), expected[0][k])
    for k in range(3):
        assert np.array_equal(clip.flow_codes(k), expected[1][k])


def test_a_size_beyond_the_file_is_refused_before_memory_is_taken_for_it(store):
    path = store()
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    struct.pack_into("<II", content, entry + 20, 0xFFFF0000, 0xFFFF0000)
    path.write_bytes(content)
    assert "no room for img_00001.jpg" in refusal(open_clip, path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"{}",
        b'{"format": 1}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_clip_json_is_refused(store, content):
    folder = store("clip", layout="rawframes")
    (folder / "clip.json").write_bytes(content)
    assert "clip.json" in refusal(open_clip, folder)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("frames", 0),
        ("frames", 1),
        ("frames", -5),
        ("frames", 10**15),
        ("frames", "4"),
        ("frames", 4.0),
        ("frames", True),
        ("fps", 0),
        ("fps", None),
        ("fps", float("nan")),
        ("fps", float("inf")),
        ("width", 0),
        ("height", "24"),
        ("bound_px", -1),
        ("step", 0),
        ("source_width", []),
        ("format", 0),
        ("format", "1"),
    ],
)
def test_facts_that_cannot_be_are_refused(store, name, value):
    folder = store("clip", layout="rawframes")
    path = folder / "clip.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), name: value}))
    refusal(open_clip, folder)


def test_what_a_later_version_wrote_otherwise_is_not_called_damaged(store):
    folder = store("clip", layout="rawframes")
    (folder / "clip.json").write_bytes(b'{"format": 2}')
    with pytest.raises(LaterFormatError, match="upgrade twostream"):
        open_clip(folder)


def test_a_sentence_or_a_field_of_a_later_version_does_not_change_what_a_clip_is(store):
    clip = open_clip(store("clip", layout="rawframes")).metadata
    assert (
        replace(clip, flow_convention="x, y.", flow_encoding="y, x.").identity() == clip.identity()
    )
    assert replace(clip, bound_px=3.0).identity() != clip.identity()
    assert clip.identity() == clip.to_json()  # as version 0.1 wrote it

    def later(value):
        kind = make_dataclass(
            "Later",
            [("mood", str, added_field("sunny", before="rainy"))],
            bases=(ClipMetadata,),
            frozen=True,
            kw_only=True,
        )
        return kind(**{**asdict(clip), "mood": value}).identity()

    assert later("rainy") == clip.identity()
    assert later("sunny") != clip.identity()


def test_facts_of_later_versions_are_passed_over(store):
    folder = store("clip", layout="rawframes")
    path = folder / "clip.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "mood": "sunny"}))
    assert open_clip(folder).metadata.frames == 4


def test_clip_json_has_the_documented_fields(store):
    assert set(json.loads(open_clip(store()).read("clip.json"))) == {
        "format",
        "source_name",
        "source_sha256",
        "source_bytes",
        "fps",
        "frames",
        "width",
        "height",
        "source_width",
        "source_height",
        "step",
        "bound_px",
        "jpeg_quality",
        "flow_algorithm",
        "flow_parameters",
        "flow_convention",
        "flow_encoding",
        "warning",
    }
