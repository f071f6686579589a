from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twostream.datasets.background import LabelledVideo, note_on_unlabelled, with_background
from twostream.datasets.class_folders import Scan
from twostream.datasets.clips import Segment, SourceClip
from twostream.errors import TwostreamError


def clip(video, label, start, end, **more):
    path = Path(f"{video}.mp4")
    name = f"{label}/{video}__{start}-{end}"
    return SourceClip(name, label, path, path.name, video, None, Segment(start, end), **more)


def scan_of(*clips, sides=None):
    return Scan(clips, (), (), sides)


def video(name, length, *not_background):
    return LabelledVideo(Path(f"{name}.mp4"), f"{name}.mp4", length, 10.0, not_background)


SCAN = scan_of(clip("a", "run", 2, 4), clip("a", "walk", 6, 8), clip("b", "run", 0, 2))
VIDEOS = (video("a", 12.0, (10.0, 11.0)), video("b", 6.0))


def background(scan, videos=VIDEOS, asked="all"):
    found = with_background(scan, videos, asked=asked, named=Path("x"))
    return found, [one for one in found.clips if one.background]


def test_all_that_is_unlabelled_and_not_unsure_becomes_clips():
    found, clips = background(SCAN)
    spans = [(c.group, c.segment.start_seconds, c.segment.end_seconds) for c in clips]
    assert spans == [
        ("a", 0.0, 2.0),
        ("a", 4.0, 6.0),
        ("a", 8.0, 10.0),
        ("a", 11.0, 12.0),
        ("b", 2.0, 4.0),
        ("b", 4.0, 6.0),
    ]
    assert {c.class_name for c in clips} == {"background"}
    assert "6 clips" in found.notes[-1]
    assert "about 110 frames" in found.notes[-1]


def test_as_many_as_the_largest_class_or_as_asked_from_all_videos():
    assert len(background(SCAN, asked="largest")[1]) == 2
    assert {c.group for c in background(SCAN, asked="largest")[1]} == {"a", "b"}
    assert len(background(SCAN, asked="3")[1]) == 3
    found, clips = background(SCAN, asked="99")
    assert len(clips) == 6
    assert "no more that is unlabelled" in found.notes[-1]


def test_a_class_of_that_name_is_marked_and_filled_up():
    own = scan_of(*SCAN.clips, clip("b", "Background", 3, 4))
    _, clips = background(own, asked="largest")
    assert {c.class_name for c in clips} == {"Background"}
    assert len(clips) == 2


def test_they_are_on_the_side_of_their_video():
    sides = {c.clip_id: ("test" if c.group == "b" else "train") for c in SCAN.clips}
    found, clips = background(scan_of(*SCAN.clips, sides=sides))
    assert {(c.group, found.sides[c.clip_id]) for c in clips} == {("a", "train"), ("b", "test")}


def test_there_must_be_parts_of_videos_and_something_unlabelled():
    whole = SourceClip("run/a", "run", Path("a.mp4"), "a.mp4", "a", None)
    with pytest.raises(TwostreamError, match="parts of longer videos"):
        background(scan_of(whole))
    with pytest.raises(TwostreamError, match="some part is unlabelled"):
        background(scan_of(clip("a", "run", 0, 12)), [video("a", 12.0)])
    with pytest.raises(TwostreamError, match="no known length"):
        background(SCAN, [video("a", None)])


@given(
    st.lists(st.tuples(st.floats(0, 50), st.floats(0.1, 9)), min_size=1, max_size=8),
    st.floats(1, 60),
)
def test_background_never_meets_a_label(parts, length):
    labelled = [clip("a", "run", round(at, 3), round(at + long, 3)) for at, long in parts]
    try:
        _, clips = background(scan_of(*labelled), [video("a", length)])
    except TwostreamError:
        return
    for one in clips:
        start, end = one.segment.start_seconds, one.segment.end_seconds
        assert 0 <= start < end <= length + 1e-6
        for other in labelled:
            assert (
                end <= other.segment.start_seconds + 1e-6
                or start >= other.segment.end_seconds - 1e-6
            )


def test_who_makes_no_class_of_much_that_is_unlabelled_is_told():
    note = note_on_unlabelled(SCAN, VIDEOS)
    assert note is not None
    assert note.startswith("0.183 of 0.3 minutes are unlabelled")  # 11 of 18 seconds
    assert "--background largest" in note
    assert note_on_unlabelled(scan_of(clip("a", "run", 0, 10)), [video("a", 12.0)]) is None
    assert note_on_unlabelled(SCAN, [video("a", None)]) is None
