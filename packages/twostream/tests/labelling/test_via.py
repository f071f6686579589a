"""VIA 3: seconds, views, options: bases, ends, offsets, versions, and what must be told."""

from __future__ import annotations

import pytest
from label_files import reasons, segments
from twostream.errors import TwostreamError


class TestVia:
    def project(self, z, xy=(), value="1", kind=4, options=None):
        return {
            "project": {"data_format_version": "3.1.1"},
            "attribute": {
                "1": {"aname": "act", "type": kind, "anchor_id": "FILE1_Z2_XY0"}
                | {"options": options or {"1": "wave", "2": "walk"}}
            },
            "file": {"5": {"fid": "5", "fname": "kitchen.mp4"}},
            "view": {"9": {"fid_list": ["5"]}},
            "metadata": {"m": {"vid": "9", "z": list(z), "xy": list(xy), "av": {"1": value}}},
        }

    def test_ids_of_options_become_their_names(self, read):
        labels = read("v.json", self.project((1, 2), value="2"))
        assert segments(labels) == [("kitchen.mp4", "walk", 1.0, 2.0, "")]

    def test_attributes_that_are_not_there_are_answered_with_those_that_are(self, read):
        for given in ("attribute", "subject_from"):
            with pytest.raises(TwostreamError, match="expected one of act, found who"):
                read("v.json", self.project((1, 2)), **{given: "who"})

    def test_labels_of_a_view_of_several_files_are_of_the_first_which_is_said(self, read):
        project = self.project((1, 2))
        project["file"]["6"] = {"fid": "6", "fname": "garden_side.mp4"}
        project["view"]["9"]["fid_list"].append("6")
        labels = read("v.json", project)
        assert [s[0] for s in segments(labels)] == ["kitchen.mp4"]
        assert any("several files" in note for note in labels.notes)
        assert not read("v.json", self.project((1, 2))).notes

    def test_several_ticked_boxes_are_several_labels(self, read):
        labels = read("v.json", self.project((1, 2), value="1,2", kind=2))
        assert [s[1] for s in segments(labels)] == ["wave", "walk"]

    def test_a_value_that_is_no_option_is_told(self, read):
        labels = read("v.json", self.project((1, 2), value="7"))
        assert [s[1] for s in segments(labels)] == ["7"]
        assert "none of its attribute's options" in reasons(labels)[0]
        assert not reasons(read("v.json", self.project((1, 2), value="1")))

    def test_a_text_is_the_label_itself(self, read):
        labels = read("v.json", self.project((1, 2), value="a/b", kind=1))
        assert [s[1] for s in segments(labels)] == ["a/b"]

    def test_regions_and_files_without_times_are_told(self, read):
        assert "region of a picture" in reasons(read("v.json", self.project((1,), (2, 1, 1))))[0]
        assert reasons(read("v.json", self.project(()))) == ["is said of a whole file"]

    def test_other_versions_are_refused(self, read):
        later = self.project((1, 2)) | {"project": {"data_format_version": "4.0.0"}}
        for content in (later, {"_via_settings": {}, "_via_img_metadata": {}}):
            with pytest.raises(TwostreamError, match="expected a project of VIA 3"):
                read("v.json", content)
