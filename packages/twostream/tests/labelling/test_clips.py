"""Labels become clips: subjects, two labels at once, moments, missing videos, one recording on one side."""

from __future__ import annotations

import pytest
from twostream.datasets.clips import Segment
from twostream.datasets.load import load_dataset
from twostream.errors import TwostreamError
from twostream.labelling.clips import scan_labels
from twostream.labelling.options import ClipLabelOptions
from twostream.labelling.segments import (
    FrameSpan,
    LabelledPoint,
    LabelledSegment,
    Labels,
    Told,
    VideoFacts,
)
from twostream.labelling.videos import VideoIndex


@pytest.fixture
def scan(tmp_path):
    for name in ("a.mp4", "b.mp4", "c.mp4"):
        (tmp_path / name).touch()

    def run(*segments, points=(), told=(), facts=None, **options):
        names = tuple(dict.fromkeys(one.video for one in (*segments, *points)))
        labels = Labels(("ELAN",), segments, tuple(points), (), tuple(told), names)
        index = VideoIndex(tmp_path)
        known = {tmp_path / name: one for name, one in (facts or {}).items()}
        return scan_labels(tmp_path / "x", labels, index, ClipLabelOptions(**options), known)[0]

    return run


def label(video, name, start, end, subject="", **more):
    return LabelledSegment(video, name, start, end, subject, **more)


def test_any_text_is_a_label_and_folders_are_made_safely(scan):
    names = ["drink: cup/glass?", "NUL", "wave", "Wave", "..", "a" * 300]
    found = scan(*(label("a.mp4", name, 2 * n, 2 * n + 1) for n, name in enumerate(names)))
    assert {clip.class_name for clip in found.clips} == set(names)
    assert "classes of their own, though spelled alike: 'Wave' and 'wave'" in found.notes
    folders = {clip.clip_id.partition("/")[0].casefold() for clip in found.clips}
    assert len(folders) == len(names)
    assert folders.isdisjoint({"nul", "..", "drink: cup"})


def test_two_labels_at_once_are_refused_with_the_way_out(scan):
    both = label("a.mp4", "run", 0, 5, "ann"), label("a.mp4", "walk", 4, 6, "bob")
    with pytest.raises(TwostreamError, match=r"one label at a time.*--subject each"):
        scan(*both)
    assert len(scan(*both, subject="each").clips) == 2
    with pytest.raises(TwostreamError, match=r"'run' of 'ann' 0 to 5 s.*--tier"):
        scan(both[0], label("a.mp4", "walk", 4, 6, "ann"), subject="each")
    three = *both, label("a.mp4", "jump", 8, 9, "ann")
    found = scan(*three, subject="ann")
    assert {clip.class_name for clip in found.clips} == {"run", "jump"}
    assert "1 of 'bob'" in " ".join(found.notes)
    with pytest.raises(TwostreamError, match="expected each, or subjects of the labels: ann, bob"):
        scan(*three, subject="carl")


def test_one_label_may_overlap_itself_and_neighbours_may_touch(scan):
    found = scan(
        label("a.mp4", "run", 0, 5), label("a.mp4", "run", 4, 6), label("a.mp4", "walk", 5.999, 8)
    )
    assert len(found.clips) == 3


def test_a_stretch_that_two_people_labelled_needs_a_choice(scan):
    one = label("a.mp4", "run", 0, 5, annotator="1"), label("a.mp4", "run", 0, 5, annotator="2")
    other = label("b.mp4", "walk", 0, 5, annotator="1")
    with pytest.raises(TwostreamError, match="--annotator 1"):
        scan(*one, other)
    assert len(scan(*one, other, annotator="1").clips) == 2


def test_two_files_about_one_stretch_are_those_of_two_people(scan):
    anna = label("a.mp4", "groom", 0, 5, file="anna.csv")
    bob = label("a.mp4", "groom", 1, 6, file="bob.csv")
    other = (
        label("b.mp4", "walk", 0, 5, file="bob.csv"),
        label("c.mp4", "walk", 0, 5, file="anna.csv"),
    )
    with pytest.raises(TwostreamError, match=r"labels of one person.*by anna.*--annotator anna"):
        scan(anna, bob, *other)
    for name in ("anna", "anna.csv"):
        assert len(scan(anna, bob, *other, annotator=name).clips) == 2
    with pytest.raises(TwostreamError, match="found annotators anna, bob"):
        scan(anna, bob, annotator="carl")
    # A folder for each person, whose names are one.
    some = [label("a.mp4", "groom", 0, 5, file=f"{who}/a.eaf") for who in ("ann", "bob")]
    with pytest.raises(TwostreamError, match="--annotator ann"):
        scan(*some, *other)
    assert (
        len(scan(*some, label("b.mp4", "walk", 0, 5, file="ann/b.eaf"), annotator="ann").clips) == 2
    )
    # The same person twice, as in a copy, is no less a doubling.
    again = [label("a.mp4", "groom", 0, 5, annotator="x", file=f"{n}.json") for n in (1, 2)]
    with pytest.raises(TwostreamError, match="--annotator 1"):
        scan(*again, *other)


def test_files_that_share_a_video_without_overlap_are_told(scan):
    found = scan(
        label("a.mp4", "groom", 0, 5, file="early.csv"),
        label("a.mp4", "walk", 5, 6, file="late.csv"),
    )
    assert len(found.clips) == 2
    assert any("1 x a video that several files label" in note for note in found.notes)
    left, right = (label("a.mp4", "run", 0, 5, who, file=f"{who}.csv") for who in ("l", "r"))
    assert len(scan(left, right, label("b.mp4", "walk", 0, 1), subject="each").clips) == 2


def test_moments_become_clips_where_that_is_asked_for(scan):
    points = [LabelledPoint("a.mp4", "clap", 4.0), LabelledPoint("a.mp4", "clap", 0.1)]
    found = scan(label("b.mp4", "run", 0, 5), label("b.mp4", "walk", 6, 7), points=points)
    assert sum("--point-seconds" in one.reason for one in found.problems) == 2
    found = scan(label("b.mp4", "run", 0, 5), points=points, point_seconds=1)
    spans = [clip.segment for clip in found.clips if clip.class_name == "clap"]
    assert spans == [Segment(0, 0.6), Segment(3.5, 4.5)]


def test_missing_videos_and_what_was_left_out_are_named(scan):
    told = [Told("ends before it starts", "", "a.mp4", "run", 3, 2)] * 2
    found = scan(
        label("a.mp4", "run", 0, 1),
        label("b.mp4", "walk", 0, 1),
        label("gone.mp4", "walk", 0, 1),
        label("a.mp4", "run", 99, 100),
        told=told,
        facts={"a.mp4": VideoFacts(25.0, 250, 10.0)},
    )
    assert len(found.clips) == 2
    assert "1 video not there, with 1 label: gone.mp4" in found.notes
    assert any("2 x ends before it starts" in note for note in found.notes)
    assert [one.source for one in found.problems] == ["a.mp4", "a.mp4", "a.mp4", "gone.mp4"]
    with pytest.raises(TwostreamError, match=r"found labels of gone\.mp4; there: a\.mp4"):
        scan(label("gone.mp4", "walk", 0, 1))
    with pytest.raises(TwostreamError, match="none is left: 2 x ends before"):
        scan(told=told)


def test_too_few_classes_are_refused_with_what_was_left_out(scan):
    told = [Told("ends before it starts", "", "a.mp4", "walk", 3, 2)] * 2
    some = (
        label("a.mp4", "run", 0, 1),
        label("gone.mp4", "jump", 0, 1),
        label("a.mp4", "sit", 2, 3, annotator="x"),
    )
    with pytest.raises(TwostreamError) as raised:
        scan(*some, told=told, annotator="x")
    for words in (
        "one class only, 'sit'",
        "2 x ends before it starts",
        "2 of 'nobody in particular'",
    ):
        assert words in str(raised.value)
    with pytest.raises(TwostreamError, match=r"1 video not there, with 1 label: gone\.mp4"):
        scan(*some[:2], told=told)
    with pytest.raises(TwostreamError, match=r"labels of gone.*left out besides: 2 x ends before"):
        scan(some[1], told=told)
    other = Told("a tier that --tier does not name", "tier 'x', 4", lost=False)
    with pytest.raises(TwostreamError, match=r"none is left: 1 x a tier that --tier does not name"):
        scan(told=[other])


def test_a_way_out_that_was_taken_is_not_advised(scan):
    both = label("a.mp4", "run", 0, 5), label("a.mp4", "walk", 4, 6)
    with pytest.raises(TwostreamError, match="name no subject, so that --subject cannot part them"):
        scan(*both, subject="each")


def test_frames_of_the_video_begin_in_the_middle_between_two(scan):
    span = FrameSpan(30, 60, 29.97)
    found = scan(
        label("a.mp4", "run", span.start_s, span.end_s, frames=span),
        label("b.mp4", "walk", 0, None),
        facts={"a.mp4": VideoFacts(30000 / 1001, 900, 30.03)},
    )
    run, walk = found.clips
    assert run.segment == Segment(round(29.5 * 1001 / 30000, 6), round(59.5 * 1001 / 30000, 6))
    assert walk.segment is None


def test_one_recording_is_on_one_side_however_it_is_spelled(tmp_path, scan):
    (tmp_path / "link.mp4").symlink_to(tmp_path / "a.mp4")
    segments = [
        label("a.mp4", "run", 0, 1),
        label("x\\A.MP4", "walk", 2, 3),
        label("link.mp4", "run", 4, 5),
        label("b.mp4", "run", 0, 1, recording="b+"),
        label("c.mp4", "walk", 0, 1, recording="b+"),
    ]
    found = scan(*segments)
    dataset = load_dataset(tmp_path / "x", annotations=None, seed=0, found=found)
    assert len({clip.group for clip in dataset.clips}) == 2
