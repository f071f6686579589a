"""CVAT: tracks and tags of frames: bases, ends, offsets, versions, and what must be told."""

from __future__ import annotations

import pytest
from label_files import cvat, reasons, segments, track
from twostream.errors import TwostreamError


class TestCvat:
    def test_key_frames_alone_last_until_the_one_outside(self, read):
        labels = read("c.xml", cvat(track("walk", (10, 0), (60, 0), (100, 1))))
        assert segments(labels) == [("kitchen.mp4", "walk", 0.4, 4.0, "")]

    def test_shapes_of_any_kind_in_any_order(self, read):
        labels = read("c.xml", cvat(track("walk", (100, 1), (10, 0), name="polygon")))
        assert segments(labels) == [("kitchen.mp4", "walk", 0.4, 4.0, "")]

    def test_the_last_frame_is_the_last_of_the_steps(self, read):
        tracks = track("walk", (100, 0))
        labels = read("c.xml", cvat(tracks, start=100, stop=199, step=30))
        # 100, 130, 160 and 190 were annotated; the last stands for its step.
        assert segments(labels) == [("kitchen.mp4", "walk", 4.0, 8.8, "")]

    def test_frames_beyond_the_video(self, read):
        tracks = track("walk", (490, 0), (600, 1)) + track("wave", (510, 0), (520, 1))
        labels = read("c.xml", cvat(tracks, stop=999))
        assert segments(labels) == [("kitchen.mp4", "walk", 19.6, 20.0, "")]
        assert "after the video's last and was cut" in reasons(labels)[0]
        assert reasons(labels)[1] == "begins at a frame after the video's last"

    def test_an_attribute_may_be_the_label(self, read):
        inside = '<attribute name="action">jump</attribute>'
        tracks = track("person", (0, 0), (25, 1), inside=inside)
        assert segments(read("c.xml", cvat(tracks), attribute="action")) == [
            ("kitchen.mp4", "jump", 0.0, 1.0, "")
        ]
        for name, given in (("--attribute", "attribute"), ("--subject-from", "subject_from")):
            with pytest.raises(TwostreamError, match=f"{name}: expected one of action, found act"):
                read("c.xml", cvat(tracks), **{given: "act"})

    def test_tracks_are_sequences_where_subjects_are(self, read):
        labels = read("c.xml", cvat(track("walk", (0, 0), (25, 1))), subject="each")
        assert [s[4] for s in segments(labels)] == ["track 0"]

    def test_images_that_are_no_frames_are_told(self, read):
        images = '<image id="0" name="a/holiday.jpg"><tag label="walk"/></image>'
        labels = read("c.xml", cvat("", images=images))
        assert reasons(labels) == ["pictures that are no frames of a video"]

    def test_another_version_is_refused(self, read):
        with pytest.raises(TwostreamError, match=r"found version 1\.0"):
            read("c.xml", cvat("").replace("<version>1.1", "<version>1.0"))

    def test_without_the_video_the_rate_is_told_as_missing(self, read):
        labels = read("c.xml", cvat(track("walk", (0, 0), (25, 1))), facts=lambda video: None)
        assert reasons(labels) == ["is counted in frames of a video whose rate is not known"]
