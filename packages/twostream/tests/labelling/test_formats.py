"""Each format by its specification: bases, ends, offsets, versions, and what must be told."""

from __future__ import annotations

import json

import pytest
from twostream.errors import TwostreamError
from twostream.labelling.options import LabelOptions
from twostream.labelling.reading import read_labels
from twostream.labelling.segments import VideoFacts


@pytest.fixture
def read(tmp_path, facts_of):
    """Read labels from content (a text, or what becomes JSON) in a file of that name."""

    def run(name, content, facts=facts_of, **options):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            text = content if isinstance(content, str) else json.dumps(content)
            path.write_text(text, encoding="utf-8")
        return read_labels(path, LabelOptions(**options), facts)

    return run


def segments(labels):
    return [(s.video, s.label, s.start_s, s.end_s, s.subject) for s in labels.segments]


def reasons(labels):
    return [one.reason for one in labels.told]


def boris(events, *, files=("kitchen.mp4",), lengths=None, version="7.0", **observation):
    return {
        "project_format_version": version,
        "behaviors_conf": {
            "0": {"code": "wave", "type": "State event"},
            "1": {"code": "clap", "type": "Point event"},
        },
        "observations": {
            "one": {
                "type": "MEDIA",
                "file": {"1": list(files), "2": []},
                "time offset": 0,
                "events": events,
                "media_info": {"length": lengths or {}},
                **observation,
            }
        },
    }


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


def eaf(tiers, *, slots, media='<MEDIA_DESCRIPTOR MEDIA_URL="file:///x/kitchen.mp4"/>', head=""):
    order = "".join(
        f'<TIME_SLOT TIME_SLOT_ID="{name}"' + ("" if ms is None else f' TIME_VALUE="{ms}"') + "/>"
        for name, ms in slots.items()
    )
    return (
        f'<?xml version="1.0"?><ANNOTATION_DOCUMENT FORMAT="3.0" VERSION="3.0"{head}>'
        f'<HEADER TIME_UNITS="milliseconds">{media}</HEADER><TIME_ORDER>{order}</TIME_ORDER>'
        f"{tiers}</ANNOTATION_DOCUMENT>"
    )


def tier(name, *annotations, participant=""):
    who = f' PARTICIPANT="{participant}"' if participant else ""
    inside = "".join(
        f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="{n}" TIME_SLOT_REF1="{a}" '
        f'TIME_SLOT_REF2="{b}"><ANNOTATION_VALUE>{value}</ANNOTATION_VALUE>'
        "</ALIGNABLE_ANNOTATION></ANNOTATION>"
        for n, a, b, value in annotations
    )
    return f'<TIER TIER_ID="{name}"{who}>{inside}</TIER>'


def referring(name, *annotations):
    inside = "".join(
        f'<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="{n}" ANNOTATION_REF="{ref}"'
        + (f' PREVIOUS_ANNOTATION="{before}"' if before else "")
        + f"><ANNOTATION_VALUE>{value}</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>"
        for n, ref, before, value in annotations
    )
    return f'<TIER TIER_ID="{name}">{inside}</TIER>'


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


def cvat(tracks, *, start=0, stop=499, step=1, size=None, images=""):
    rule = f"step={step}" if step > 1 else ""
    size = "" if size is None else f"<size>{size}</size>"
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version><meta><task>'
        f"<id>1</id>{size}<mode>interpolation</mode><start_frame>{start}</start_frame>"
        f"<stop_frame>{stop}</stop_frame><frame_filter>{rule}</frame_filter>"
        f"<source>kitchen.mp4</source></task></meta>{tracks}{images}</annotations>"
    )


def track(label, *shapes, name="box", inside=""):
    body = "".join(
        f'<{name} frame="{frame}" outside="{outside}" keyframe="1">{inside}</{name}>'
        for frame, outside in shapes
    )
    return f'<track id="0" label="{label}">{body}</track>'


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


def task(*ranges, label="wave", video="/data/upload/7/0a1b2c3d-kitchen.mp4", **data):
    value = {"ranges": [{"start": a, "end": b} for a, b in ranges], "timelinelabels": [label]}
    return {
        "id": 1,
        "data": {"video": video, **data},
        "annotations": [{"id": 1, "result": [{"type": "timelinelabels", "value": value}]}],
    }


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
