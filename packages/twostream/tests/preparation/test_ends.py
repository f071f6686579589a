"""Segments that their videos do not have are named as that, by a dry run and where they have no frames."""

from __future__ import annotations

from small_dataset import FRAMES, write_videos
from twostream.preparation.dataset import prepare_dataset
from twostream.preparation.ends import OTHER_CLOCK
from twostream.preparation.options import ExtractionOptions, PrepareOptions
from twostream.preparation.plan import plan_dataset


def test_segments_past_the_end_and_absent_videos_are_found_in_the_dry_run(tmp_path):
    videos = write_videos(tmp_path, classes=("left", "right"), groups=1)
    table = videos / "clips.csv"
    lines = [
        "path,label,start,end",
        f"left/v_left_g01_c01.avi,left,0,{FRAMES / 25}",
        "left/v_left_g01_c01.avi,left,0.1,0:09",
        "right/v_right_g01_c01.avi,right,8,9",
        "gone.avi,right,,",
    ]
    table.write_text("\n".join(lines) + "\n")
    plan = plan_dataset(table, tmp_path / "data", PrepareOptions(workers=1))
    assert [problem.reason for problem in plan.problems] == [
        "line 5 of the table names it, but it is absent",
        "ends at 9 s, but the video lasts 0.56 s by its header",
        "begins at 8 s and ends at 9 s, but the video lasts 0.56 s by its header" + OTHER_CLOCK,
    ]
    assert not (tmp_path / "data").exists()


def test_prepare_says_of_parts_without_frames_that_they_begin_behind_the_end(tmp_path):
    videos = write_videos(tmp_path, classes=("left", "right"), groups=1)
    table = videos / "clips.csv"
    lines = [
        "path,label,start,end",
        "left/v_left_g01_c01.avi,left,0,0.4",
        "left/v_left_g01_c01.avi,left,6,8",
        "left/v_left_g01_c01.avi,left,0.4,0.41",
        "right/v_right_g01_c01.avi,right,18001,18002",
        "right/v_right_g01_c01.avi,right,18002.5,18003",
    ]
    table.write_text("\n".join(lines) + "\n")
    options = PrepareOptions(extraction=ExtractionOptions(flow="dis"), workers=1)
    done = prepare_dataset(table, tmp_path / "data", options)
    reasons = {problem.source.partition("(")[2]: problem.reason for problem in done.problems}
    lasts = "but the video lasts 0.56 s by its header"
    assert reasons.pop("0.4-0.41s)").startswith("expected at least 2 decodable frames in 0.4-0.41s")
    assert reasons == {
        "6-8s)": f"begins at 6 s and ends at 8 s, {lasts}",
        "18001-18002s)": f"begins at 18001 s and ends at 18002 s, {lasts}{OTHER_CLOCK}",
        "18002.5-18003s)": f"begins at 18002.5 s and ends at 18003 s, {lasts}{OTHER_CLOCK}",
    }
