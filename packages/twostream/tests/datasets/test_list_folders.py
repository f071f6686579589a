"""A folder of lists that belong together is one data set with its splits."""

from __future__ import annotations

import pytest
from twostream.datasets.load import load_dataset
from twostream.errors import TwostreamError

VIDEOS = ("videos/golf/1.avi", "videos/golf/2.avi", "videos/walk/3.avi", "videos/walk/4.avi")


@pytest.fixture
def make(make_source):
    def made(**lists):
        source = make_source(*VIDEOS)
        for name, rows in lists.items():
            text = "".join(f"videos/{row}\n" for row in rows)
            (source / f"{name}.txt").write_text(text)
        return source

    return made


def load(source, **options):
    return load_dataset(source, annotations=None, seed=0, **options)


def test_the_val_list_is_tested_on_where_there_is_no_test_list(make):
    source = make(train=["golf/1.avi 0", "walk/3.avi 1"], val=["golf/2.avi 0", "walk/4.avi 1"])
    dataset = load(source)
    assert dataset.splits == {
        1: {"golf/1": "train", "golf/2": "test", "walk/3": "train", "walk/4": "test"}
    }
    assert dataset.kind == "lists of 4 clips (train, val)"
    assert "the splits are those of train.txt, val.txt" in dataset.notes
    assert any("Its val part is tested on, for it has no test part" in n for n in dataset.notes)


def test_it_validates_beside_a_test_list_or_where_one_says_so(make):
    rows = {"train": ["golf/1.avi 0", "walk/3.avi 1"], "val": ["golf/2.avi 0"]}
    assert load(make(**rows), val_part="validation").splits[1]["golf/2"] == "val"
    found = load(make(**rows, test=["walk/4.avi 1"])).splits[1]
    assert (found["golf/2"], found["walk/4"]) == ("val", "test")


def test_numbers_of_classes_mean_the_same_in_all_lists(make):
    """The val list alone would not tell which folder is which class."""
    source = make(train=["golf/1.avi 0", "walk/3.avi 1"], val=["golf/2.avi 0", "walk/4.avi 1"])
    assert load(source).classes == ("golf", "walk")


@pytest.mark.parametrize("names", [("train", "dev"), ("training", "testing"), ("a_trn", "a_eval")])
def test_parts_in_other_words(make, names):
    first, second = names
    source = make(
        **{first: ["golf/1.avi 0", "walk/3.avi 1"], second: ["golf/2.avi 0", "WALK/4.AVI 1"]}
    )
    dataset = load(source)
    assert dataset.splits == {
        1: {"golf/1": "train", "golf/2": "test", "walk/3": "train", "walk/4": "test"}
    }
    assert any("another spelling" in note for note in dataset.notes)


def test_several_splits_by_their_numbers(make):
    source = make(
        x_train_split_1_videos=["golf/1.avi 9 0", "walk/3.avi 9 1"],
        x_val_split_1_videos=["golf/2.avi 9 0"],
        x_train_split_2_videos=["golf/2.avi 9 0", "walk/4.avi 9 1"],
        x_val_split_2_videos=["golf/1.avi 9 0", "walk/3.avi 9 1"],
    )
    dataset = load(source)
    assert dataset.sides("golf/1") == ("train", "test")
    assert dataset.sides("walk/4") == ("unused", "train")
    assert any(note.startswith("splits 1, 2 are the source's own") for note in dataset.notes)


def test_of_several_kinds_of_lists_the_one_whose_clips_are_there(make, make_source):
    rows = {"a_train_videos": ["golf/1.avi 0", "walk/3.avi 1"], "a_val_videos": ["golf/2.avi 0"]}
    source = make(**rows)
    for part in ("train", "val"):
        (source / f"a_{part}_frames.txt").write_text("frames/golf/1 30 0\nframes/walk/3 30 1\n")
    assert len(load(source).clips) == 3
    for part in ("train", "val"):
        (source / f"b_{part}.txt").write_text("videos/golf/1.avi 0\nvideos/walk/3.avi 1\n")
    with pytest.raises(TwostreamError, match=r"found 2: a_\*_videos\.txt, b_\*\.txt"):
        load(source)


def test_a_clip_in_two_parts_of_a_split_is_named(make):
    source = make(train=["golf/1.avi 0", "walk/3.avi 1"], val=["golf/1.avi 0"])
    with pytest.raises(TwostreamError, match=r"val\.txt: line 1: .*train\.txt: line 1 too"):
        load(source)


def test_class_folders_beside_lists_stay_the_source(make_source):
    source = make_source("golf/1.avi", "walk/3.avi", "golf/2.avi")
    (source / "train.txt").write_text("golf/1.avi 0\nwalk/3.avi 1\n")
    (source / "val.txt").write_text("golf/2.avi 0\n")
    dataset = load(source)
    assert dataset.kind == "class folders"
    assert any(
        note.startswith("train.txt, val.txt beside the class folders are not used")
        for note in dataset.notes
    )


def test_a_training_list_alone_tells_of_its_companions(make):
    source = make(train=["golf/1.avi 0", "walk/3.avi 1"], val=["golf/2.avi 0"])
    dataset = load(source / "train.txt")
    assert len(dataset.clips) == 2
    assert any(note.startswith("val.txt lies beside it: give the folder") for note in dataset.notes)


def test_folders_train_and_val_are_read_likewise(make_source):
    source = make_source(*(f"{part}/{c}/{part}.mp4" for part in ("train", "val") for c in "ab"))
    assert set(load(source).splits[1].values()) == {"train", "test"}
    assert set(load(source, val_part="validation").splits[1].values()) == {"train", "val"}


def test_who_writes_val_into_a_table_means_it(make_source):
    source = make_source("1.avi", "2.avi", "3.avi")
    table = source / "clips.csv"
    table.write_text("path,label,split\n1.avi,a,train\n2.avi,b,train\n3.avi,a,val\n")
    assert load(table).splits[1]["a/3"] == "val"
    assert load(table, val_part="test").splits[1]["a/3"] == "test"


def test_a_folder_of_lists_beside_the_class_folders(make_source):
    """As many data sets come: paths are relative to the folder above."""
    source = make_source("golf/1.avi", "golf/2.avi", "walk/3.avi", "walk/4.avi", "splits/train.txt")
    (source / "splits" / "train.txt").write_text("golf/1.avi 0\nwalk/3.avi 1\n")
    (source / "splits" / "test.txt").write_text("golf/2.avi 0\nwalk/4.avi 1\n")
    dataset = load(source / "splits")
    assert dataset.splits == {
        1: {"golf/1": "train", "golf/2": "test", "walk/3": "train", "walk/4": "test"}
    }
    assert "paths are relative to .., not to the list's folder" in dataset.notes
