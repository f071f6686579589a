"""Lists name files in another case or form of Unicode, or without the extension: found, and told."""

from __future__ import annotations

import unicodedata

import pytest
from twostream.datasets.load import load_dataset
from twostream.datasets.spellings import Spellings, note_alike

COMPOSED = "caf\u00e9"
TAKEN_APART = unicodedata.normalize("NFD", COMPOSED)


def load(source, **options):
    return load_dataset(source, annotations=None, seed=0, **options)


@pytest.mark.parametrize(
    ("listed", "called"),
    [
        ("run/A.AVI", "run/a.avi"),
        ("RUN/a.avi", "run/a.avi"),
        ("run/a", "run/a.avi"),
        ("run/a.mp4", "run/a.avi"),
        (f"{COMPOSED}/1.avi", f"{TAKEN_APART}/1.avi"),
        (f"run/{TAKEN_APART}.avi", f"run/{COMPOSED}.avi"),
        ("run/a.b", "run/a.b.avi"),
    ],
)
@pytest.mark.parametrize("kind", ["list.txt", "table.csv"])
def test_a_file_in_another_spelling_is_found_and_told(make_source, listed, called, kind):
    source = make_source(called, "walk/2.avi", "walk/notes.txt")
    rows = [(listed, "x"), ("walk/2.avi", "y")]
    sign, head = (",", "path,label\n") if kind.endswith("csv") else (" ", "")
    (source / kind).write_text(head + "".join(f"{p}{sign}{label}\n" for p, label in rows))
    dataset = load(source / kind)
    assert {clip.source: clip.class_name for clip in dataset.clips} == {
        called: "x",
        "walk/2.avi": "y",
    }
    assert dataset.problems == ()
    (told,) = (note for note in dataset.notes if "another spelling" in note)
    assert told.startswith("1 file listed in another spelling (case, Unicode or extension): line ")


def test_what_may_mean_several_files_is_absent_with_their_names(make_source):
    source = make_source("a.avi", "a.mp4", "walk/2.avi", "walk/3.avi")
    (source / "t.csv").write_text("path,label\na,x\nwalk/2.avi,x\nwalk/3.avi,y\n")
    (problem,) = load(source / "t.csv").problems
    assert problem.reason == "line 2 of the table names it, but it may be a.avi or a.mp4"


def test_the_very_name_comes_first(make_source):
    source = make_source("a.avi", "A.avi")
    assert Spellings().alike(source / "a.avi") == (source / "a.avi",)
    assert Spellings().find(source / "A.AVI") is None


def test_of_two_spellings_of_one_file_there_is_one_clip(make_source):
    source = make_source("run/a.avi", "walk/2.avi")
    (source / "t.csv").write_text("path,label\nrun/a.avi,x\nRUN/A.avi,x\nwalk/2.avi,y\n")
    dataset = load(source / "t.csv")
    assert len(dataset.clips) == 2
    assert "1 row with a clip that was listed already" in dataset.notes


def test_official_lists_find_names_whose_unicode_was_taken_apart(make_source, make_lists):
    source = make_source(f"run/{TAKEN_APART}.avi", "walk/2.avi")
    lists = make_lists(
        {"trainlist01.txt": f"run/{COMPOSED}.avi 1\n", "testlist01.txt": "walk/2.avi\n"}
    )
    dataset = load_dataset(source, annotations=lists, seed=0)
    assert dataset.sides(f"run/{TAKEN_APART}") == ("train",)
    assert any("another spelling" in note for note in dataset.notes)


def test_classes_that_differ_in_spelling_alone_are_told(make_source):
    source = make_source("train/Run/1.avi", "train/walk/2.avi", "test/run/3.avi", "test/walk/4.avi")
    dataset = load(source)
    assert any("differ in case or Unicode alone: 'Run' and 'run'" in n for n in dataset.notes)
    assert note_alike([COMPOSED, TAKEN_APART])[0].count("caf") == 2
    assert note_alike(["Run", "walk"]) == ()
