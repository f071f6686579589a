"""Some classes, a few clips."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twostream.datasets.load import load_dataset
from twostream.datasets.selection import Selection, limit_clips, parse_classes
from twostream.errors import TwostreamError

NAMES = [f"{c}/v_{c}_g{g:02d}_c{n:02d}.avi" for c in "abc" for g in range(5) for n in range(2)]


def load(source, *, annotations=None, **selection):
    return load_dataset(source, annotations=annotations, seed=0, selection=Selection(**selection))


def test_only_the_chosen_classes(make_source):
    dataset = load(make_source(*NAMES), classes=("c", "A"))
    assert dataset.classes == ("a", "c")
    assert {clip.class_name for clip in dataset.clips} == {"a", "c"}
    assert "classes chosen: 2 of 3" in dataset.notes
    everything = load(make_source(*NAMES)).splits[1]
    assert dataset.splits[1].items() <= everything.items()


def test_a_class_is_chosen_in_any_form_of_unicode(make_source):
    source = make_source("cafe\u0301/1.avi", "b/2.avi", "c/3.avi")
    assert load(source, classes=("caf\u00e9", "b")).classes == ("b", "cafe\u0301")


def test_labels_keep_the_order_of_the_lists(make_source, make_lists):
    files = {"classInd.txt": "1 c\n2 b\n3 a\n", "trainlist01.txt": "\n".join(NAMES[::2])}
    lists = make_lists({**files, "testlist01.txt": "\n".join([*NAMES[1::2], "b/gone.avi"])})
    dataset = load(make_source(*NAMES), annotations=lists, classes=("a", "c"))
    assert dataset.classes == ("c", "a")
    assert dataset.problems == ()


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (("walk", "rum"), "found 'rum'; did you mean 'run'?"),
        (("WALK", "Run", "xyz"), "found 'xyz'; see the folder"),
        (("walk", "Walk"), "found only walk"),
    ],
)
def test_unknown_classes_name_the_nearest(make_source, wanted, said):
    with pytest.raises(TwostreamError) as caught:
        load(make_source("run/1.avi", "walk/2.avi", "wave/3.avi"), classes=wanted)
    assert said in str(caught.value)


def test_parsing_refuses_nothing_at_all():
    assert parse_classes(None) == ()
    with pytest.raises(TwostreamError, match="--classes"):
        parse_classes(" , ")


@given(limit=st.integers(3, 29), more=st.integers(0, 10))
def test_a_limit_takes_evenly_and_only_ever_adds(tmp_path_factory, limit, more):
    dataset = _dataset(tmp_path_factory)
    few, many = limit_clips(dataset, limit), limit_clips(dataset, limit + more)
    counts = Counter(clip.class_name for clip in few.clips)
    assert counts.total() == limit
    assert max(counts.values()) - min(counts.values()) <= 1
    assert set(few.clips) <= set(many.clips)
    assert few.splits[1].keys() == {clip.clip_id for clip in few.clips}
    assert few.splits[1].items() <= dataset.splits[1].items()
    if limit >= 6:
        per_side = Counter((c.class_name, few.splits[1][c.clip_id]) for c in few.clips)
        assert all(per_side[name, side] for name in "abc" for side in ("train", "test"))


def test_a_class_with_few_clips_leaves_its_turns_to_others(make_source):
    dataset = load(make_source(*NAMES, "d/1.avi", "d/2.avi"), limit=20)
    assert Counter(clip.class_name for clip in dataset.clips) == {"a": 6, "b": 6, "c": 6, "d": 2}
    assert "limited to 20 of 32 clips" in dataset.notes


def test_limits_that_change_nothing_or_leave_nothing(make_source):
    source = make_source(*NAMES)
    assert load(source, limit=30) == load(source)
    for limit in (0, 1, 2):
        with pytest.raises(TwostreamError, match="--limit"):
            load(source, limit=limit)


_CACHE = {}


def _dataset(tmp_path_factory):
    if not _CACHE:
        folder = tmp_path_factory.mktemp("limited")
        for name in NAMES:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).touch()
        _CACHE["dataset"] = load(folder)
    return _CACHE["dataset"]
