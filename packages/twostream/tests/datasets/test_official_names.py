"""By their classes lists are known to be those of HMDB-51 or UCF-101."""

from __future__ import annotations

import pytest
from twostream.datasets.listing import Entry, Listing
from twostream.datasets.official_names import OFFICIAL_CLASSES, official_name


def listing(form, *classes):
    entries = tuple(Entry(name, "x.avi", 1, "train", "list:1") for name in classes)
    return Listing(form, classes, entries, ())


def test_each_class_is_there_once():
    counts = {
        name: len({one.casefold() for one in names}) for name, names in OFFICIAL_CLASSES.items()
    }
    assert counts == {"hmdb51": 51, "ucf101": 101}


@pytest.mark.parametrize(
    ("form", "classes", "expected"),
    [
        ("hmdb51", OFFICIAL_CLASSES["hmdb51"], "hmdb51"),
        ("hmdb51", ["golf"], "hmdb51"),
        ("ucf101", ["HandStandPushups", "YoYo"], "ucf101"),
        # Own clips, one class of which happens to be called as one of theirs.
        ("hmdb51", ["golf", "mine"], None),
        ("ucf101", ["golf"], None),
    ],
)
def test_own_lists_in_the_same_form_are_not_official(form, classes, expected):
    assert official_name(listing(form, *classes)) == expected


def test_no_lists_are_of_no_data_set():
    assert official_name(None) is None


@pytest.mark.shared
def test_the_names_are_those_of_the_real_files(shared_data):
    files = (shared_data / "hmdb51" / "annotations").glob("*_test_split1.txt")
    assert {path.name.split("_test_")[0] for path in files} == set(OFFICIAL_CLASSES["hmdb51"])
    folders = {path.name for path in (shared_data / "ucf101" / "videos").iterdir()}
    assert folders < set(OFFICIAL_CLASSES["ucf101"])
