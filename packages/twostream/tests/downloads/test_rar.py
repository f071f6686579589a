"""Reading the directory of RAR archives, whole and damaged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rar_archives import FOLDER, number, write_rar4, write_rar5
from twostream.downloads.rar import RarError, read_directory

ENTRIES = {"a": FOLDER, "a/1.avi": b"one", "a/ü 2.avi": b"", "b/big": bytes(70_000)}
WRITERS = pytest.mark.parametrize("write", [write_rar4, write_rar5], ids=["RAR 4", "RAR 5"])


@WRITERS
def test_every_entry_with_its_place(tmp_path, write):
    path = write(tmp_path / "x.rar", ENTRIES)
    found = read_directory(path)
    assert [(m.name, m.is_folder, m.is_link, m.is_stored) for m in found] == [
        ("a", True, False, True),
        ("a/1.avi", False, False, True),
        ("a/ü 2.avi", False, False, True),
        ("b/big", False, False, True),
    ]
    data = path.read_bytes()
    for member, content in zip(found, ENTRIES.values(), strict=True):
        assert data[member.offset : member.offset + member.size] == (content or b"")


def test_backslashes_are_slashes_in_rar_4(tmp_path):
    assert read_directory(write_rar4(tmp_path / "x.rar", {"a\\b": b""}))[0].name == "a/b"


def test_links_and_packed_files_are_told(tmp_path):
    path = write_rar5(tmp_path / "x.rar", {"a": b"", "b": b"12"}, link_to={"a": "/"}, method=3)
    assert [(m.is_link, m.is_stored) for m in read_directory(path)] == [
        (True, False),
        (False, False),
    ]


@WRITERS
def test_packed_files_have_both_sizes(tmp_path, write):
    content = b"content" * 100
    (member,) = read_directory(write(tmp_path / "x.rar", {"a": content}, packed=True))
    assert (member.size, member.is_stored) == (len(content), False)
    assert 0 < member.packed_size < len(content) / 2


@pytest.mark.parametrize(
    ("write", "flags", "said"),
    [(write_rar4, 0x80, "password"), (write_rar4, 1, "volumes"), (write_rar5, 1, "volumes")],
)
def test_what_cannot_be_opened_is_told(tmp_path, write, flags, said):
    with pytest.raises(RarError, match=said):
        read_directory(write(tmp_path / "x.rar", ENTRIES, flags=flags))


@WRITERS
@given(data=st.data())
def test_cut_or_changed_archives_never_pass_for_whole(tmp_path_factory, write, data):
    path = write(tmp_path_factory.mktemp("rar") / "x.rar", {"a/1": b"12345", "b": b"6"})
    whole, members = path.read_bytes(), read_directory(path)
    if data.draw(st.booleans()):
        path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
        with pytest.raises(RarError):
            read_directory(path)
        return
    place = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(changed)
    in_data = any(m.offset <= place < m.offset + m.size for m in members)
    if in_data:
        assert read_directory(path) == members
    else:
        with pytest.raises(RarError):
            read_directory(path)


@given(st.integers(0, 2**62))
def test_numbers_of_rar_5(value):
    from twostream.downloads.rar import _Numbers

    assert _Numbers(number(value) + b"\x05").next() == value
