from __future__ import annotations

from dataclasses import replace

from manifest_rows import row
from twostream.exploration.leakage import find_duplicates
from twostream.exploration.looks import Look

HASHES = (0x0F0F, 0x1234, 0x7777, 0x4321, 0x5555)
OTHER = tuple(value ^ 0x7FFF_FFFF_0000_0000 for value in HASHES)


def looks(**hashes):
    return {
        name.replace("_", "/"): Look(1.0, 0.5, values, f"video of {name}")
        for name, values in hashes.items()
    }


ROWS = (
    row("a/1", "a/x", "train"),
    row("a/2", "a/y", "test"),
    row("a/3", "a/z", "train"),
    row("b/1", "b/x", "test"),
)


def pairs(found):
    return [(d.first.clip_id, d.second.clip_id, d.leaks) for d in found]


def test_clips_that_look_alike_leak_where_one_trains_and_the_other_tests():
    seen = looks(a_1=HASHES, a_2=HASHES, a_3=HASHES, b_1=OTHER)
    found = find_duplicates(ROWS, seen)
    assert pairs(found) == [("a/1", "a/2", (1,)), ("a/2", "a/3", (1,)), ("a/1", "a/3", ())]
    assert not any(item.same_video or item.same_group for item in found)


def test_the_same_file_is_found_even_where_nothing_can_be_seen():
    seen = looks(a_1=(0,) * 5, b_1=(0,) * 5, a_2=OTHER)
    seen["b/1"] = replace(seen["b/1"], video=seen["a/1"].video)
    (found,) = find_duplicates(ROWS, seen)
    assert (found.first.clip_id, found.second.clip_id, found.same_video) == ("a/1", "b/1", True)


def test_clips_without_a_look_are_left_out():
    assert find_duplicates(ROWS, looks(a_1=HASHES)) == ()
