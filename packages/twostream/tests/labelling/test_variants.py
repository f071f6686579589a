"""Forms that tools write beside the usual ones: several files in one, packed, blank lines, other rates."""

from __future__ import annotations

import gzip
import json

import pytest
from label_files import boris, cvat, eaf, reasons, segments, task, tier, track
from twostream.errors import TwostreamError
from twostream.labelling.reading import read_labels
from twostream.labelling.writers.written import WrittenSegment, WrittenVideo
from twostream.labelling.writing import write_labels


class TestElanTextOfSeveralFiles:
    """ELAN exports several files as one text, with the name of the annotation file in a column."""

    def test_lines_without_a_header_are_of_the_file_that_they_name(self, read):
        text = (
            "t\tann\t1.000\t4.000\t3.000\tcook\tkitchen.eaf\n"
            "t\tann\t2.500\t7.000\t4.500\twalk\tgarden_side.eaf\n"
        )
        assert segments(read("all.txt", text)) == [
            ("kitchen", "cook", 1.0, 4.0, "ann"),
            ("garden_side", "walk", 2.5, 7.0, "ann"),
        ]

    def test_so_are_those_below_a_header(self, read):
        text = (
            "Begin Time - msec\tEnd Time - msec\tt\tFile Name\n"
            "1000\t4000\tcook\tkitchen.eaf\n2500\t7000\twalk\tgarden_side.eaf\n"
        )
        assert [s[:2] for s in segments(read("all.txt", text))] == [
            ("kitchen", "cook"),
            ("garden_side", "walk"),
        ]

    def test_one_file_that_is_called_otherwise_than_its_video_is_of_the_video_given(self, read):
        text = "t\tann\t1.000\t4.000\t3.000\tcook\tmonday.eaf\n" * 2
        assert {s[0] for s in segments(read("kitchen.txt", text))} == {"kitchen"}
        assert {s[0] for s in segments(read("all.txt", text))} == {"monday"}


class TestFrameByFrame:
    def test_a_blank_line_is_a_frame_without_a_label(self, read):
        labels = read("kitchen.txt", "wave\nwave\n\n\nwalk\nwalk\n\n\n", label_rate=1)
        assert segments(labels) == [
            ("kitchen", "wave", 0.0, 2.0, ""),
            ("kitchen", "walk", 4.0, 6.0, ""),
        ]
        assert reasons(labels) == ["a blank line is a frame without a label"]

    def test_line_ends_and_marks_of_windows_change_nothing(self, read):
        text = "wave\r\nwave\r\nwalk\r\nwalk\r\n".encode("utf-8-sig")
        labels = read("kitchen.txt", text, label_rate=1)
        assert [s[1:4] for s in segments(labels)] == [("wave", 0.0, 2.0), ("walk", 2.0, 4.0)]

    @pytest.mark.parametrize("index", ["Unnamed: 0", "index", "frame"])
    def test_a_table_that_pandas_wrote_back_is_one_of_deepethogram(self, read, index):
        labels = read("kitchen_labels.csv", f"{index},background,wave\n0,1,0\n1,0,1\n2,0,1\n")
        assert segments(labels) == [("kitchen", "wave", 0.04, 0.12, "")]


class TestRates:
    @pytest.mark.parametrize("rate", ["30000/1001", 30000 / 1001, "29.97002997002997"])
    def test_a_fraction_is_a_rate_in_a_task(self, read, rate):
        ((_, _, start, end, _),) = segments(read("t.json", [task((31, 60), fps=rate)]))
        assert (start, end) == pytest.approx((1.001, 2.002))

    def test_and_in_the_configuration(self, read, tmp_path):
        config = tmp_path / "config.xml"
        config.write_text('<View><Video value="$video" frameRate="60000/1001"/></View>')
        labels = read("t.json", [task((61, 120))], label_config=config)
        assert segments(labels)[0][2:4] == pytest.approx((1.001, 2.002))


class TestLabelStudioStorage:
    def test_an_annotation_with_its_task_in_it(self, read):
        whole = task((1, 25), fps=25)
        (annotation,) = whole.pop("annotations")
        one = {**annotation, "completed_by": {"email": "ann@x.y"}, "task": whole}
        labels = read("1.json", one)
        assert segments(labels) == [("kitchen.mp4", "wave", 0.0, 1.0, "")]
        assert labels.segments[0].annotator == "ann@x.y"

    def test_one_task_alone(self, read):
        assert len(read("1.json", task((1, 25), fps=25)).segments) == 1


class TestPackedProjects:
    """BORIS keeps projects as ``.boris.gz``, too."""

    def test_they_are_read(self, read):
        project = boris([[1.0, "", "wave", "", ""], [2.0, "", "wave", "", ""]])
        labels = read("k.boris.gz", gzip.compress(json.dumps(project).encode()))
        assert segments(labels) == [("kitchen.mp4", "wave", 1.0, 2.0, "")]

    def test_and_written(self, tmp_path):
        target = tmp_path / "k.boris.gz"
        for label in ("wave", "walk"):
            video = WrittenVideo("kitchen.mp4", 25.0, 500, 20.0)
            write_labels(target, [WrittenSegment(label, 1, 2)], "boris", video)
        assert "observations" in json.loads(gzip.decompress(target.read_bytes()))
        assert [s.label for s in read_labels(target).segments] == ["walk"]

    def test_one_that_is_cut_off_is_told(self, read):
        packed = gzip.compress(
            json.dumps(boris([[k, "", "wave", "", ""] for k in range(999)])).encode()
        )
        with pytest.raises(TwostreamError, match="a whole compressed file"):
            read("k.boris.gz", packed[:-40])


def test_a_track_that_is_nowhere_is_told(read):
    labels = read(
        "c.xml", cvat(track("walk", (3, 1), (9, 1)) + track("wave", (3, 1), (4, 0), (6, 1)))
    )
    assert segments(labels) == [("kitchen.mp4", "wave", 0.16, 0.24, "")]
    assert reasons(labels) == ["is a track that is outside in all of its frames"]


def test_what_is_no_utf_8_is_said_in_every_format(read):
    labels = read("k.csv", "video;start_s;end_s;label\na.mp4;1,5;2;Brücke\n".encode("latin-1"))
    assert segments(labels) == [("a.mp4", "Brücke", 1.5, 2.0, "")]
    assert "ISO-8859-1" in " ".join(labels.notes)


def test_marks_and_line_ends_of_windows_in_xml(read):
    text = eaf(tier("t", ("1", "a", "b", "x")), slots={"a": 1000, "b": 2000})
    for coded in (text.replace("><", ">\r\n<").encode("utf-8-sig"), text.encode("utf-16")):
        assert segments(read("k.eaf", coded)) == [("file:///x/kitchen.mp4", "x", 1.0, 2.0, "")]


def test_a_large_file_among_labels_is_none_of_them(tmp_path, monkeypatch):
    monkeypatch.setattr("twostream.labelling.opened.MOST_BYTES", 100)
    (tmp_path / "a.csv").write_text("video,start_s,end_s,label\na.mp4,1,2,wave\n")
    (tmp_path / "features.npy").write_bytes(bytes(200))
    labels = read_labels(tmp_path)
    assert len(labels.segments) == 1
    assert reasons(labels) == ["a file that is no labels of a known format"]
