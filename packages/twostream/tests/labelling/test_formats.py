"""The other formats, how files are told apart, and what must be told."""

from __future__ import annotations

import pytest
from label_files import boris, eaf, reasons, segments, task, tier
from twostream.errors import TwostreamError
from twostream.labelling.options import LabelOptions
from twostream.labelling.reading import read_labels
from twostream.labelling.segments import VideoFacts


class TestOthers:
    def test_milliseconds_of_x_anylabeling(self, read):
        one = {"label": "a", "start_ms": 40, "end_ms": 25000, "start_frame": 9, "end_frame": 9}
        document = {"type": "video_classification", "version": "1.0.0", "video": "kitchen.mp4"}
        labels = read("x.json", {**document, "duration_ms": 20000, "segments": [one]})
        assert segments(labels) == [("kitchen.mp4", "a", 0.04, 20.0, "")]
        with pytest.raises(TwostreamError, match=r"found version 2\.0\.0"):
            read("x.json", {**document, "version": "2.0.0"})

    def test_the_sides_of_activitynet(self, read):
        one = {"annotations": [{"segment": [0, 1], "label": "a"}], "duration": 9}
        database = {"x": {**one, "subset": "training"}, "v_y": {**one, "subset": "validation"}}
        labels = read("a.json", {"database": database})
        assert [(s.video, s.side) for s in labels.segments] == [("v_x", "train"), ("v_y", "val")]

    def test_results_of_a_detector_are_no_labels_unless_asked_for(self, read):
        found = {"results": {"x": [{"label": "a", "score": 0.5, "segment": [1, 2]}]}}
        assert not read("a.json", found).segments
        assert segments(read("a.json", found, predictions=True)) == [("v_x", "a", 1.0, 2.0, "")]

    def test_frames_count_by_the_video_where_there_are_as_many(self, read):
        labels = read("kitchen.txt", "wave\n" * 250 + "SIL\n" * 250)
        assert segments(labels) == [("kitchen", "wave", 0.0, 10.0, "")]
        with pytest.raises(TwostreamError, match=r"15 labels a second.*--label-rate"):
            read("kitchen.txt", "wave\n" * 300)

    def test_numbers_of_classes_are_named_by_the_mapping(self, read, tmp_path):
        (tmp_path / "mapping.txt").write_text("0 background\n1 pour water\n")
        labels = read("kitchen.txt", "0\n0\n1\n1\n1\n", label_rate=1)
        assert segments(labels) == [("kitchen", "pour water", 2.0, 5.0, "")]

    def test_rows_that_nobody_looked_at_are_neither(self, read):
        text = ",background,wave\n" + "0,0,1\n" * 2 + "0,-1,-1\n" * 3 + "0,1,0\n"
        labels = read("kitchen_labels.csv", text)
        assert segments(labels) == [("kitchen", "wave", 0.0, 0.08, "")]
        assert [(s.start_s, s.end_s) for s in labels.unsure] == [(0.08, 0.2)]

    def test_kinetics_and_charades_and_epic(self, read):
        labels = read("k.csv", "label,youtube_id,time_start,time_end,split\n,abc,1,2,test\n")
        assert reasons(labels) == ["has no label"]
        text = "id,subject,scene,actions,length\nA,P,Kitchen,c001 1.0,9\n"
        assert reasons(read("c.csv", text)) == ["has no time that can be read"]
        text = (
            "participant_id,video_id,start_timestamp,stop_timestamp,verb,noun\n"
            "P1,P1_1,01:00:00.50,01:00:01.00,cut,onion\n"
        )
        labels = read("e.csv", text, attribute="action")
        assert segments(labels) == [("P1_1", "cut onion", 3600.5, 3601.0, "P1")]

    def test_something_something_of_both_versions(self, read):
        rows = [{"id": "1", "template": "Moving [something] up"}, {"id": "2"}]
        labels = read("s.json", rows)
        assert [(s.video, s.label, s.end_s) for s in labels.segments] == [
            ("1", "Moving something up", None)
        ]
        assert reasons(labels) == ["a row of the test part, which has no label"]
        labels = read("s.csv", "1;Moving something up\n2;Folding something\n")
        assert [s.video for s in labels.segments] == ["1", "2"]

    def test_audacity_and_tables_of_intervals(self, read):
        labels = read("kitchen.txt", "0.500000\t0.500000\tclap\n1.000000\t2.000000\t\n")
        assert [(p.label, p.time_s) for p in labels.points] == [("clap", 0.5)]
        assert reasons(labels) == ["has no label"]
        labels = read("t.csv", "source,start_s,end_s,label,score\na.mp4,1,2,wave,0.5\n")
        assert segments(labels) == [("a.mp4", "wave", 1.0, 2.0, "")]

    def test_thumos_lines_that_are_none_are_told(self, read):
        labels = read("Diving_test.txt", "v_1  1.2 3.4\nv_2 5\n")
        assert segments(labels) == [("v_1", "Diving", 1.2, 3.4, "")]
        assert reasons(labels) == ["has no time that can be read"]


def test_a_file_of_no_format_is_refused_with_those_that_are_known(read):
    for content in ("", "hello world, this is a note\n", b"\x00\x01\x02" * 50, "{}"):
        with pytest.raises(TwostreamError, match="labels in a known format: BORIS project"):
            read("x.json", content)


def test_a_table_without_known_columns_is_told_which_are_wanted(read):
    with pytest.raises(TwostreamError, match=r"'film', 'from'.*video, start_s, end_s and label"):
        read("t.csv", "film,from,to,what\na.mp4,1,2,run\n")


@pytest.mark.parametrize("column", ["annotator", "Observer", "coder", "rater"])
def test_a_table_may_say_who_labelled(read, column):
    labels = read("t.csv", f"video,start_s,end_s,label,{column}\na.mp4,1,2,run,ann\n")
    assert [one.annotator for one in labels.segments] == ["ann"]


def test_blanks_at_the_ends_of_labels_are_taken_off_and_told(read):
    value = {"start": 1, "end": 2, "labels": ["groom "]}
    one = task()
    one["annotations"][0]["result"] = [{"type": "labels", "value": value}]
    slots = {"a": 1000, "b": 2000, "c": 3000}
    elan = eaf(tier("t", ("1", "a", "b", "groom "), ("2", "b", "c", "groom")), slots=slots)
    database = {"x": {"annotations": [{"segment": [0, 1], "label": "groom "}]}}
    for name, content in (
        ("k.eaf", elan),
        ("t.csv", "video,start_s,end_s,label\na.mp4,1,2,groom \n"),
        ("l.json", [one]),
        ("a.json", {"database": database}),
    ):
        labels = read(name, content)
        assert {s.label for s in labels.segments} == {"groom"}
        assert reasons(labels) == ["has blanks at an end, which are no part of a label"]
        assert "'groom '" in labels.told[0].case


def test_a_folder_of_labels_tells_what_is_none(tmp_path, facts_of):
    (tmp_path / "a.txt").write_text("1.000000\t2.000000\twave\n")
    (tmp_path / "readme.md").write_text("about these labels, in words\n")
    (tmp_path / "kitchen.mp4").write_bytes(b"a video")
    labels = read_labels(tmp_path, LabelOptions(), facts_of)
    assert segments(labels) == [("a", "wave", 1.0, 2.0, "")]
    assert reasons(labels) == ["a file that is no labels of a known format"]


def test_labels_of_a_folder_tell_their_file_but_lists_of_one_class_do_not(tmp_path, facts_of):
    (tmp_path / "bob").mkdir()
    (tmp_path / "bob" / "a.txt").write_text("1.000000\t2.000000\twave\n3.000000\t3.000000\tclap\n")
    (tmp_path / "Diving_test.txt").write_text("v_1  1.2 3.4\n")
    labels = read_labels(tmp_path, LabelOptions(), facts_of)
    assert {(one.label, one.file) for one in (*labels.segments, *labels.points)} == {
        ("wave", "bob/a.txt"),
        ("clap", "bob/a.txt"),
        ("Diving", ""),
    }


def test_names_do_not_decide_what_content_does(read):
    labels = read("events.txt", boris([[1, "", "clap", "", ""]]))
    assert labels.formats == ("BORIS project",)


def test_labels_that_name_no_video_are_of_the_only_one(tmp_path):
    path = tmp_path / "labels.txt"
    path.write_text("1.000000\t2.000000\twave\n")
    labels = read_labels(path, only_video="film.mp4", facts_of=lambda video: None)
    assert segments(labels) == [("film.mp4", "wave", 1.0, 2.0, "")]
    assert VideoFacts() == VideoFacts(None, None, None)
