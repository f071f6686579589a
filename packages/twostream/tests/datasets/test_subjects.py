"""Leaving out one subject at a time."""

from __future__ import annotations

import pytest
from twostream.datasets.folds import Folds, fold_of_sides
from twostream.datasets.load import load_dataset
from twostream.errors import TwostreamError

BY_SUBJECT = Folds(leave_out="subject")


def load(source):
    return load_dataset(source, annotations=None, seed=0, folds=BY_SUBJECT)


def folds(dataset):
    return {clip.clip_id: fold_of_sides(dataset.sides(clip.clip_id)) for clip in dataset.clips}


def test_names_tell_the_person(make_source):
    names = (
        f"{c}/person{p:02d}_{c}_d{d}.avi"
        for c in ("box", "run")
        for p in (1, 2, 10)
        for d in (1, 2)
    )
    dataset = load(make_source(*names))
    assert dataset.n_splits == 3
    found = folds(dataset)
    assert {found[f"{c}/person10_{c}_d{d}"] for c in ("box", "run") for d in (1, 2)} == {3}
    assert (
        "no annotations: splits 1 to 3 test one subject each, and train on all others"
        in dataset.notes
    )


def test_a_table_says_it_in_any_spelling(make_source):
    source = make_source("a.avi", "b.avi", "c.avi", "d.avi")
    table = source / "clips.csv"
    table.write_text(
        "path,label,subject\na.avi,run,Anna\nb.avi,walk, anna\nc.avi,run,007\nd.avi,walk,7\n"
    )
    found = folds(load(table))
    assert found["run/a"] == found["walk/b"] == 2
    assert found["run/c"] == found["walk/d"] == 1


def test_who_shares_a_recording_is_left_out_together(make_source):
    source = make_source("a.avi", "b.avi", "c.avi", "d.avi")
    table = source / "clips.csv"
    table.write_text(
        "path,label,subject,start\na.avi,run,x,\na.avi,walk,y,3\nb.avi,walk,y,\nc.avi,run,z,\nd.avi,walk,z,\n"
    )
    dataset = load(table)
    found = folds(dataset)
    assert len({found[name] for name in found if "a" in name.partition("/")[2][:1]}) == 1
    assert dataset.n_splits == 2
    assert any("2 subjects are left out together" in note for note in dataset.notes)


def test_a_clip_that_does_not_tell_is_named(make_source):
    source = make_source("a/person1_x.avi", "b/person2_x.avi", "b/holiday.avi")
    with pytest.raises(TwostreamError, match=r"none for 1 clip of 3, such as b/holiday\.avi"):
        load(source)
