from __future__ import annotations

import pytest
from twostream.errors import TwostreamError
from twostream.preparation.options import ExtractionOptions


@pytest.mark.parametrize(
    ("change", "flag"),
    [
        ({"bound_px": 0}, "--bound"),
        ({"bound_px": -20}, "--bound"),
        ({"bound_px": float("nan")}, "--bound"),
        ({"bound_px": float("inf")}, "--bound"),
        ({"step": 0}, "--step"),
        ({"step": -1}, "--step"),
        ({"short_side_px": 15}, "--short-side"),
        ({"short_side_px": -256}, "--short-side"),
    ],
)
def test_values_that_no_clip_can_be_made_with_are_refused_by_their_flag(change, flag):
    with pytest.raises(TwostreamError, match=f"^{flag}: expected a( whole)? number of at least"):
        ExtractionOptions(**change)


def test_the_defaults_are_the_documented_ones():
    options = ExtractionOptions().to_dict()
    assert (options["flow"], options["bound_px"], options["step"]) == ("tvl1", 20.0, 1)
    assert (options["jpeg_quality"], options["layout"]) == (95, "archive")
    assert options["short_side_px"] is None


@pytest.mark.parametrize("fps", [0, -5, float("nan"), float("inf")])
def test_a_rate_that_takes_no_frames_is_refused(fps):
    with pytest.raises(TwostreamError, match=r"^--fps: expected a number of at least"):
        ExtractionOptions(fps=fps)


def test_a_rate_and_a_step_at_once_are_refused():
    with pytest.raises(TwostreamError, match=r"^--fps: .*found --step 2"):
        ExtractionOptions(fps=25, step=2)
