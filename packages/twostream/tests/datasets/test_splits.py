from __future__ import annotations

import random
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twostream.datasets.clips import SourceClip
from twostream.datasets.load import load_dataset
from twostream.datasets.splits import (
    single_group_classes,
    stratified_group_split,
    validation_groups,
)
from twostream.errors import TwostreamError

FRACTIONS = st.floats(0.05, 0.95)
# Class -> sizes of its groups.
SIZES = st.dictionaries(
    st.sampled_from("abcde"), st.lists(st.integers(1, 9), min_size=1, max_size=8), max_size=4
)


def clips_of(sizes: dict[str, list[int]]) -> list[SourceClip]:
    return [
        SourceClip(f"{name}/{g}-{c}", name, Path(name, f"{g}-{c}"), "", f"{name}/{g}", None)
        for name, groups in sizes.items()
        for g, size in enumerate(groups)
        for c in range(size)
    ]


def best_distance(sizes: list[int], fraction: float) -> float:
    """How near `fraction` of the clips some, but not all, of the groups come: by trying all."""
    return min(
        abs(sum(chosen) - fraction * sum(sizes))
        for count in range(1, len(sizes))
        for chosen in combinations(sizes, count)
    )


@settings(deadline=None)
@given(sizes=SIZES, seed=st.integers(0, 99), fraction=FRACTIONS)
def test_groups_stay_whole_and_every_class_has_both_sides(sizes, seed, fraction):
    clips = clips_of(sizes)
    sides = stratified_group_split(clips, seed=seed, train_fraction=fraction)
    assert sides.keys() == {clip.clip_id for clip in clips}
    of_group = defaultdict(set)
    for clip in clips:
        of_group[clip.group].add(sides[clip.clip_id])
    assert all(len(found) == 1 for found in of_group.values())
    for name, groups in sizes.items():
        train = sum(sides[c.clip_id] == "train" for c in clips if c.class_name == name)
        if len(groups) == 1:
            assert train == groups[0]
        else:
            assert 0 < train < sum(groups)


def test_adding_a_clip_moves_no_other():
    """Of 20 and of 40 clips, with one more of either class, again and again."""
    for size in (10, 20):
        for seed in range(50):
            few = clips_of({"a": [1] * size, "b": [1] * size})
            more = clips_of({"a": [1] * (size + 1), "b": [1] * size})
            before = stratified_group_split(few, seed=seed)
            after = stratified_group_split(more, seed=seed)
            if (
                len({side for name, side in after.items() if name in before and name[0] == "a"})
                == 2
            ):
                assert before.items() <= after.items()


@given(sizes=SIZES, seed=st.integers(0, 99))
def test_what_was_kept_never_moves(sizes, seed):
    clips = clips_of(sizes)
    kept = {clip.clip_id: "test" for clip in clips[::3]}
    assert kept.items() <= stratified_group_split(clips, seed=seed, kept=kept).items()


@settings(deadline=None)
@given(sizes=SIZES, seed=st.integers(0, 99), shuffle=st.randoms(use_true_random=False))
def test_the_order_of_the_clips_does_not_matter(sizes, seed, shuffle):
    clips = clips_of(sizes)
    shuffled = list(clips)
    shuffle.shuffle(shuffled)
    first = stratified_group_split(clips, seed=seed)
    second = stratified_group_split(shuffled, seed=seed)
    assert list(first.items()) == list(second.items())


def test_a_class_is_split_alike_whatever_other_classes_there_are():
    both = stratified_group_split(clips_of({"a": [2] * 10, "b": [3] * 10}), seed=4)
    alone = stratified_group_split(clips_of({"b": [3] * 10}), seed=4)
    assert alone.items() <= both.items()


def test_the_seed_decides():
    clips = clips_of({"a": [1] * 20})
    splits = [tuple(stratified_group_split(clips, seed=seed).values()) for seed in range(10)]
    assert len(set(splits)) > 5


def test_about_seventy_thirty():
    sides = stratified_group_split(clips_of({"a": [1] * 1000, "b": [10] * 300}), seed=0)
    for name in "ab":
        of_class = [side for clip_id, side in sides.items() if clip_id.startswith(name)]
        assert of_class.count("train") == pytest.approx(0.7 * len(of_class), rel=0.1)


def test_classes_with_a_single_source_video_are_named():
    assert single_group_classes(clips_of({"b": [3], "a": [1, 1], "c": [1]})) == ("b", "c")


def test_large_classes_are_quick():
    sizes = [random.Random(0).randint(1, 40) for _ in range(1500)]
    sides = list(stratified_group_split(clips_of({"a": sizes}), seed=0).values())
    assert sides.count("train") == pytest.approx(0.7 * len(sides), rel=0.1)


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 1.5, float("nan")])
def test_a_fraction_out_of_range_is_an_error(fraction):
    with pytest.raises(TwostreamError, match="expected a number between 0 and 1"):
        stratified_group_split([], seed=0, train_fraction=fraction)
    with pytest.raises(TwostreamError, match="expected a number between 0 and 1"):
        validation_groups([], [], [], seed=0, fraction=fraction)


@settings(deadline=None)
@given(sizes=SIZES, seed=st.integers(0, 99), shuffle=st.randoms(use_true_random=False))
def test_validation_holds_out_whole_groups_of_every_class(sizes, seed, shuffle):
    clips = clips_of(sizes)
    shuffle.shuffle(clips)
    ids, groups = [clip.clip_id for clip in clips], [clip.group for clip in clips]
    labels = [ord(clip.class_name) for clip in clips]
    held_out = validation_groups(ids, labels, groups, seed=seed)
    if any(len(groups) < 2 for groups in sizes.values()):
        assert held_out == frozenset()
        return
    inside = {clip.group for clip in clips if clip.clip_id in held_out}
    assert held_out == {clip.clip_id for clip in clips if clip.group in inside}
    for name, group_sizes in sizes.items():
        held = sum(clip.clip_id in held_out for clip in clips if clip.class_name == name)
        assert 0 < held < sum(group_sizes)
        distance = abs(held - 0.15 * sum(group_sizes))
        assert distance == pytest.approx(best_distance(group_sizes, 0.15), abs=1e-6)
    order = sorted(range(len(clips)), key=lambda position: ids[position])
    again = [[values[p] for p in order] for values in (ids, labels, groups)]
    assert validation_groups(again[0], again[1], again[2], seed=seed) == held_out


def test_sequences_of_different_lengths_are_a_bug():
    with pytest.raises(ValueError, match="zip"):
        validation_groups(["a", "b"], [0], ["x", "y"], seed=0)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 6)), min_size=2, max_size=30),
    st.integers(0, 3),
)
def test_a_group_with_clips_of_several_classes_is_on_one_side(rows, seed):
    clips = [
        SourceClip(f"{name}/{k}", name, Path(str(k)), "", f"video {group}", None)
        for k, (name, group) in enumerate(rows)
    ]
    sides = stratified_group_split(clips, seed=seed)
    for group in {clip.group for clip in clips}:
        assert len({sides[clip.clip_id] for clip in clips if clip.group == group}) == 1
    held_out = validation_groups(
        [clip.clip_id for clip in clips],
        [ord(clip.class_name) for clip in clips],
        [clip.group for clip in clips],
        seed=seed,
    )
    for group in {clip.group for clip in clips}:
        assert len({clip.clip_id in held_out for clip in clips if clip.group == group}) == 1
    if held_out:
        for name in {clip.class_name for clip in clips}:
            of_class = {clip.clip_id for clip in clips if clip.class_name == name}
            assert of_class & held_out
            assert of_class - held_out


def test_parts_of_a_video_of_kinetics_are_of_one_source(make_source):
    """One video is shown under both labels, another under one."""
    names = [
        f"{label}/{video}_00001{k}_00002{k}.mp4"
        for label, videos in (("run", ("dQw4w9WgXcQ", "run-run-run")), ("walk", ("dQw4w9WgXcQ",)))
        for video in videos
        for k in (0, 5)
    ]
    clips = load_dataset(make_source(*names), annotations=None, seed=0).clips
    assert [clip.group for clip in clips] == [
        *["run/dQw4w9WgXcQ"] * 2,
        *["run/run-run-run"] * 2,
        *["run/dQw4w9WgXcQ"] * 2,
    ]


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("rec_part1", "rec_part2"), 1), (("a", "a_flip"), 1), (("a", "a_aug3"), 1),
        (("clip1", "clip2"), 0), (("a", "b_flip"), 0), (("x/a", "y/a"), 0),
    ],
)  # fmt: skip
def test_names_of_parts_and_copies_on_both_sides_are_told(make_source, names, told):
    source = make_source(*(f"{label}/{name}.mp4" for label in ("run", "walk") for name in names))
    notes = load_dataset(source, annotations=None, seed=0).notes
    found = [note for note in notes if "by the names of clips" in note]
    assert len(found) == told
    assert not told or f"run/{names[0]}.mp4" in found[0]
