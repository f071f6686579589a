"""BORIS: projects and exports: bases, ends, offsets, versions, and what must be told."""

from __future__ import annotations

import pytest
from label_files import boris, reasons, segments
from twostream.errors import TwostreamError


class TestBoris:
    def test_events_are_pairs_in_order_of_time_whatever_the_order_of_rows(self, read):
        rows = [[5, "a", "wave", "", ""], [1, "a", "wave", "", ""], [2, "b", "wave", "", ""]]
        labels = read("x.boris", boris([*rows, [3, "b", "wave", "", ""]]))
        assert segments(labels) == [
            ("kitchen.mp4", "wave", 2.0, 3.0, "b"),
            ("kitchen.mp4", "wave", 1.0, 5.0, "a"),
        ]

    def test_an_offset_may_be_negative_and_a_text(self, read):
        rows = [[-8, "", "wave", "", ""], [-6.5, "", "wave", "None", ""]]
        labels = read("x.boris", boris(rows, **{"time offset": "-10.0"}))
        assert segments(labels) == [("kitchen.mp4", "wave", 2.0, 3.5, "")]

    def test_a_moment_in_the_second_of_three_queued_files(self, read):
        files = ("garden_part1.mp4", "garden_part2.mp4", "kitchen.mp4")
        labels = read("x.boris", boris([[35, "", "clap", "", ""]], files=files))
        assert [(p.video, p.time_s) for p in labels.points] == [("garden_part2.mp4", 5.0)]

    def test_a_state_over_three_files_is_in_all_of_them(self, read):
        files = ("garden_part1.mp4", "garden_part2.mp4", "kitchen.mp4")
        rows = [[29, "", "wave", "", ""], [51, "", "wave", "", ""]]
        labels = read("x.boris", boris(rows, files=files))
        assert [(s[0], s[2], s[3]) for s in segments(labels)] == [
            ("garden_part1.mp4", 29.0, 30.0),
            ("garden_part2.mp4", 0.0, 20.0),
            ("kitchen.mp4", 0.0, 1.0),
        ]
        assert len({s.recording for s in labels.segments}) == 1

    def test_queued_files_of_unknown_length_are_told(self, read):
        rows = [[1, "", "wave", "", ""], [2, "", "wave", "", ""]]
        labels = read("x.boris", boris(rows, files=("p.mp4", "q.mp4")))
        assert not labels.segments
        assert "lengths are not known" in reasons(labels)[0]

    def test_a_behaviour_that_the_ethogram_lacks_is_told(self, read):
        labels = read("x.boris", boris([[1, "", "jump", "", ""]]))
        assert reasons(labels) == ["an event whose behaviour is not in the project's ethogram"]

    def test_a_later_format_is_refused(self, read):
        with pytest.raises(TwostreamError, match="found format 8"):
            read("x.boris", boris([], version="8.0"))

    def test_a_time_beyond_the_video_is_cut_or_left_out(self, read):
        rows = [[19, "", "wave", "", ""], [23, "", "wave", "", ""]]
        rows += [[30, "", "wave", "", ""], [31, "", "wave", "", ""]]
        labels = read("x.boris", boris(rows))
        assert segments(labels) == [("kitchen.mp4", "wave", 19.0, 20.0, "")]
        assert reasons(labels) == [
            "ends after its video and was cut at the end",
            "begins after its video ends",
        ]

    def test_a_table_with_commas_and_several_observations(self, read):
        header = "Observation id,Source,Time offset (s),Media duration (s),Subject,Behavior,"
        text = (
            f"{header}Modifier #1,Behavior type,Time\n"
            "a,player #1:C:/v/kitchen.mp4,2,20.000,x,wave,None,START,3.000\n"
            "a,player #1:C:/v/kitchen.mp4,2,20.000,x,wave,,STOP,4.000\n"
            "b,player #1:garden_side.mp4,0,60.000,,wave,,STOP,4.000\n"
        )
        labels = read("x.csv", text)
        assert segments(labels) == [("C:/v/kitchen.mp4", "wave", 1.0, 2.0, "x")]
        assert reasons(labels) == ["stops without a start"]
