"""Numbers of frames in lists are compared with the frames that there are."""

from __future__ import annotations

import pytest
from ready_clips import write_clip
from twostream.preparation.dataset import prepare_dataset
from twostream.preparation.options import PrepareOptions


@pytest.fixture
def told(tmp_path):
    """What is told of a list with these numbers for clips of 6 and of 5 images, and then again."""
    for name, images in (("golf/a", 6), ("walk/b", 5)):
        write_clip(tmp_path / "frames" / name, images=images)

    def tell(first, second):
        path = tmp_path / "frames" / "list.txt"
        path.write_text(f"golf/a {first} 0\nwalk/b {second} 1\n")
        options, out = PrepareOptions(workers=1), tmp_path / "data"
        made = prepare_dataset(path, out, options)
        again = prepare_dataset(path, out, options, trusting=True)
        assert (made.clips, made.frames, again.reused) == (2, 11, 2)
        notes = [note for note in made.notes if "numbers of frames" in note]
        assert notes == [note for note in again.notes if "numbers of frames" in note]
        return notes

    return tell


def test_other_numbers_are_told_and_what_is_there_is_used(told):
    (note,) = told(6, 9)
    assert note.startswith(
        "the list tells other numbers of frames for 1 of 2 clips, such as 9 of walk/b, where 5 were found"
    )
    assert "--multi-label" not in note


@pytest.mark.parametrize("numbers", [(6, 5), (5, 4)], ids=["frames", "flows"])
def test_numbers_of_frames_or_of_flows_that_are_right(told, numbers):
    assert told(*numbers) == []


def test_numbers_that_are_labels_are_told_as_that(told):
    """In `path label label` the first label stands where the number of frames does."""
    (note,) = told(0, 1)
    assert note.endswith("where these are labels, write a row for each and give --multi-label")
