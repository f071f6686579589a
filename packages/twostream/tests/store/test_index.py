"""Where the images of a clip lie in its archive, and how few reads they take."""

from __future__ import annotations

import pickle
import zipfile

import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.store import files, index
from twostream.store.clip import open_clip
from twostream.store.index import MemberPlace, index_archive

LAYOUTS = pytest.mark.parametrize("layout", ["archive", "rawframes"])


def refusal(function, *arguments):
    with pytest.raises(TwostreamError) as caught:
        function(*arguments)
    assert "\n" not in str(caught.value)
    assert "twostream prepare" in caught.value.remedy
    return str(caught.value)


@LAYOUTS
def test_the_planes_of_a_stack_are_those_of_each_flow(store, layout):
    clip = open_clip(store("clip", layout=layout, frames=7))
    for first in range(6):
        for count in range(1, 7 - first):
            planes = [plane for xy in clip.flows(first, first + count) for plane in xy]
            codes = [clip.flow_codes(k) for k in range(first, first + count)]
            assert np.array_equal(planes, np.concatenate([c.transpose(2, 0, 1) for c in codes]))
    for first, count in ((-1, 2), (5, 2), (6, 1), (3, -1)):
        with pytest.raises(IndexError):
            list(clip.flows(first, first + count))
    assert np.array_equal(list(clip.flows()), list(clip.flows(0, 6)))
    assert np.array_equal(list(clip.frames(2)), [clip.frame(k) for k in range(2, 7)])


def test_long_clips_are_read_piece_by_piece(store, monkeypatch):
    monkeypatch.setattr("twostream.store.clip.READ_AT_ONCE", 4)
    clip = open_clip(store(frames=10))
    reads = CountedReads(monkeypatch)
    flows = clip.flows()
    next(flows)
    assert len(reads.sizes) == 1
    assert len(list(flows)) == 8
    assert len(reads.sizes) == 3


class CountedReads:
    """`read` of an open file that counts."""

    def __init__(self, monkeypatch):
        self.sizes = []
        before = index._read

        def counted(file, offset, size):
            self.sizes.append(size)
            return before(file, offset, size)

        monkeypatch.setattr(index, "_read", counted)


def test_a_stack_is_one_read(store, monkeypatch):
    clip = open_clip(store(frames=20))
    reads = CountedReads(monkeypatch)
    list(clip.flows(3, 13))
    assert len(reads.sizes) == 1


def rewritten(path, members, *, between=0, extra=b""):
    """The archive anew: its members in that order, with so many bytes of others between them."""
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for k, name in enumerate(members(list(contents))):
            info = zipfile.ZipInfo(name)
            info.extra = extra
            archive.writestr(info, contents[name])
            if between:
                archive.writestr(f"other {k}", bytes(between))
    return path


@pytest.mark.parametrize(
    "made",
    [
        {"members": lambda names: names[::-1]},
        {"members": sorted},
        {"members": lambda names: names, "between": 1 << 18},
        {"members": lambda names: names, "extra": b"\x99\x99\x04\x00abcd"},
        {"members": lambda names: names[::-1], "extra": b"\x99\x99\x00\x10" + bytes(4096)},
    ],
    ids=["backwards", "by name", "far apart", "extra fields", "backwards with large extra fields"],
)
def test_wherever_members_lie_the_same_is_read(store, made):
    plain = open_clip(store("plain.zip", frames=8))
    clip = open_clip(rewritten(store(frames=8), **made))
    assert np.array_equal(list(clip.flows(1, 6)), list(plain.flows(1, 6)))
    assert np.array_equal(clip.frame(7), plain.frame(7))
    clip.check(decode=True)
    for name in ("clip.json", "img_00008.jpg"):
        assert clip.read(name) == plain.read(name)


def test_what_lies_far_apart_is_not_read_with_it(store, monkeypatch):
    clip = open_clip(rewritten(store(frames=8), lambda names: names, between=1 << 18))
    reads = CountedReads(monkeypatch)
    list(clip.flows(1, 6))
    assert len(reads.sizes) == 10
    assert max(reads.sizes) < 1 << 16


def test_a_damaged_member_of_a_stack_is_named(store):
    path = store(frames=8)
    clip = open_clip(path)
    content = bytearray(path.read_bytes())
    content[content.index(b"flow_y_00004.jpg") + 60] ^= 1
    path.write_bytes(content)
    assert "damaged member flow_y_00004.jpg" in refusal(lambda: list(clip.flows(0, 7)))
    assert len(list(clip.flows(4, 7))) == 3
    path.unlink()
    assert "flow_x_00005.jpg to flow_y_00007.jpg" in refusal(lambda: list(clip.flows(4, 7)))


@LAYOUTS
def test_an_open_clip_goes_through_pickle(store, layout):
    clip = open_clip(store("clip", layout=layout))
    copy = pickle.loads(pickle.dumps(clip))
    assert copy.metadata == clip.metadata
    assert np.array_equal(copy.frame(2), clip.frame(2))
    assert np.array_equal(list(copy.flows(0, 3)), list(clip.flows(0, 3)))
    copy.check()


def test_an_open_clip_is_12_bytes_an_image(store):
    clip = open_clip(store(frames=50))
    assert clip.files.places.nbytes == 12 * (50 + 2 * 49)


def test_places_beyond_4_gib_are_kept(tmp_path, store, monkeypatch):
    far = index_archive(store())
    far["img_00004.jpg"] = MemberPlace(1 << 32, 5, 7)
    monkeypatch.setattr(files, "index_archive", lambda path: far)
    places = open_clip(tmp_path / "clip.zip").files.places
    assert places[-1].tolist() == [1 << 32, 5, 7]
