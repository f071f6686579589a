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

    @pytest.mark.parametrize("named", ["task", "beside", "nowhere"])
    def test_the_video_is_named_in_the_task_or_beside_it_or_not_at_all(self, read, named):
        """CVAT 2 writes it into the task, 1.x beside it, and exports of jobs have no place for it."""
        text, source = cvat(track("walk", (0, 0), (25, 1))), "<source>kitchen.mp4</source>"
        if named != "task":
            beside = source if named == "beside" else ""
            text = text.replace(source, "").replace("</meta>", f"{beside}</meta>")
        labels = read("kitchen.xml" if named == "nowhere" else "c.xml", text)
        assert [s[1:4] for s in segments(labels)] == [("walk", 0.0, 1.0)]
        assert labels.segments[0].video.removesuffix(".mp4") == "kitchen"

    def test_frames_of_a_project_go_on_from_task_to_task_of_a_subset(self, read):
        """CVAT adds, to the frames of a task, those of the project's tasks of that subset before it."""

        def task(number, name, *, size, start=0, step=1, subset="default"):
            rule = f"step={step}" if step > 1 else ""
            return (
                f"<task><id>{number}</id><size>{size}</size><mode>interpolation</mode>"
                f"<subset>{subset}</subset><start_frame>{start}</start_frame>"
                f"<stop_frame>{start + step * (size - 1)}</stop_frame>"
                f"<frame_filter>{rule}</frame_filter><source>{name}.mp4</source></task>"
            )

        def of(number, label, *frames):
            return track(label, *frames).replace("<track ", f'<track task_id="{number}" ')

        tasks = (
            task(3, "kitchen", size=500)
            + task(5, "garden_part1", size=100, start=50, step=5)
            + task(6, "garden_part2", size=500)
            + task(4, "garden_side", size=900, subset="test")
        )
        tracks = (
            of(3, "walk", (25, 0), (50, 1))
            + of(5, "walk", (600, 0), (650, 1))  # 100 to 150 of its own
            + of(6, "wave", (1050, 0))  # 500 and 50 + 5 x 100 frames are before it
            + of(4, "wave", (25, 0), (50, 1))
        )
        text = cvat(tracks)
        before, _, rest = text.partition("<meta>")
        after = rest.partition("</meta>")[2]
        meta = f"<meta><project><id>1</id><tasks>{tasks}</tasks></project></meta>"
        found = segments(read("p.xml", before + meta + after))
        assert sorted(one[:4] for one in found) == [
            ("garden_part1.mp4", "walk", 4.0, 6.0),
            ("garden_part2.mp4", "wave", 0.0, 20.0),
            ("garden_side.mp4", "wave", 0.5, 1.0),
            ("kitchen.mp4", "walk", 1.0, 2.0),
        ]

    def test_a_skeleton_is_gone_where_all_its_points_are(self, read):
        def at(frame, *outside):
            points = "".join(f'<points label="{n}" outside="{o}"/>' for n, o in enumerate(outside))
            return f'<skeleton frame="{frame}" keyframe="1">{points}</skeleton>'

        body = at(25, 0, 0) + at(30, 0, 1) + at(50, 1, 1)
        labels = read("c.xml", cvat(f'<track id="0" label="walk">{body}</track>'))
        assert segments(labels) == [("kitchen.mp4", "walk", 1.0, 2.0, "")]

    def test_another_version_is_refused(self, read):
        with pytest.raises(TwostreamError, match=r"found version 1\.0"):
            read("c.xml", cvat("").replace("<version>1.1", "<version>1.0"))

    def test_without_the_video_the_rate_is_told_as_missing(self, read):
        labels = read("c.xml", cvat(track("walk", (0, 0), (25, 1))), facts=lambda video: None)
        assert reasons(labels) == ["is counted in frames of a video whose rate is not known"]
