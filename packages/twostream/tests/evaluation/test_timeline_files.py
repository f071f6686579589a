"""Timelines that are kept, and those of folds taken together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from twostream.evaluation.timeline_files import pooled_timelines, write_timelines
from twostream.evaluation.timeline_measures import measure_timelines
from twostream.reporting.tested_pages import pooled_content
from twostream.timelines.intervals import Interval
from twostream.timelines.measures import Recording


def recording(name: str, end_s: float) -> Recording:
    return Recording(
        name=name, truth=[Interval(1, 3, "run")], found=[Interval(1, end_s, "run")], duration_s=10
    )


def fold(folder: Path, *names: str, end_s: float) -> dict[str, Any]:
    """What `evaluate --timelines` leaves of a fold."""
    found = [recording(name, end_s) for name in names]
    write_timelines(folder, {"spatial": found, "fused": found})
    measures = measure_timelines(found, resamples=10)
    return {
        "timelines": {"streams": dict.fromkeys(("spatial", "fused"), measures), "recordings": names}
    }


def test_recordings_of_all_folds_are_measured_together(tmp_path: Path) -> None:
    one, other = tmp_path / "split1", tmp_path / "split2"
    folds = {one: fold(one, "a", "b", end_s=3), other: fold(other, "c", end_s=9)}
    found = pooled_timelines(folds)
    assert found is not None
    assert found["recordings"] == ["a", "b", "c"]
    assert found["streams"]["fused"]["f1_50"] == pytest.approx(2 / 3)
    assert found["streams"]["fused"]["recordings"] == 3
    told = pooled_content(found)
    assert told is not None
    assert told["first"]["true_intervals"] == 3
    assert "edit" in told["names"]


def test_nothing_is_said_of_folds_that_do_not_all_have_timelines(tmp_path: Path) -> None:
    one, other = tmp_path / "split1", tmp_path / "split2"
    of_one = fold(one, "a", end_s=3)
    assert pooled_timelines({one: of_one, other: {}}) is None
    assert pooled_timelines({one: of_one, other: fold(other, "a", end_s=3)}) is None  # twice
    assert pooled_content(None) is None
