from __future__ import annotations

import re

import pytest
from twostream.datasets.annotations import annotate
from twostream.errors import TwostreamError


@pytest.fixture
def clips(make_clips):
    return make_clips("Run/a.avi", "Run/b.avi", "Walk/c.avi", "Walk/d.avi")


def test_hmdb51(clips, make_lists):
    lists = make_lists(
        {
            "Walk_test_split1.txt": "c.avi 1 \nd.avi 2 \n",
            "Run_test_split1.txt": "a.avi 1 \nb.avi 2 \n",
            "Walk_test_split2.txt": "c.avi 2 \nd.avi 1 \n",
            "Run_test_split2.txt": "a.avi 2 \nb.avi 0 \n",
        }
    )
    found = annotate(clips, lists)
    assert found.name == "hmdb51"
    assert found.classes == ("Run", "Walk")
    assert found.splits == {
        1: {"Run/a": "train", "Run/b": "test", "Walk/c": "train", "Walk/d": "test"},
        2: {"Run/a": "test", "Run/b": "unused", "Walk/c": "test", "Walk/d": "train"},
    }
    assert found.problems == found.notes == ()


UCF = {
    "classInd.txt": "1 Walk\n2 Run\n",
    "trainlist01.txt": "Walk/c.avi 1\nRun/a.avi 2\n",
    "testlist01.txt": "Walk/d.avi\nRun/b.avi\n",
}
SIDES = {"Run/a": "train", "Run/b": "test", "Walk/c": "train", "Walk/d": "test"}


def test_ucf101_in_the_order_of_its_class_index(clips, make_lists):
    found = annotate(clips, make_lists(UCF))
    assert found.name == "ucf101"
    assert found.classes == ("Walk", "Run")
    assert found.splits == {1: SIDES}
    assert found.problems == found.notes == ()


def windows(text: str) -> bytes:
    return b"\xef\xbb\xbf" + text.replace("/", "\\").replace("\n", "\r\n\r\n").encode()


def test_lists_saved_on_windows(clips, make_lists):
    found = annotate(clips, make_lists({name: windows(text) for name, text in UCF.items()}))
    assert (found.classes, found.splits, found.notes) == (("Walk", "Run"), {1: SIDES}, ())


def test_a_class_spelt_in_two_ways(make_clips, make_lists):
    clips = make_clips("HandstandPushups/v_HandStandPushups_g01_c01.avi", "Walk/a.avi")
    lists = {
        "classInd.txt": "1 Walk\n2 HandstandPushups\n",
        "trainlist01.txt": "HandStandPushups/v_HandstandPushups_g01_c01.avi 2\n",
        "testlist01.txt": "Walk/a.avi",
    }
    found = annotate(clips, make_lists(lists))
    assert found.classes == ("Walk", "HandstandPushups")
    assert found.splits[1]["HandstandPushups/v_HandStandPushups_g01_c01"] == "train"
    assert found.problems == ()
    (told,) = found.notes
    assert told.startswith("1 file listed in another spelling")
    assert clips[0].group == "HandstandPushups/g01"


def test_the_folder_decides_how_a_class_is_spelt(make_clips, make_lists):
    clips = make_clips("WALK/c.avi", "run/a.avi")
    assert annotate(clips, make_lists(UCF)).classes == ("WALK", "run")


def test_converted_videos_are_found(make_clips, make_lists):
    clips = make_clips("Run/a.mp4", "Run/b.webm", "Walk/c.mkv", "Walk/d.avi")
    assert annotate(clips, make_lists(UCF)).splits == {1: SIDES}


def test_a_folder_that_holds_neither_kind_names_both(clips, make_lists):
    lists = make_lists({"splits.txt": "Run/a.avi"})
    with pytest.raises(TwostreamError) as caught:
        annotate(clips, lists)
    assert "HMDB-51" in caught.value.expected
    assert "UCF-101" in caught.value.expected
    (lists / "below").mkdir()
    (lists / "below" / "classInd.txt").write_text("1 Run\n")
    with pytest.raises(TwostreamError, match=re.escape(f"did you mean {lists / 'below'}?")):
        annotate(clips, lists)


def test_a_missing_folder_and_a_file_are_errors(clips, make_lists):
    lists = make_lists(UCF)
    with pytest.raises(TwostreamError, match="found nothing"):
        annotate(clips, lists / "missing")
    with pytest.raises(TwostreamError, match="found a file"):
        annotate(clips, lists / "classInd.txt")


def test_empty_lists_are_an_error(clips, make_lists):
    with pytest.raises(TwostreamError, match="found empty lists"):
        annotate(clips, make_lists({"trainlist01.txt": "\n", "testlist01.txt": ""}))


def test_where_both_kinds_lie_together_the_files_of_hmdb51_are_read(clips, make_lists):
    found = annotate(clips, make_lists({**UCF, "Run_test_split1.txt": "a.avi 1\nb.avi 2\n"}))
    assert found.name == "hmdb51"
    assert "the annotations hold UCF-101 lists too: HMDB-51's own files were read" in found.notes


def test_absent_clips_are_problems_and_counted_by_split(clips, make_lists):
    lists = make_lists(
        {
            "Run_test_split1.txt": "a.avi 1\ngone.avi 1\n",
            "Run_test_split2.txt": "a.avi 2\ngone.avi 2\nunused.avi 0\n",
            "Walk_test_split1.txt": "c.avi 2\nd.avi 2\n",
            "Walk_test_split2.txt": "c.avi 1\nd.avi 1\n",
        }
    )
    found = annotate(clips, lists)
    assert [(p.source, p.stage, p.reason) for p in found.problems] == [
        (
            "Run/gone.avi",
            "annotations",
            "annotated (train in split 1, test in split 2) but absent",
        ),
        ("Run/unused.avi", "annotations", "annotated (unused in split 2) but absent"),
    ]
    assert found.notes == (
        "split 1: 1 annotated clip absent (1 train, 0 test)",
        "split 2: 2 annotated clips absent (0 train, 1 test)",
        "1 clip not annotated: unused in every split",
    )
    assert found.splits[1]["Run/b"] == found.splits[2]["Run/b"] == "unused"


def test_annotations_of_another_data_set_are_an_error(clips, make_lists):
    lists = {"trainlist01.txt": "Jump/x.avi", "testlist01.txt": "Jump/y.avi"}
    with pytest.raises(TwostreamError, match=r"no listed clip there, such as Jump/y\.avi"):
        annotate(clips, make_lists(lists))


def test_classes_on_one_side_only_are_noted(clips, make_lists):
    lists = {
        "classInd.txt": "1 Jump\n2 Walk\n",
        "trainlist01.txt": "Walk/c.avi 2\nFly/x.avi\nRun/a.avi\n",
        "testlist01.txt": "Walk/d.avi\n",
    }
    found = annotate(clips, make_lists(lists))
    assert found.classes == ("Walk", "Run")
    assert found.notes[:3] == (
        "classes in the lists but not in classInd.txt: Fly (1 line), Run (1 line)",
        "1 annotated class without clips: Jump",
        "classes that are not in the annotations: Run",
    )
    assert found.splits[1]["Run/a"] == "train"


def test_a_clip_listed_twice_on_one_side_is_noted(clips, make_lists):
    train = "Walk/c.avi 1\nRun/a.avi 2\nWalk/c.avi 1\nRun/gone.avi\nRun/gone.avi\n"
    found = annotate(clips, make_lists({**UCF, "trainlist01.txt": train}))
    assert found.splits == {1: SIDES}
    assert len(found.problems) == 1
    assert "2 lines with a clip that was listed already, first trainlist01.txt:3" in found.notes


@pytest.mark.parametrize("clip", ["Walk/c.avi", "Walk/gone.avi"])
def test_a_clip_on_both_sides_is_an_error_naming_both_files(clips, make_lists, clip):
    lists = make_lists(
        {**UCF, "trainlist01.txt": f"{clip} 1\n", "testlist01.txt": f"Walk/d.avi\n{clip}\n"}
    )
    with pytest.raises(TwostreamError) as caught:
        annotate(clips, lists)
    assert str(caught.value).startswith(f"clip {clip}: expected one side in split 1, found")
    assert f"{lists / 'trainlist01.txt'}:1" in caught.value.found
    assert f"{lists / 'testlist01.txt'}:2" in caught.value.found


def test_both_sides_in_one_file_of_hmdb51_and_in_another_case(clips, make_lists):
    lists = make_lists({"Walk_test_split3.txt": "c.avi 1\nC.AVI 2\n"})
    with pytest.raises(TwostreamError, match=r"clip Walk/C\.AVI: expected one side in split 3"):
        annotate(clips, lists)


def test_sides_may_differ_from_split_to_split(clips, make_lists):
    lists = {**UCF, "trainlist02.txt": "Walk/d.avi 1\n", "testlist02.txt": "Walk/c.avi\n"}
    found = annotate(clips, make_lists(lists))
    assert found.splits[2]["Walk/d"] == "train"
    assert found.splits[2]["Run/a"] == "unused"


def test_a_side_without_clips_is_kept_and_noted(clips, make_lists):
    lists = {**UCF, "trainlist02.txt": "Walk/d.avi 1\n", "testlist02.txt": "Walk/gone.avi\n"}
    found = annotate(clips, make_lists(lists))
    assert sorted(found.splits) == [1, 2]
    assert "split 2 has no test clip" in found.notes
    assert "split 1 has no test clip" not in found.notes


def test_a_source_video_on_both_sides_is_noted(make_clips, make_lists):
    clips = make_clips("Run/v_Run_g01_c01.avi", "Run/v_Run_g01_c02.avi", "Walk/c.avi")
    lists = {
        "trainlist01.txt": "Run/v_Run_g01_c01.avi\nWalk/c.avi\n",
        "testlist01.txt": "Run/v_Run_g01_c02.avi\n",
    }
    found = annotate(clips, make_lists(lists))
    assert found.notes == ("split 1: 1 source video with clips on both sides",)


def test_copies_in_sub_folders_share_a_side(make_source, make_lists):
    from twostream.datasets.class_folders import scan

    clips = scan(make_source("Run/a.avi", "Run/s/a.avi", "Walk/c.avi")).clips
    lists = {"trainlist01.txt": "Run/a.avi\n", "testlist01.txt": "Walk/c.avi\n"}
    sides = annotate(clips, make_lists(lists)).splits[1]
    assert sides == {"Run/a": "train", "Run/s__a": "train", "Walk/c": "test"}


@pytest.mark.shared
def test_the_official_splits_with_every_clip_there(shared_data, make_clips):
    """With all 6766 names: 70 train and 30 test clips a class, and no source on both sides."""
    from collections import Counter

    from twostream.datasets.hmdb51 import read_listing

    folder = shared_data / "hmdb51" / "annotations"
    names = {f"{entry.class_name}/{entry.file_name}" for entry in read_listing(folder).entries}
    clips = make_clips(*sorted(names))
    found = annotate(clips, folder)
    assert len(clips) == 6766
    assert len(found.classes) == 51
    assert found.problems == found.notes == ()
    for sides in found.splits.values():
        assert Counter(sides.values()) == {"train": 3570, "test": 1530, "unused": 1666}
        a_class = Counter((clip.class_name, sides[clip.clip_id]) for clip in clips)
        assert {count for (_, side), count in a_class.items() if side == "train"} == {70}
        groups = {
            side: {clip.group for clip in clips if sides[clip.clip_id] == side}
            for side in ("train", "test")
        }
        assert not groups["train"] & groups["test"]
