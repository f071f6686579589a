"""Label Studio: ticks, rates, people: bases, ends, offsets, versions, and what must be told."""

from __future__ import annotations

import json

import pytest
from label_files import reasons, segments, task
from twostream.errors import TwostreamError


class TestLabelStudio:
    def test_both_ends_are_inside_and_count_from_one(self, read):
        labels = read("l.json", [task((1, 1), (26, 50), fps=25)])
        assert [(s[2], s[3]) for s in segments(labels)] == [(0.0, 0.04), (1.0, 2.0)]

    def test_a_rate_below_one_is_seconds_a_frame(self, read, tmp_path):
        config = tmp_path / "config.xml"
        config.write_text('<View><Video value="$video" frameRate="0.5"/></View>')
        labels = read("l.json", [task((1, 4))], label_config=config)
        assert [(s[2], s[3]) for s in segments(labels)] == [(0.0, 2.0)]

    def test_an_assumed_rate_is_said_aloud(self, read):
        labels = read("l.json", [task((1, 24))])
        assert [(s[2], s[3]) for s in segments(labels)] == [(0.0, 1.0)]
        assert "24 a second was assumed" in labels.notes[0]

    def test_no_rate_is_assumed_where_seconds_are_counted(self, read):
        one = task()
        value = {"start": 2.5, "end": 3, "labels": ["clap"]}
        one["annotations"][0]["result"] = [{"type": "labels", "value": value}]
        labels = read("l.json", [one])
        assert segments(labels) == [("kitchen.mp4", "clap", 2.5, 3.0, "")]
        assert labels.notes == ()

    def test_the_short_form_and_regions_of_a_sound_track(self, read):
        row = {
            "id": 1,
            "annotation_id": 2,
            "annotator": 3,
            "fps": 10,
            "video": "s3://b/kitchen.mp4",
            "actions": [{"ranges": [{"start": 1, "end": 10}], "timelinelabels": ["wave"]}],
            "sound": [{"start": 2.5, "end": 3, "channel": 0, "labels": ["clap"]}],
        }
        assert segments(read("l.json", [row])) == [
            ("kitchen.mp4", "wave", 0.0, 1.0, ""),
            ("kitchen.mp4", "clap", 2.5, 3.0, ""),
        ]

    def test_other_regions_and_cancelled_ones_are_told(self, read):
        one = task((1, 2), fps=25)
        one["annotations"][0]["result"].append({"type": "choices", "value": {"choices": ["x"]}})
        one["annotations"].append({"was_cancelled": True, "result": [{}]})
        labels = read("l.json", [one])
        assert reasons(labels) == [
            "a region that is not of a time line",
            "a cancelled (skipped) annotation",
        ]

    def test_a_person_is_known_by_address_and_by_number(self, read):
        one = task((1, 25), fps=25)
        one["annotations"][0]["completed_by"] = {"id": 2, "email": "b@x.org"}
        people = [
            read("l.json", [one], annotator=name).segments[0].annotator for name in ("2", None)
        ]
        assert people == ["2", "b@x.org"]

    def test_a_cut_file_is_named_as_that(self, read):
        with pytest.raises(TwostreamError, match="cut off or damaged"):
            read("l.json", json.dumps([task((1, 2))])[:-30])
