from __future__ import annotations

import os
import shutil
import stat
import subprocess
import zipfile

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from twostream.flow.encoding import ZERO_CODE, decode_flow, encode_flow
from twostream.store.jpeg import encode_jpeg
from twostream.store.writer import clip_sink, clip_target

MEMBERS = {
    *(f"img_{k:05d}.jpg" for k in range(1, 5)),
    *(f"flow_{axis}_{k:05d}.jpg" for axis in "xy" for k in range(1, 4)),
    "clip.json",
}


def test_an_archive_has_exactly_the_documented_members_all_uncompressed(store):
    with zipfile.ZipFile(store()) as archive:
        infos = archive.infolist()
        assert archive.testzip() is None
    assert sorted(info.filename for info in infos) == sorted(MEMBERS)
    assert {info.compress_type for info in infos} == {zipfile.ZIP_STORED}
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}


def test_a_folder_has_the_same_members_with_the_same_bytes(store):
    folder = store("clip", layout="rawframes")
    assert {path.name for path in folder.iterdir()} == {*MEMBERS, "SHA256SUMS"}
    with zipfile.ZipFile(store()) as archive:
        for member in MEMBERS:
            assert archive.read(member) == (folder / member).read_bytes()


@pytest.mark.skipif(shutil.which("unzip") is None, reason="there is no unzip here")
def test_unzip_gives_the_classic_layout_with_ordinary_permissions(store, tmp_path):
    out = tmp_path / "out"
    subprocess.run(["unzip", "-q", store(), "-d", out], check=True)
    assert {path.name for path in out.iterdir()} == MEMBERS
    assert all(path.stat().st_mode & stat.S_IRUSR for path in out.iterdir())
    umask = os.umask(0o022)
    os.umask(umask)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()}
    assert modes == {0o644 & ~umask}


def test_the_same_content_gives_the_same_bytes(store):
    assert store("a.zip").read_bytes() == store("b.zip").read_bytes()


@pytest.mark.parametrize("layout", ["archive", "rawframes"])
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_what_was_there_and_no_half_clip(store, tmp_path, layout, error):
    target = store("clip", layout=layout)
    before = sorted(tmp_path.rglob("*"))

    def fail():
        with clip_sink(target, layout=layout) as put:
            put("img_00001.jpg", b"half")
            raise error

    with pytest.raises(error):
        fail()
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("layout", ["archive", "rawframes"])
def test_a_clip_that_is_made_again_replaces_the_old_one(store, layout):
    store("clip", layout=layout, frames=6)
    again = store("clip", layout=layout, frames=2)
    count = (
        len(list(again.iterdir()))
        if layout == "rawframes"
        else len(zipfile.ZipFile(again).filelist)
    )
    assert count == (6 if layout == "rawframes" else 5)


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="there is no sha256sum here")
def test_other_tools_can_verify_a_folder(store):
    folder = store("clip", layout="rawframes")
    command = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    assert subprocess.run(command, cwd=folder, check=False).returncode == 0
    (folder / "flow_x_00002.jpg").write_bytes(b"\xff\xd8other\xff\xd9")
    assert subprocess.run(command, cwd=folder, check=False).returncode == 1


def test_a_folder_takes_the_place_of_a_file(store, tmp_path):
    (tmp_path / "clip").write_text("in the way")
    assert (store("clip", layout="rawframes") / "clip.json").is_file()


def test_folders_get_the_ordinary_permissions(store):
    before = os.umask(0o027)
    try:
        folder = store("clip", layout="rawframes")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o750
    finally:
        os.umask(before)


def test_where_clips_lie(tmp_path):
    assert clip_target(tmp_path, "run/a.b", layout="archive") == tmp_path / "run" / "a.b.zip"
    assert clip_target(tmp_path, "run/a.b", layout="rawframes") == tmp_path / "run" / "a.b"


def decoded(image, quality=95):
    return cv2.imdecode(np.frombuffer(encode_jpeg(image, quality=quality), np.uint8), -1)


def test_standing_still_is_exactly_its_code_after_the_encoder():
    codes = encode_flow(np.zeros((37, 53), np.float32), bound_px=20)
    assert (decoded(codes) == ZERO_CODE).all()


@given(st.integers(1, 255), st.integers(1, 40), st.integers(1, 40))
def test_uniform_motion_is_exact_to_a_code_after_the_encoder(code, width, height):
    codes = np.full((height, width), code, np.uint8)
    assert np.abs(decoded(codes).astype(int) - code).max() <= 1


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20), st.just(3))))
def test_colours_are_not_swapped(image):
    image = np.full_like(image, image[0, 0])
    assert np.abs(decoded(image)[..., ::-1].astype(int) - image).max() <= 4


def test_the_error_of_smooth_motion_stays_below_a_twentieth_of_a_pixel(moving_texture):
    # A turning and growing scene: up to 15 px, as smooth as flow algorithms give it.
    y, x = np.mgrid[-120:120, -160:160].astype(np.float32)
    flow = np.stack([0.06 * x - 0.07 * y, 0.07 * x + 0.05 * y], axis=-1)
    codes = encode_flow(flow, bound_px=20)
    back = [decode_flow(decoded(np.ascontiguousarray(codes[..., k])), bound_px=20) for k in (0, 1)]
    inside = np.abs(flow) < 20
    assert np.abs(np.stack(back, axis=-1) - flow)[inside].mean() <= 0.05


def test_what_cannot_be_encoded_is_a_bug_and_says_so():
    with pytest.raises((ValueError, cv2.error)):
        encode_jpeg(np.zeros((0, 4), np.uint8), quality=95)
