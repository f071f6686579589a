from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twostream.datasets.ucf101 import holds_ucf101, parse_group, read_class_index, read_listing
from twostream.errors import TwostreamError


@settings(deadline=None)
@given(class_name=st.text(min_size=1, max_size=20), group=st.integers(0, 99), clip=st.integers(0))
def test_class_and_group_of_a_name_are_read_back(class_name, group, clip):
    stem = f"v_{class_name}_g{group:02d}_c{clip:02d}"
    assert parse_group(stem) == (class_name, f"g{group:02d}")


@pytest.mark.parametrize("stem", ["", "Biking", "v_Biking_g01", "v__g01_c01", "x_Biking_g01_c01"])
def test_other_names_have_no_group(stem):
    assert parse_group(stem) is None


def test_lists_with_and_without_labels(make_lists):
    folder = make_lists(
        {
            "classInd.txt": "1 Walk\n2 Band Marching\n",
            "trainlist01.txt": "Walk/v_Walk_g01_c01.avi 1\nBand Marching/a b.avi 2\n",
            "testlist01.txt": "Walk/v_Walk_g02_c01.avi\n",
            "trainlist03.txt": "Walk/v_Walk_g02_c01.avi\n",
            "testlist03.txt": "Walk/clip 7.avi\n",
        }
    )
    assert holds_ucf101(folder)
    listing = read_listing(folder)
    assert listing.name == "ucf101"
    assert listing.classes == ("Walk", "Band Marching")
    assert listing.notes == ()
    assert {(e.class_name, e.file_name, e.split, e.side) for e in listing.entries} == {
        ("Walk", "v_Walk_g01_c01.avi", 1, "train"),
        ("Band Marching", "a b.avi", 1, "train"),
        ("Walk", "v_Walk_g02_c01.avi", 1, "test"),
        ("Walk", "v_Walk_g02_c01.avi", 3, "train"),
        ("Walk", "clip 7.avi", 3, "test"),
    }


def test_windows_files(make_lists):
    folder = make_lists(
        {
            "classInd.txt": b"\xef\xbb\xbf1 Walk\r\n2 Run\r\n\r\n",
            "trainlist01.txt": b"\xef\xbb\xbfWalk\\a.avi 1\r\n\r\n  Run\\b.avi 2  \r\n",
            "testlist01.txt": "Walk\\c.avi\r\n".encode("utf-16"),
        }
    )
    listing = read_listing(folder)
    assert listing.classes == ("Walk", "Run")
    assert [(e.class_name, e.file_name, e.where) for e in listing.entries] == [
        ("Walk", "c.avi", "testlist01.txt:1"),
        ("Walk", "a.avi", "trainlist01.txt:1"),
        ("Run", "b.avi", "trainlist01.txt:3"),
    ]


def test_classes_are_in_the_order_of_their_indices(make_lists):
    folder = make_lists({"classInd.txt": "10 c\n2 b\n1 a\n"})
    assert list(read_class_index(folder / "classInd.txt")) == ["a", "b", "c"]


def test_without_class_index_classes_are_alphabetical(make_lists):
    folder = make_lists({"trainlist01.txt": "b/1.avi 7\na/1.avi 9\n", "testlist01.txt": "c/1.avi"})
    assert read_listing(folder).classes == ("a", "b", "c")


@pytest.mark.parametrize("lines", ["1 a\nb\n", "1 a\n1 b\n", "1 a\n2 a\n", "1 a\nx b\n"])
def test_a_bad_line_of_the_class_index_is_named(make_lists, lines):
    folder = make_lists({"classInd.txt": lines})
    with pytest.raises(TwostreamError, match=r"classInd\.txt:2"):
        read_class_index(folder / "classInd.txt")


@pytest.mark.parametrize("line", ["v_Walk_g01_c01.avi 1", "/a.avi", "Walk/", "Walk/ 1", "1"])
def test_a_line_that_cannot_be_understood_is_named(make_lists, line):
    folder = make_lists({"trainlist02.txt": f"Walk/a.avi 1\n\n{line}\n", "testlist02.txt": ""})
    with pytest.raises(TwostreamError, match=r"trainlist02\.txt:3: expected <class>/<file>"):
        read_listing(folder)


def test_bytes_that_are_not_text_are_named(make_lists):
    folder = make_lists({"trainlist01.txt": b"Walk/a.avi 1\nWalk/caf\xe9.avi 1\n"})
    with pytest.raises(TwostreamError, match=r"trainlist01\.txt:2: expected UTF-8.*0xe9"):
        read_listing(folder)


def test_labels_that_disagree_and_missing_partners_are_noted(make_lists):
    folder = make_lists({"classInd.txt": "1 a\n2 b\n", "trainlist01.txt": "a/x.avi 2\nb/y.avi 2\n"})
    assert read_listing(folder).notes == (
        "trainlist01.txt: 1 label not as in classInd.txt, which was followed",
        "trainlist01.txt has no testlist01.txt beside it",
    )


def test_a_class_index_alone_is_not_enough(make_lists):
    folder = make_lists({"classInd.txt": "1 a\n"})
    with pytest.raises(TwostreamError, match="expected trainlist01"):
        read_listing(folder)


@pytest.mark.shared
def test_the_real_clips_have_groups(shared_data: Path):
    clips = sorted((shared_data / "ucf101" / "videos").glob("*/*.avi"))
    assert len(clips) == 34
    groups = set()
    for path in clips:
        parsed = parse_group(path.stem)
        assert parsed is not None, path.name
        assert parsed[0] == path.parent.name
        groups.add(parsed)
    assert len(groups) == 34
