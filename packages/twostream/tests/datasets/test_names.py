from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twostream.datasets.names import clip_stem, is_temporary, is_text, is_video, readable

NAME = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1)
FILE = NAME.map(lambda stem: f"x{stem}.avi")


@pytest.mark.parametrize("name", ["a.avi~", "a.part", "a", "avi", ".avi", "a.txt", "a.avi.txt"])
def test_what_is_no_video(name):
    assert not is_video(name)


@pytest.mark.parametrize(
    ("name", "temporary"),
    [("a.tmp.mp4", True), ("a.PART.mp4", True), ("~$a.avi", True), ("a.avi", False)],
)
def test_temporary_names(name, temporary):
    assert is_temporary(name) is temporary


def test_the_usual_extensions_are_known():
    usual = "avi mp4 mkv mov webm mpg mpeg m4v wmv flv ogv 3gp ts mts gif y4m h264 apng"
    assert all(is_video(f"a.{extension}") for extension in usual.split())


def test_half_a_pair_of_utf16_becomes_readable():
    assert readable("a\ud800b") == r"a\ud800b"


@given(data=st.binary())
def test_any_name_becomes_readable(data):
    name = os.fsdecode(data)
    shown = readable(name)
    assert is_text(shown)
    assert (shown == name) == is_text(name)


@settings(deadline=None)
@given(files=st.lists(st.lists(NAME, max_size=3).flatmap(lambda d: FILE.map(lambda f: (*d, f)))))
def test_identifiers_are_unique_and_fit_a_file_system(files):
    taken: set[str] = set()
    for parts in files:
        stem = clip_stem(parts, taken)
        assert stem not in taken
        assert len(stem.encode()) <= 240
        taken.add(stem)
