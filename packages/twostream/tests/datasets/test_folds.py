"""Folds: every clip is tested exactly once, and no source video is on both sides of any split."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from twostream.datasets.clips import SourceClip
from twostream.datasets.folds import Folds, fold_of_clips, fold_of_sides, splits_of_folds
from twostream.datasets.load import load_dataset
from twostream.datasets.selection import Selection
from twostream.errors import TwostreamError

# Class -> sizes of its groups.
SIZES = st.dictionaries(
    st.sampled_from("abcde"), st.lists(st.integers(1, 6), min_size=2, max_size=8), min_size=2
)


def clips_of(sizes: dict[str, list[int]]) -> list[SourceClip]:
    return [
        SourceClip(f"{name}/{g}-{c}", name, Path(name, f"{g}-{c}"), "", f"{name}/{g}", None)
        for name, groups in sizes.items()
        for g, size in enumerate(groups)
        for c in range(size)
    ]


def folds_of(clips, count, seed=0, kept=None):
    try:
        return fold_of_clips(clips, Folds(count), seed=seed, kept=kept)
    except TwostreamError as error:
        assume("--folds" not in str(error))
        raise


@settings(deadline=None)
@given(sizes=SIZES, count=st.integers(2, 5), seed=st.integers(0, 99))
def test_every_clip_is_tested_once_and_sources_stay_whole(sizes, count, seed):
    clips = clips_of(sizes)
    splits = splits_of_folds(folds_of(clips, count, seed))
    assert list(splits) == list(range(1, count + 1))  # no fold is empty
    for clip in clips:
        sides = [splits[number][clip.clip_id] for number in splits]
        assert sides.count("test") == 1
        assert sides.count("train") == count - 1
    for sides in splits.values():
        of_group = defaultdict(set)
        for clip in clips:
            of_group[clip.group].add(sides[clip.clip_id])
        assert all(len(found) == 1 for found in of_group.values())


@settings(deadline=None)
@given(sizes=SIZES, count=st.integers(2, 5), seed=st.integers(0, 99))
def test_no_single_source_could_be_moved_to_make_a_class_more_even(sizes, count, seed):
    clips = clips_of(sizes)
    found = folds_of(clips, count, seed)
    for name, groups in sizes.items():
        load = Counter(dict.fromkeys(range(1, count + 1), 0))
        load.update(found[c.clip_id] for c in clips if c.class_name == name)
        for g, size in enumerate(groups):
            mine = found[f"{name}/{g}-0"]
            assert load[mine] - min(load.values()) <= size


def test_clips_of_their_own_are_spread_as_evenly_as_can_be():
    clips = clips_of({"a": [1] * 10, "b": [1] * 7, "c": [1] * 2})
    found = fold_of_clips(clips, Folds(4), seed=3)
    for name, counts in {"a": [3, 3, 2, 2], "b": [2, 2, 2, 1], "c": [1, 1]}.items():
        there = Counter(found[c.clip_id] for c in clips if c.class_name == name)
        assert sorted(there.values(), reverse=True) == counts
    assert sorted(Counter(found.values()).values()) == [4, 5, 5, 5]


@settings(deadline=None)
@given(sizes=SIZES, count=st.integers(2, 4), seed=st.integers(0, 99), data=st.data())
def test_no_clip_moves_when_others_are_added_and_known_sources_take_theirs(
    sizes, count, seed, data
):
    clips = clips_of(sizes)
    before = folds_of(clips, count, seed)
    name = data.draw(st.sampled_from(sorted(sizes)))
    more = {**sizes, name: [sizes[name][0] + 1, *sizes[name][1:], 3], "z": [2, 1]}
    after = fold_of_clips(clips_of(more), Folds(count), seed=seed, kept=before)
    assert before.items() <= after.items()
    assert after[f"{name}/0-{sizes[name][0]}"] == before[f"{name}/0-0"]


@settings(deadline=None)
@given(sizes=SIZES, seed=st.integers(0, 99))
def test_the_order_of_the_clips_does_not_matter(sizes, seed):
    clips = clips_of(sizes)
    shuffled = random.Random(seed).sample(clips, len(clips))
    assert folds_of(clips, 2, seed) == folds_of(shuffled, 2, seed)


def test_a_new_draw_with_another_clip_moves_few():
    """Nothing is kept here: the names alone hold clips where they are."""
    moved = 0
    for seed in range(20):
        before = fold_of_clips(clips_of({"a": [1] * 20, "b": [1] * 20}), Folds(5), seed=seed)
        after = fold_of_clips(clips_of({"a": [1] * 21, "b": [1] * 20}), Folds(5), seed=seed)
        moved += sum(before[name] != after[name] for name in before)
    assert moved <= 60  # of 800


def test_other_seeds_draw_otherwise():
    clips = clips_of({"a": [1] * 9, "b": [1] * 9})
    assert len({tuple(fold_of_clips(clips, Folds(3), seed=s).values()) for s in range(5)}) == 5


def test_each_source_is_left_out_once_in_the_order_of_names():
    clips = clips_of({"a": [2] * 11, "b": [1, 1]})
    found = fold_of_clips(clips, Folds(leave_out="source"), seed=0)
    assert found["a/10-0"] == found["a/10-1"] == 11
    assert found["a/2-0"] == 3
    more = clips_of({"a": [2] * 12, "b": [1, 1]})
    assert fold_of_clips(more, Folds(leave_out="source"), seed=0, kept=found)["a/11-0"] == 14


@pytest.mark.parametrize(
    ("sizes", "folds", "told"),
    [
        ({"a": [1, 1], "b": [1]}, Folds(4), "--folds: expected 4 folds of at least one source"),
        ({"a": [1], "b": [1]}, Folds(2), "--folds: expected clips of at least 2 classes"),
        ({"a": [1] * 1001, "b": [1]}, Folds(leave_out="source"), "--leave-out: expected at most"),
    ],
)
def test_folds_that_cannot_be_made_are_refused(sizes, folds, told):
    with pytest.raises(TwostreamError, match=told):
        fold_of_clips(clips_of(sizes), folds, seed=0)


def test_a_number_of_folds_and_leave_out_are_two_ways():
    with pytest.raises(TwostreamError, match=r"--folds: expected .* found both"):
        Folds(3, "source")


def test_sides_that_are_no_folds():
    assert fold_of_sides(("train", "val", "test")) is None
    assert fold_of_sides(("test", "test")) is None


def test_the_pieces_of_one_recording_are_in_one_fold_by_any_spelling(make_source):
    names = [f"{c}/v_{c}_g{g:02d}_c01.avi" for c in "ab" for g in range(6)]
    source = make_source(*names, "b/v_A_g03_c09.avi")
    dataset = load_dataset(source, annotations=None, seed=0, folds=Folds(3))
    of_group = defaultdict(set)
    for clip in dataset.clips:
        of_group[clip.group].add(dataset.sides(clip.clip_id))
    assert all(len(found) == 1 for found in of_group.values())
    assert len(of_group) == 12
    assert dataset.n_splits == 3
    assert any("splits 1 to 3 are folds" in note for note in dataset.notes)


def test_folds_stand_above_the_split_that_a_source_gives(make_source):
    names = [f"{part}/{c}/{part}{k}.mp4" for part in ("train", "test") for c in "ab" for k in "12"]
    dataset = load_dataset(make_source(*names), annotations=None, seed=0, folds=Folds(2))
    assert dataset.n_splits == 2
    assert "the folds decide, not the source's split" in dataset.notes


def test_folds_and_annotations_contradict_each_other(make_source):
    with pytest.raises(TwostreamError, match=r"--annotations: .* found both"):
        load_dataset(make_source("a/1.avi", "b/1.avi"), annotations=Path(), seed=0, folds=Folds(2))


def test_a_limit_takes_clips_of_all_folds_and_a_greater_one_only_adds(make_source):
    source = make_source(*(f"{c}/{k}.avi" for c in "ab" for k in range(12)))

    def limited(limit):
        selection = Selection(limit=limit)
        return load_dataset(source, annotations=None, seed=0, folds=Folds(3), selection=selection)

    few, more = limited(6), limited(12)
    for name in "ab":
        tested = Counter(
            fold_of_sides(few.sides(c.clip_id)) for c in few.clips if c.class_name == name
        )
        assert tested == {1: 1, 2: 1, 3: 1}
    assert {c.clip_id: few.sides(c.clip_id) for c in few.clips}.items() <= {
        c.clip_id: more.sides(c.clip_id) for c in more.clips
    }.items()
