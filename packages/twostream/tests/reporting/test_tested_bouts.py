from __future__ import annotations

from twostream.reporting.rendering import environment
from twostream.reporting.tested_bouts import bouts_content
from twostream.timelines.intervals import Interval
from twostream.timelines.measures import Recording


def test_the_table_of_bouts_true_and_found():
    recordings = [
        Recording(
            name="a",
            truth=[Interval(0, 2, "run"), Interval(5, 6, "w<k")],
            found=[Interval(0, 2.5, "run")],
            duration_s=10,
        ),
        Recording(name="b", truth=[], found=[Interval(1, 2, "jump")], duration_s=5),
    ]
    found = bouts_content(recordings)
    assert [row["label"] for row in found["rows"]] == ["jump", "run", "w<k"]
    run = found["rows"][1]
    assert (run["true"].bouts, run["true"].share) == (1, 2 / 15)
    assert run["found"].total_s == 2.5
    assert found["rows"][0]["true"] is None
    page = environment().get_template("bouts.html").render(bouts=found, lead="fusion")
    assert "w&lt;k" in page
    assert f"{found['kappa_frames']:.2f}, by bouts" in page


def test_nothing_found_and_nothing_true():
    empty = bouts_content([Recording(name="a", truth=[], found=[], duration_s=5)])
    assert empty == {"rows": [], "kappa_frames": None, "kappa_bouts": None}
