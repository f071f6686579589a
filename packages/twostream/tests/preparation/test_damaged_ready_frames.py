"""Whatever happens to the bytes of an archive of ready frames: a correct reading or a named refusal."""

from __future__ import annotations

import zipfile
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ready_clips import pack, write_clip
from twostream.datasets.ready_frames import scan_ready_frames
from twostream.datasets.sources import find_clips
from twostream.errors import TwostreamError
from twostream.preparation.options import ExtractionOptions
from twostream.preparation.ready_frames import store_ready_frames
from twostream.store.clip import open_clip
from twostream.store.frame_folders import locate_frames, open_frames

DIRECTORY = b"PK\1\2"


@pytest.fixture(scope="module", params=[zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def archive(request, tmp_path_factory):
    """Two classes with a clip of three images each."""
    folder = tmp_path_factory.mktemp("whole")
    for name in "ab":
        clip = write_clip(folder / name / "clip", images=3)
        pack(folder / "all.zip", clip, inside=f"{name}/clip/", compression=request.param)
    return folder / "all.zip"


@pytest.fixture(scope="module")
def contents(archive):
    """What was packed, by its checksums."""
    with zipfile.ZipFile(archive) as opened:
        return {crc32(opened.read(name)) for name in opened.namelist()}


def places(size, *, tail=2000):
    """Anywhere, and often in the last part, where an archive has its directory."""
    return st.one_of(st.integers(0, size - 1), st.integers(max(0, size - tail), size - 1))


@st.composite
def damages(draw, whole):
    """Flipped bits, a cut, zeros over the directory or any block, bytes lost or put in."""
    data = bytearray(whole)
    kind = draw(st.sampled_from(["flip", "cut", "no directory", "block", "lose", "insert"]))
    if kind == "flip":
        for place in draw(st.lists(places(len(data)), min_size=1, max_size=8)):
            data[place] ^= 1 << draw(st.integers(0, 7))
        return bytes(data)
    if kind == "no directory":
        start = data.index(DIRECTORY)
        data[start:-22] = bytes(len(data) - 22 - start)
        return bytes(data)
    place = draw(places(len(data)))
    if kind == "cut":
        return bytes(data[:place])
    length = draw(st.sampled_from([1, 2, 4, 8, 40, 300]))
    filling = draw(st.sampled_from([b"\0", b"\xff", b"\x7f", b"P"])) * length
    if kind == "block":
        data[place : place + length] = filling
    elif kind == "lose":
        del data[place : place + length]
    else:
        data[place:place] = filling
    return bytes(data)


def every_reading(path):
    """What all readers together get out of the archive; they may raise TwostreamError alone."""
    read = []
    for find in (find_clips, lambda source: scan_ready_frames(source, least_classes=0)):
        try:
            clips = find(path).clips
        except TwostreamError:
            continue
        for clip in clips:
            try:
                files = open_frames(clip.frames_in)
            except TwostreamError:
                continue
            for member in (m for numbered in files.images.values() for m in numbered.values()):
                try:
                    read.append(crc32(files.read(member)))
                except TwostreamError:
                    continue
            target = path.with_name("stored.zip")
            try:
                files.identity()
                store_ready_frames(clip.frames_in, target, ExtractionOptions(), fps=25.0)
            except TwostreamError:
                assert not target.exists()
                continue
            open_clip(target).check(decode=True)
            target.unlink()
    for place in (path, path / "a" / "clip"):
        try:
            located = locate_frames(place)
        except TwostreamError:
            continue
        if located is not None:
            try:
                open_frames(located)
            except TwostreamError:
                continue
    return read


@given(data=st.data())
def test_damage_ends_in_a_refusal_or_in_the_bytes_that_were_packed(
    archive, contents, tmp_path_factory, data
):
    path = tmp_path_factory.mktemp("damaged") / "all.zip"
    path.write_bytes(data.draw(damages(archive.read_bytes())))
    assert set(every_reading(path)) <= contents


def test_what_is_whole_is_read_whole(archive, contents):
    read = every_reading(archive)
    assert set(read) == contents
    assert len(read) == 2 * 2 * 9  # two ways of finding, two clips, nine images
