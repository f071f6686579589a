"""What is written is read back as it was, to the format's own resolution, and what was there stays."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twostream.errors import TwostreamError
from twostream.labelling.options import LabelOptions
from twostream.labelling.reading import read_labels
from twostream.labelling.segments import VideoFacts
from twostream.labelling.writers.written import WrittenSegment, WrittenVideo
from twostream.labelling.writing import TARGETS, file_name, write_labels

KITCHEN = WrittenVideo("kitchen.mp4", 25.0, 500, 20.0, 320, 240)
SEGMENTS = [
    WrittenSegment("wave", 0.0, 2.4, 0.91, "left person"),
    WrittenSegment("walk & talk", 1.0, 4.0, 0.8, "right person"),
    WrittenSegment("wave", 1.0, 3.0, 0.55, "right person"),
    WrittenSegment("{x} = [#1]; a --> b", 12.0, 13.0, 0.4),
]
# Formats in which subjects have no place.
NO_SUBJECT = {
    *("cvat", "activitynet", "frame-by-frame", "deepethogram", "via", "x-anylabeling"),
    *("webvtt", "srt", "audacity"),
}
READ_BACK = [name for name in TARGETS if name not in ("webvtt", "srt")]
FACTS = {"kitchen": VideoFacts(25.0, 500, 20.0)}


def read_back(path, to, fps=25.0):
    facts = VideoFacts(fps, 500, 500 / fps)
    options = LabelOptions(predictions=True)
    names = ("kitchen", "kitchen.mp4", "v_kitchen", "kitchen_labels")
    return read_labels(path, options, lambda video: facts if video in names else None)


def spans(segments, to):
    return sorted(
        (round(s.start_s, 6), round(s.end_s, 6), s.label, "" if to in NO_SUBJECT else s.subject)
        for s in segments
    )


@pytest.mark.parametrize("to", READ_BACK)
def test_each_format_is_read_back(tmp_path, to):
    path = tmp_path / file_name(KITCHEN, to)
    write_labels(path, SEGMENTS, to, KITCHEN)
    labels = read_back(path, to)
    assert not [one for one in labels.told if one.lost]
    if to == "frame-by-frame":
        assert [(s.start_s, s.end_s, s.label) for s in labels.segments] == [
            (0.0, 2.4, "wave"),
            (2.4, 4.0, "walk_&_talk"),
            (12.0, 13.0, "{x}_=_[#1];_a_-->_b"),
        ]
    elif to == "deepethogram":  # one column a label, so that what overlaps is one
        assert spans(labels.segments, to)[0] == (0.0, 3.0, "wave", "")
    else:
        assert spans(labels.segments, to) == spans(SEGMENTS, to)


@pytest.mark.parametrize("to", ["label-studio", "cvat", "elan", "boris", "via", "x-anylabeling"])
@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(st.integers(0, 480), st.integers(1, 20), st.sampled_from("ab")),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([25.0, 30000 / 1001, 12.5, 60.0]),
)
def test_frames_come_back_frame_for_frame(to, found, fps):
    import tempfile

    video = WrittenVideo("kitchen.mp4", fps, 500, 500 / fps, 8, 8)
    segments = [
        WrittenSegment(label, first / fps, (first + count) / fps, 0.5, str(n))
        for n, (first, count, label) in enumerate(found)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file_name(video, to)
        write_labels(path, segments, to, video)
        labels = read_back(path, to, fps)

    def frames(s):
        return (round(s.start_s * fps), round(s.end_s * fps), s.label)

    # Two tracks that are alike are one track.
    unique = set if to in ("cvat", "via", "x-anylabeling") else sorted
    assert unique(map(frames, labels.segments)) == unique(map(frames, segments))


@pytest.mark.parametrize("to", TARGETS)
def test_the_same_again_is_the_same_file(tmp_path, to):
    path = tmp_path / file_name(KITCHEN, to)
    write_labels(path, SEGMENTS, to, KITCHEN)
    before = path.read_text()
    write_labels(path, SEGMENTS, to, KITCHEN)
    assert path.read_text() == before


MERGING = [
    name
    for name in TARGETS
    if name not in ("webvtt", "srt", "audacity", "frame-by-frame", "deepethogram")
]


@pytest.mark.parametrize("to", [name for name in TARGETS if name not in MERGING])
def test_where_nothing_tells_whose_a_label_is_nothing_is_replaced(tmp_path, to):
    path = tmp_path / file_name(KITCHEN, to)
    path.write_text("a person's labels\n")
    with pytest.raises(TwostreamError, match="nothing tells what a person corrected"):
        write_labels(path, SEGMENTS, to, KITCHEN)
    assert path.read_text() == "a person's labels\n"


@pytest.mark.parametrize("to", MERGING)
def test_a_file_of_another_format_is_never_replaced(tmp_path, to):
    for content in ("a person's notes\n", '{"some": "JSON"}', "<other/>", '[{"a": 1}]'):
        path = tmp_path / file_name(KITCHEN, to)
        path.write_text(content)
        with pytest.raises(TwostreamError):
            write_labels(path, SEGMENTS, to, KITCHEN)
        assert path.read_text() == content


def changed(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("to", "old", "new"),
    [
        ("elan", 'TIME_VALUE="12000"', 'TIME_VALUE="12500"'),
        ("via", "12.0,\n    13.0", "12.5,\n    13.0"),
        ("x-anylabeling", '"start_ms": 12000', '"start_ms": 12500'),
        ("cvat", 'frame="300"', 'frame="312"'),
    ],
)
def test_what_a_person_corrected_stays_when_we_write_again(tmp_path, to, old, new):
    path = tmp_path / file_name(KITCHEN, to)
    write_labels(path, SEGMENTS[3:], to, KITCHEN)
    changed(path, old, new)
    write_labels(path, [WrittenSegment("other", 1, 2, 0.5)], to, KITCHEN)
    labels = read_back(path, to)
    corrected = [s for s in labels.segments if s.label == SEGMENTS[3].label]
    assert [round(s.start_s, 2) for s in corrected] in ([12.5], [12.48])
    assert [s.label for s in labels.segments if s.label == "other"] == ["other"]


def test_predictions_that_nobody_changed_are_told_when_they_are_read(tmp_path):
    for to, old, new in (
        ("elan", 'TIME_VALUE="12000"', 'TIME_VALUE="12500"'),
        ("boris", "12.0", "12.5"),
        ("via", "12.0,\n    13.0", "12.5,\n    13.0"),
        ("x-anylabeling", '"start_ms": 12000', '"start_ms": 12500'),
    ):
        path = tmp_path / f"{to}.{file_name(KITCHEN, to)}"
        write_labels(path, SEGMENTS[3:], to, KITCHEN)
        (told,) = read_back(path, to).told
        assert "nobody has changed" in told.reason
        assert not told.lost
        changed(path, old, new)
        assert read_back(path, to).told == ()


def test_what_nobody_changed_makes_room(tmp_path):
    for to in ("elan", "boris", "via", "x-anylabeling", "label-studio", "activitynet"):
        path = tmp_path / f"{to}.{file_name(KITCHEN, to)}"
        write_labels(path, SEGMENTS, to, KITCHEN)
        write_labels(path, SEGMENTS[3:], to, KITCHEN)
        assert spans(read_back(path, to).segments, to) == spans(SEGMENTS[3:], to)


def test_people_and_other_videos_are_kept_in_projects(tmp_path):
    path = tmp_path / "tasks.json"
    mine = {"id": 5, "result": [], "was_cancelled": False}
    task = {"data": {"video": "/data/upload/1/0a1b2c3d-kitchen.mp4", "fps": 10}}
    theirs = {"model_version": "other", "result": []}
    path.write_text(json.dumps([{**task, "annotations": [mine], "predictions": [theirs]}]))
    notes = write_labels(path, SEGMENTS, "label-studio", KITCHEN)
    (written,) = json.loads(path.read_text())
    assert written["annotations"] == [mine]
    assert written["predictions"][0] == theirs
    # By the rate that the task says.
    assert written["predictions"][1]["result"][0]["value"]["ranges"] == [{"start": 1, "end": 24}]
    assert "2 annotations and predictions of others were kept" in notes
    assert "walk &amp; talk" in (tmp_path / "tasks_config.xml").read_text()
    for to in ("boris", "via", "activitynet", "label-studio"):
        path = tmp_path / f"{to}.txt"
        write_labels(path, SEGMENTS[:1], to, KITCHEN)
        other = WrittenVideo("garden.mp4", 25.0, 100, 4.0)
        write_labels(path, SEGMENTS[:1], to, other)
        videos = {s.video for s in read_back(path, to).segments}
        assert {video.removeprefix("v_").removesuffix(".mp4") for video in videos} == {
            "kitchen",
            "garden",
        }


def test_an_observation_that_was_corrected_stays_beside_the_new_one(tmp_path):
    path = tmp_path / "p.boris"
    write_labels(path, SEGMENTS[3:], "boris", KITCHEN)
    changed(path, "12.0", "12.5")
    notes = write_labels(path, SEGMENTS[3:], "boris", KITCHEN)
    names = list(json.loads(path.read_text())["observations"])
    assert names == ["kitchen predicted", "kitchen predicted 2"]
    assert "1 observation kept" in notes


def test_tiers_of_people_and_the_origin_of_the_medium(tmp_path):
    path = tmp_path / "kitchen.eaf"
    path.write_text(
        '<ANNOTATION_DOCUMENT FORMAT="3.0" VERSION="3.0"><HEADER TIME_UNITS="milliseconds">'
        '<MEDIA_DESCRIPTOR MEDIA_URL="file:///x/Kitchen.mp4" TIME_ORIGIN="500"/></HEADER>'
        '<TIME_ORDER><TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="1000"/>'
        '<TIME_SLOT TIME_SLOT_ID="ts2" TIME_VALUE="2000"/></TIME_ORDER>'
        '<TIER TIER_ID="mine"><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" '
        'TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2"><ANNOTATION_VALUE>sit</ANNOTATION_VALUE>'
        "</ALIGNABLE_ANNOTATION></ANNOTATION></TIER></ANNOTATION_DOCUMENT>"
    )
    before = WrittenSegment("wave", 0.0, 0.4)
    notes = write_labels(path, [before, *SEGMENTS[:1]], "elan", KITCHEN)
    # The file begins half a second into the video, and ELAN's schema has no time before its zero.
    assert 'TIME_VALUE="-' not in path.read_text()
    assert "1 segment before the beginning of the file left out" in notes
    assert "1 segment cut at the beginning of the file" in notes
    labels = read_back(path, "elan")
    assert [(s.label, s.start_s, s.end_s) for s in labels.segments] == [
        ("sit", 1.5, 2.5),
        ("wave", 0.5, 2.4),
    ]
    with pytest.raises(TwostreamError, match=r"expected a file about garden\.mp4"):
        write_labels(path, SEGMENTS, "elan", WrittenVideo("garden.mp4", 25.0))


def test_what_is_written_is_valid_by_elans_own_schema(tmp_path):
    """With EAFv3.0.xsd of ELAN's sources, which is not ours to bring along, and lxml."""
    schema = os.environ.get("TWOSTREAM_EAF_SCHEMA")
    if schema is None:
        pytest.skip("TWOSTREAM_EAF_SCHEMA names no EAFv3.0.xsd")
    etree = pytest.importorskip("lxml.etree")
    path = tmp_path / "kitchen.eaf"
    for segments in (SEGMENTS, SEGMENTS[:1]):
        write_labels(path, segments, "elan", KITCHEN)
        etree.XMLSchema(etree.parse(schema)).assertValid(etree.parse(path))


@pytest.mark.parametrize("rule", ["step=5", "step = 5"])
def test_a_task_of_every_fifth_frame_gets_frames_that_it_has(tmp_path, rule):
    path = tmp_path / "c.xml"
    write_labels(path, [], "cvat", KITCHEN)
    changed(path, "<start_frame>0</start_frame>", "<start_frame>100</start_frame>")
    changed(path, "<frame_filter />", f"<frame_filter>{rule}</frame_filter>")
    notes = write_labels(path, [WrittenSegment("wave", 5.05, 6.09)], "cvat", KITCHEN)
    assert 'frame="125"' in path.read_text()
    assert 'frame="150"' in path.read_text()
    assert "frames of 25 a second, every 5th" in notes


def test_subtitles(tmp_path):
    write_labels(tmp_path / "k.vtt", SEGMENTS[3:], "webvtt", KITCHEN)
    write_labels(tmp_path / "k.srt", SEGMENTS[3:], "srt", KITCHEN)
    assert (tmp_path / "k.vtt").read_text() == (
        "WEBVTT\n\n00:00:12.000 --> 00:00:13.000\n{x} = [#1]; a --&gt; b\n"
    )
    assert (tmp_path / "k.srt").read_text() == (
        "1\n00:00:12,000 --> 00:00:13,000\n{x} = [#1]; a --> b\n"
    )


@pytest.mark.slow
def test_the_tools_own_readers(tmp_path):
    pympi = pytest.importorskip("pympi")
    webvtt = pytest.importorskip("webvtt")
    pysubs2 = pytest.importorskip("pysubs2")
    for to in ("elan", "webvtt", "srt"):
        write_labels(tmp_path / file_name(KITCHEN, to), SEGMENTS, to, KITCHEN)
    eaf = pympi.Elan.Eaf(str(tmp_path / "kitchen.eaf"))
    found = [
        row[:3] for name in eaf.get_tier_names() for row in eaf.get_annotation_data_for_tier(name)
    ]
    assert sorted(found) == sorted(
        (round(s.start_s * 1000), round(s.end_s * 1000), s.label) for s in SEGMENTS
    )
    ordered = sorted(SEGMENTS, key=lambda s: (s.start_s, s.end_s, s.label))
    cues = webvtt.read(str(tmp_path / "kitchen.vtt"))
    assert [cue.start[-6:] for cue in cues] == [f"{s.start_s:06.3f}" for s in ordered]
    lines = pysubs2.load(str(tmp_path / "kitchen.srt"))
    times = [(round(s.start_s * 1000), round(s.end_s * 1000)) for s in ordered]
    assert [(line.start, line.end) for line in lines] == times


@pytest.mark.slow
def test_label_studios_own_check_of_predictions(tmp_path):
    sdk = pytest.importorskip("label_studio_sdk.label_interface")
    write_labels(tmp_path / "tasks.json", SEGMENTS, "label-studio", KITCHEN)
    (task,) = json.loads((tmp_path / "tasks.json").read_text())
    (prediction,) = task["predictions"]
    interface = sdk.LabelInterface((tmp_path / "tasks_config.xml").read_text())
    assert interface.validate_prediction(prediction)
    prediction["result"][0]["value"]["timelinelabels"] = ["a label that the configuration lacks"]
    assert not interface.validate_prediction(prediction)


@pytest.mark.parametrize(
    "to", ["boris", "cvat", "label-studio", "via", "x-anylabeling", "deepethogram"]
)
def test_what_was_missed_can_be_chosen_in_the_tool(tmp_path, to):
    path = tmp_path / file_name(KITCHEN, to)
    write_labels(path, SEGMENTS[:1], to, replace(KITCHEN, labels=("sit still", "wave")))
    beside = tmp_path / "kitchen_config.xml"
    assert "sit still" in (beside if beside.is_file() else path).read_text()
    assert [s.label for s in read_back(path, to).segments] == ["wave"]


def test_predictions_have_the_tags_of_the_project_that_its_tasks_come_from(tmp_path):
    path = tmp_path / "tasks.json"
    value = {"ranges": [{"start": 1, "end": 2}], "timelinelabels": ["sit"]}
    mine = {"type": "timelinelabels", "from_name": "tl", "to_name": "v", "value": value}
    task = {"data": {"video": "kitchen.mp4", "fps": "25/1"}, "annotations": [{"result": [mine]}]}
    path.write_text(json.dumps([task]))
    write_labels(path, SEGMENTS[:1], "label-studio", KITCHEN)
    (written,) = json.loads(path.read_text())
    (region,) = written["predictions"][0]["result"]
    assert (region["from_name"], region["to_name"]) == ("tl", "v")
    assert written["data"]["fps"] == "25/1"


def test_intervals_of_what_is_a_point_event_in_the_project_are_told(tmp_path):
    path = tmp_path / "p.boris"
    write_labels(path, SEGMENTS[:1], "boris", KITCHEN)
    changed(path, '"State event"', '"Point event"')
    notes = write_labels(path, SEGMENTS[:1], "boris", KITCHEN)
    assert "point events in this project, where intervals need state events: wave" in notes


@pytest.mark.parametrize("url", ["file:///C:/x/K%C3%BCche%201.mp4", "./Ku\u0308che 1.MP4"])
def test_the_video_of_an_eaf_is_known_however_its_address_is_written(tmp_path, url):
    path = tmp_path / "k.eaf"
    path.write_text(
        '<ANNOTATION_DOCUMENT FORMAT="3.0"><HEADER TIME_UNITS="milliseconds"><MEDIA_DESCRIPTOR '
        f'MEDIA_URL="{url}" TIME_ORIGIN="500"/></HEADER><TIME_ORDER/></ANNOTATION_DOCUMENT>',
        encoding="utf-8",
    )
    write_labels(path, SEGMENTS[3:], "elan", replace(KITCHEN, name="Küche 1.mp4"))
    assert 'TIME_VALUE="11500"' in path.read_text()
