"""train/, val/ and test/ folders of class folders."""

from __future__ import annotations

import pytest
from twostream.datasets.load import load_dataset
from twostream.datasets.split_folders import part_folders
from twostream.errors import TwostreamError

THREE = (
    "train/run/1.mp4",
    "train/walk/2.mp4",
    "val/run/3.mp4",
    "val/walk/4.mp4",
    "test/run/5.mp4",
    "test/walk/6.mp4",
)


def load(source, **options):
    return load_dataset(source, annotations=None, seed=0, **options)


def test_the_folders_are_the_split(make_source):
    dataset = load(make_source(*THREE))
    assert dataset.kind == "folders of class folders (train, val, test)"
    assert dataset.classes == ("run", "walk")
    assert dataset.splits == {
        1: {
            "run/1": "train",
            "walk/2": "train",
            "run/3": "val",
            "walk/4": "val",
            "run/5": "test",
            "walk/6": "test",
        }
    }
    assert [clip.source for clip in dataset.clips][:2] == ["test/run/5.mp4", "train/run/1.mp4"]
    assert dataset.notes == ("split 1 is the source's own. The epoch is selected on its val part.",)


@pytest.mark.parametrize(
    "names",
    [
        ("Train", "Test"),
        ("training", "validation", "testing"),
        ("train", "dev", "test"),
        ("trn", "valid", "tst"),
        ("train", "evaluation"),
        ("Training_Set", "TestSet"),
        ("train_videos", "test_videos"),
        ("ucf_train", "ucf_val"),
    ],
)
def test_usual_names_in_any_case(make_source, names):
    source = make_source(*(f"{part}/{c}/{part}.mp4" for part in names for c in "ab"))
    assert [path.name for path in part_folders(source)] == list(names)


def test_a_name_that_two_parts_have(make_source):
    names = ("train/a/1.avi", "test/a/1.avi", "train/b/x/1.avi", "test/b/x/1.avi")
    dataset = load(make_source(*names))
    assert {clip.source: clip.clip_id for clip in dataset.clips} == {
        "train/a/1.avi": "a/1",
        "test/a/1.avi": "a/test__1",
        "train/b/x/1.avi": "b/x__1",
        "test/b/x/1.avi": "b/test__x__1",
    }
    assert len({clip.group for clip in dataset.clips}) == 4
    assert dataset.splits[1]["a/test__1"] == "test"


def test_a_source_video_in_two_parts_is_noted(make_source):
    parts = {"train": "c01", "test": "c02"}
    source = make_source(*(f"{p}/{c}/v_{c}_g01_{n}.avi" for p, n in parts.items() for c in "ab"))
    assert "split 1: 2 source videos with clips on both sides" in load(source).notes


def test_a_part_may_lack_a_class_but_not_the_whole(make_source):
    dataset = load(make_source("train/a/1.avi", "train/b/2.avi", "test/a/3.avi"))
    assert dataset.classes == ("a", "b")
    with pytest.raises(TwostreamError, match="one class folder only"):
        load(make_source("x/train/a/1.avi", "x/test/a/3.avi") / "x")


@pytest.mark.parametrize(
    "names",
    [
        ("train/1.avi", "test/2.avi"),  # the classes 'train' and 'test'
        ("train/x/1.avi", "test/x/2.avi", "bus/x/3.avi"),
        ("train/x/1.avi", "boat/x/2.avi"),
        ("test/x/1.avi", "val/x/2.avi"),
    ],
)
def test_classes_that_only_look_like_parts(make_source, names):
    dataset = load(make_source(*names))
    assert dataset.kind == "class folders"
    assert dataset.classes == tuple(sorted({name.split("/")[0] for name in names}))
    told = [note for note in dataset.notes if "are classes here" in note]
    assert bool(told) == (len({"train", "val", "test"} & set(dataset.classes)) > 1)


def test_what_lies_beside_class_folders_and_parts_is_named_and_left_out(make_source):
    beside = ("intro.mp4", "train/stray.mp4", "test/stray.mp4", "samples/x/1.mp4", "samples/2.mp4")
    dataset = load(make_source(*THREE, *beside))
    assert dataset.classes == ("run", "walk")
    assert len(dataset.clips) == 6
    assert {problem.source for problem in dataset.problems} == {
        "intro.mp4",
        "samples",
        "train/stray.mp4",
        "test/stray.mp4",
    }


def test_a_test_part_without_labels_is_named_and_left_out(make_source):
    source = make_source(*THREE[:4], "test/1.mp4", "test/2.mp4")
    dataset = load(source)
    assert dataset.classes == ("run", "walk")
    (problem,) = dataset.problems
    assert (problem.source, problem.reason) == (
        "test",
        "2 videos in no class folder, so without a label: left out",
    )
    assert set(dataset.splits[1].values()) == {"train", "test"}


def test_an_empty_part_is_no_class(make_source):
    source = make_source(*THREE[:4])
    (source / "test").mkdir()
    assert load(source).classes == ("run", "walk")


def test_other_folders_beside_the_parts_are_no_classes(make_source):
    source = make_source(*THREE, "annotations/readme.txt")
    assert load(source).classes == ("run", "walk")


def test_two_folders_of_one_part(make_source):
    source = make_source(*THREE, "valid/run/9.avi")
    with pytest.raises(TwostreamError, match="join those that mean the same"):
        load(source)


def test_problems_name_the_part(make_source):
    source = make_source(*THREE)
    (source / "val" / "run" / "gone.avi").symlink_to("nowhere")
    assert [p.source for p in load(source).problems] == ["val/run/gone.avi"]


def test_annotations_decide_over_the_folders(make_source, make_lists):
    lists = make_lists(
        {"trainlist01.txt": "run/5.mp4 1\nwalk/6.mp4 2", "testlist01.txt": "run/1.mp4\nwalk/2.mp4"}
    )
    dataset = load_dataset(make_source(*THREE), annotations=lists, seed=0)
    assert dataset.splits[1]["run/5"] == "train"
    assert dataset.splits[1]["run/3"] == "unused"
    assert "the annotations decide, not the source's split" in dataset.notes


def test_parts_may_lie_in_the_class_folders(make_source):
    source = make_source("run/train/1.avi", "run/Test/2.avi", "walk/train/3.avi", "walk/Test/4.avi")
    dataset = load(source)
    assert dataset.kind == "class folders, with Test, train in each"
    assert {clip.source: dataset.sides(clip.clip_id) for clip in dataset.clips} == {
        "run/train/1.avi": ("train",),
        "run/Test/2.avi": ("test",),
        "walk/train/3.avi": ("train",),
        "walk/Test/4.avi": ("test",),
    }


def test_folders_of_whole_splits_are_no_classes(make_source):
    parts = (f"{split}/{name}" for split in ("split1", "split2") for name in THREE)
    with pytest.raises(TwostreamError, match=r"give one of them, such as .*split1"):
        load(make_source(*parts))


def test_class_folders_that_hold_the_same_folders_are_told(make_source):
    """They may be people, and their folders the classes."""
    source = make_source("anna/run/1.avi", "anna/walk/2.avi", "bert/run/3.avi", "bert/walk/4.avi")
    dataset = load(source)
    assert dataset.classes == ("anna", "bert")
    assert any("has folders run and walk in it" in note for note in dataset.notes)


def test_numbers_of_people_in_the_class_folders_are_nothing_odd(make_source):
    names = (f"{c}/subject{n}/{n}.avi" for c in ("run", "walk") for n in (1, 2))
    assert not [note for note in load(make_source(*names)).notes if "has folders" in note]


def test_classes_of_one_part_alone_are_told(make_source):
    """What nothing was learnt of is never right, and would lower the accuracy in silence."""
    dataset = load(
        make_source("train/run/1.mp4", "train/walk/2.mp4", "test/run/3.mp4", "test/fly/4.mp4")
    )
    assert dataset.notes[1:] == (
        "split 1: 1 class without any clip to train on, so never right: fly",
        "split 1: 1 class without any clip to test on: walk",
    )
