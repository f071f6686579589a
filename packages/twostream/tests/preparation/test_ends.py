"""A dry run finds segments that their videos do not have."""

from __future__ import annotations

from small_dataset import FRAMES, write_videos
from twostream.preparation.options import PrepareOptions
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
        "begins at 8 s and ends at 9 s, but the video lasts 0.56 s by its header",
    ]
    assert not (tmp_path / "data").exists()
