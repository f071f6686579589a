"""What we write has the form of the examples that each tool opened: the same keys, tags and attributes."""

from __future__ import annotations

import csv
import json
from xml.etree import ElementTree

import pytest
from twostream.labelling.options import LabelOptions
from twostream.labelling.reading import read_labels
from twostream.labelling.segments import VideoFacts
from twostream.labelling.writers.written import WrittenSegment, WrittenVideo
from twostream.labelling.writing import write_labels

KITCHEN = WrittenVideo("kitchen.mp4", 25.0, 500, 20.0, 320, 240)
# What may be added or left out: digests of ours, what the example's writer chose.
OURS = {("HEADER", "PROPERTY"), ("PROPERTY", "@NAME")}


@pytest.fixture(scope="module")
def timeline(annotations):
    with (annotations / "written" / "timeline.csv").open(newline="") as file:
        return [
            WrittenSegment(
                row["label"],
                float(row["start_seconds"]),
                float(row["end_seconds"]),
                float(row["score"]),
                row["subject"],
            )
            for row in csv.DictReader(file)
        ]


def shape(value, at=()):
    """Key paths of JSON; numbers and names of entries stand for any."""
    if isinstance(value, dict):
        for key, below in value.items():
            name = "*" if key.isdecimal() or "_" in key[:3] or "kitchen" in key else key
            yield (*at, name)
            yield from shape(below, (*at, name))
    elif isinstance(value, list):
        for below in value:
            yield from shape(below, (*at, "[]"))
    else:
        yield (*at, "number" if isinstance(value, int | float) else type(value).__name__)


def tags(path):
    root = ElementTree.parse(path).getroot()
    found = set()
    for one in root.iter():
        found |= {(one.tag, f"@{name}") for name in one.attrib}
        found |= {(one.tag, below.tag) for below in one}
    return found


@pytest.mark.parametrize(
    ("to", "example"),
    [
        ("boris", "timeline.boris"),
        ("via", "timeline_via3.json"),
        ("x-anylabeling", "kitchen_xanylabeling.json"),
        ("activitynet", "timeline_activitynet_results.json"),
        ("label-studio", "timeline_labelstudio_predictions.json"),
    ],
)
def test_the_keys_of_json(annotations, timeline, tmp_path, to, example):
    path = tmp_path / "ours.json"
    write_labels(path, timeline, to, KITCHEN)
    theirs = set(shape(json.loads((annotations / "written" / example).read_text())))
    ours = set(shape(json.loads(path.read_text())))
    assert {one for one in ours if one[:2] != ("external_data", "twostream")} == theirs


@pytest.mark.parametrize(
    ("to", "example"), [("elan", "timeline.eaf"), ("cvat", "timeline_cvat.xml")]
)
def test_the_tags_of_xml(annotations, timeline, tmp_path, to, example):
    path = tmp_path / "ours.xml"
    write_labels(path, timeline, to, KITCHEN)
    ours, theirs = tags(path), tags(annotations / "written" / example)
    # Types and constraints that the example has and nothing uses.
    unused = {pair for pair in theirs if pair[0] in ("CONSTRAINT", "LINGUISTIC_TYPE")}
    unused.add(("ANNOTATION_DOCUMENT", "CONSTRAINT"))
    assert ours - OURS <= theirs
    assert theirs - unused <= ours


@pytest.mark.parametrize(
    ("to", "example"),
    [
        ("webvtt", "timeline.vtt"),
        ("srt", "timeline.srt"),
        ("audacity", "timeline_audacity.txt"),
        ("deepethogram", "kitchen_labels_deepethogram.csv"),
    ],
)
def test_texts_are_the_same(annotations, timeline, tmp_path, to, example):
    path = tmp_path / "ours.txt"
    write_labels(path, timeline, to, KITCHEN)
    assert path.read_text().split("\n") == (annotations / "written" / example).read_text().split(
        "\n"
    )


def test_both_are_read_alike(annotations, timeline, tmp_path):
    facts = VideoFacts(25.0, 500, 20.0)
    options = LabelOptions(predictions=True)
    for to, example in (
        ("boris", "timeline.boris"),
        ("elan", "timeline.eaf"),
        ("cvat", "timeline_cvat.xml"),
        ("via", "timeline_via3.json"),
        ("x-anylabeling", "kitchen_xanylabeling.json"),
        ("activitynet", "timeline_activitynet_results.json"),
        ("label-studio", "timeline_labelstudio_predictions.json"),
    ):
        path = tmp_path / example
        write_labels(path, timeline, to, KITCHEN)
        ours, theirs = (
            sorted(
                (s.label, s.start_s, s.end_s, s.subject)
                for s in read_labels(one, options, lambda video: facts).segments
            )
            for one in (path, annotations / "written" / example)
        )
        assert ours == theirs, to
