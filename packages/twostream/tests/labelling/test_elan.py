"""ELAN: files and its tab-delimited text: bases, ends, offsets, versions, and what must be told."""

from __future__ import annotations

import pytest
from label_files import eaf, reasons, referring, segments, tier
from twostream.errors import TwostreamError


class TestElan:
    def test_several_open_slots_divide_evenly_by_their_chain_not_by_the_list(self, read):
        slots = {"b": None, "z": 4000, "m": 2000, "c": None, "a": 1000}
        parts = tier("t", ("1", "a", "b", "x"), ("2", "b", "c", "y"), ("3", "c", "z", "w"))
        labels = read("k.eaf", eaf(parts, slots=slots))
        assert [(s[1], s[2], s[3]) for s in segments(labels)] == [
            ("x", 1.0, 2.0),
            ("y", 2.0, 3.0),
            ("w", 3.0, 4.0),
        ]

    def test_the_origin_is_that_of_the_video_and_may_be_negative(self, read):
        media = (
            '<MEDIA_DESCRIPTOR MEDIA_URL="a.wav" MIME_TYPE="audio/x-wav" TIME_ORIGIN="9000"/>'
            '<MEDIA_DESCRIPTOR MEDIA_URL="kitchen.mp4" MIME_TYPE="video/mp4" TIME_ORIGIN="-500"/>'
        )
        parts = tier("t", ("1", "a", "b", "x"), ("2", "b", "c", "y"))
        slots = {"a": 200, "b": 1000, "c": 2000}
        labels = read("k.eaf", eaf(parts, slots=slots, media=media))
        assert segments(labels) == [
            ("kitchen.mp4", "x", 0.0, 0.5, ""),
            ("kitchen.mp4", "y", 0.5, 1.5, ""),
        ]
        assert reasons(labels) == ["starts before its video and was cut at the start"]

    def test_tiers_that_refer_are_read_when_named(self, read):
        parts = tier("t", ("1", "a", "b", "x")) + referring(
            "notes", ("3", "1", "2", "second"), ("2", "1", "", "first")
        )
        slots = {"a": 1000, "b": 2000}
        labels = read("k.eaf", eaf(parts, slots=slots), tier="notes")
        assert sorted((s[2], s[3], s[1]) for s in segments(labels)) == [
            (1.0, 1.5, "first"),
            (1.5, 2.0, "second"),
        ]
        assert reasons(labels) == ["a tier that --tier does not name"]

    def test_two_tiers_of_one_name_are_both_read_and_told(self, read):
        slots = {"a": 1000, "b": 2000, "c": 3000}
        parts = tier("t", ("1", "a", "b", "x")) + tier("t", ("2", "b", "c", "y"))
        labels = read("k.eaf", eaf(parts, slots=slots))
        assert [s[1] for s in segments(labels)] == ["x", "y"]
        assert reasons(labels) == ["two tiers of one name; both were read"]

    def test_annotations_without_a_value_or_of_no_length_are_told(self, read):
        slots = {"a": 1000, "b": 2000, "c": 2000}
        parts = tier("t", ("1", "a", "b", ""), ("2", "b", "c", "y"), ("3", "c", "a", "z"))
        labels = read("k.eaf", eaf(parts, slots=slots))
        assert not labels.segments
        assert sorted(reasons(labels)) == [
            "ends before it starts",
            "has no label",
            "is empty: starts and ends at the same time",
        ]

    def test_tiers_without_a_participant_are_subjects_where_each_is_one(self, read):
        slots = {"a": 1000, "b": 2000}
        content = eaf(
            tier("left", ("1", "a", "b", "x"))
            + tier("right", ("2", "a", "b", "y"))
            + tier("t", ("3", "a", "b", "z"), participant="ann"),
            slots=slots,
        )
        labels = read("k.eaf", content, subject="each")
        assert [s[4] for s in segments(labels)] == ["left", "right", "ann"]
        assert any("name no participant" in note for note in labels.notes)
        assert [s[4] for s in segments(read("k.eaf", content))] == ["", "", "ann"]
        for text in (
            "left\t\t1000\t4000\t3000\tcook\nright\t\t1000\t4000\t3000\twalk\n",
            "Begin Time - msec\tEnd Time - msec\tleft\tright\n1000\t4000\tcook\twalk\n",
        ):
            labels = read("kitchen.txt", text, subject="each")
            assert [s[4] for s in segments(labels)] == ["left", "right"]

    def test_damaged_later_and_odd_ones_are_refused(self, read):
        whole = eaf(tier("t"), slots={})
        for content, said in (
            (whole[:-20], "expected XML"),
            (whole.replace('FORMAT="3.0"', 'FORMAT="4.0"'), "found format 4.0"),
            (whole.replace("<ANN", '<!DOCTYPE a [<!ENTITY b "c">]><ANN', 1), "entities"),
        ):
            with pytest.raises(TwostreamError, match=said):
                read("k.eaf", content)
        with pytest.raises(TwostreamError, match="expected a tier 'u'"):
            read("k.eaf", whole, tier="u")

    @pytest.mark.parametrize(
        "line",
        [
            "t\tann\t1000\t4000\t3000\tcook",
            "t\tann\t00:00:01.000\t00:00:04.000\tcook",
            "t\tann\t1.0\t4.0\t3.0\t7",
            "t\tann\t00:00:01.000\t1.0\t1000\t00:00:04.000\t4.0\t4000\tcook",
        ],
    )
    def test_text_in_any_form_of_times(self, read, line):
        labels = read("kitchen.txt", line + "\n")
        label = line.rpartition("\t")[2]
        assert segments(labels) == [("kitchen", label, 1.0, 4.0, "ann")]

    def test_text_with_begin_and_duration(self, read):
        labels = read("kitchen.txt", "t\t\t9.0\t1.5\tcook\nt\t\t11.0\t2.0\twalk\n")
        assert [(s[2], s[3]) for s in segments(labels)] == [(9.0, 10.5), (11.0, 13.0)]

    def test_a_column_a_tier_in_iso_8859_1(self, read):
        text = "Begin Time - msec\tDuration - msec\tTätigkeit\n1000\t500\tgrüßen\n"
        labels = read("kitchen.txt", text.encode("iso-8859-1"))
        assert segments(labels) == [("kitchen", "grüßen", 1.0, 1.5, "")]
