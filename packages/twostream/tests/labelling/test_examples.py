"""Every example of another tool's file gives exactly the segments that stand beside it."""

from __future__ import annotations

import csv
from collections import defaultdict

import pytest
from twostream.labelling.options import LabelOptions
from twostream.labelling.reading import read_labels
from twostream.labelling.segments import VideoFacts

SAID = {
    "via3_project_options_two_videos.json": {"subject_from": "who"},
    "labelstudio_timeline_without_a_rate.json": {"label_rate": 24},
    "frame_by_frame_kitchen_15_a_second.txt": {"label_rate": 15},
    "frame_by_frame_without_last_newline.txt": {"label_rate": 25},
    "frame_by_frame_result_of_a_model.txt": {"label_rate": 15},
    "breakfast_coarse_segmentation.txt": {"label_rate": 15},
    "deepethogram_kitchen_labels.csv": {"label_rate": 25},
}
# What must be told: in the file, as words of the reason or the case.
TOLD = {
    "boris_unpaired_state_and_live_observation.boris": ("never stops", "watched live"),
    "elan_two_tiers_media_offset_open_slot_notes.eaf": ("remarks",),
    "labelstudio_timeline_rate_in_the_task.json": ("predictions", "cancelled"),
    "via3_project_options_two_videos.json": ("region of a picture", "ends before it starts"),
    "xanylabeling_video_classifier_kitchen.json": ("is empty",),
    "deepethogram_kitchen_labels.csv": ("not looked at",),
    "activitynet_database.json": ("ends before it starts", "cut at the end", "not public"),
    "thumos14/": ("Ambiguous",),
    "charades.csv": ("cut at the end", "no action at all"),
}


@pytest.fixture(scope="module")
def expected(annotations):
    rows = defaultdict(list)
    with (annotations / "expected.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            rows[row["file"]].append(row)
    return rows


def found(path, given, facts_of):
    whole = {"abcDEF12_-0", "-abcDEF1234"} if "whole videos" in given else set()

    def facts(video):
        return VideoFacts() if video in whole else facts_of(video)

    return read_labels(path, LabelOptions(**SAID.get(path.name, {})), facts)


def in_words(path, video):
    names_none = video in (path.stem, path.stem.removesuffix("_labels"))
    return "(given)" if names_none else video.rpartition("/")[2]


def seconds(value):
    return None if value in ("", None) else pytest.approx(float(value), abs=1e-9)


def test_every_example_gives_its_segments(annotations, expected, facts_of):
    assert len(expected) > 25
    for name, rows in expected.items():
        path = annotations / name
        for given in {row["given"] for row in rows if row["kind"] != "told"}:
            labels = found(path, given, facts_of)
            wanted = [row for row in rows if row["given"] == given]
            if given == "files are already cut":
                labels = type(labels)(**{**vars(labels), "segments": labels.segments[:1]})
            kind = {"segment": [], "point": [], "told": []}
            for row in wanted:
                kind[row["kind"]].append(row)
            by_time = sorted(labels.segments, key=lambda s: (s.video, s.start_s, s.label))
            rows_by_time = sorted(
                kind["segment"],
                key=lambda r: (r["video"], float(r["start_seconds"]), r["label"]),
            )
            video = "kitchen.mp4" if name.startswith("deepethogram") else None
            assert [
                (video or in_words(path, s.video), s.label, s.start_s, s.end_s, s.subject)
                for s in by_time
            ] == [
                (
                    r["video"],
                    r["label"],
                    seconds(r["start_seconds"]),
                    seconds(r["end_seconds"]),
                    r["subject"],
                )
                for r in rows_by_time
            ], name
            assert [(p.label, p.time_s) for p in labels.points] == [
                (row["label"], float(row["start_seconds"])) for row in kind["point"]
            ], name


def test_what_must_not_become_a_segment_is_told(annotations, facts_of):
    for name, words in TOLD.items():
        labels = found(annotations / name, "", facts_of)
        told = [f"{one.reason} {one.case}" for one in labels.told]
        for word in words:
            assert any(word in text for text in told), (name, word, told)
