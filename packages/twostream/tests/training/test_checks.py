"""What is found wrong, or worth a word, before or after hours of work."""

from __future__ import annotations

from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest
from twostream.atomic import write_json, write_text
from twostream.training.checks import flow_of_another_kind
from twostream.training.options import TrainingOptions
from twostream.training.record import TrainingRecord


def prepared(folder: Path, *, bound_px: float, step: int = 1) -> Path:
    write_text(folder / "prepare.yaml", f"flow: dis\nbound_px: {bound_px}\nstep: {step}\n")
    return folder


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """A run whose temporal stream learnt from flow of at most 20 px."""
    data = prepared(tmp_path / "then", bound_px=20.0)
    needed = [item.name for item in fields(TrainingRecord) if item.default is MISSING]
    values: dict[str, Any] = dict.fromkeys(needed, "")
    told = {**values, "classes": [], "options": {}, "environment": {}, "data": str(data)}
    write_json(tmp_path / "earlier" / "temporal" / "training.json", told)
    return tmp_path / "earlier"


def test_flow_of_another_kind_than_the_earlier_runs_is_told(earlier: Path, tmp_path: Path) -> None:
    kind = TrainingOptions(stream="temporal", from_run=str(earlier))
    same = prepared(tmp_path / "same", bound_px=20.0)
    other = prepared(tmp_path / "other", bound_px=5.0, step=2)
    assert flow_of_another_kind(kind, same) is None
    told = "--bound 20.0 then, 5.0 now; --step 1 then, 2 now"
    assert flow_of_another_kind(kind, other) == told
    (tmp_path / "then" / "prepare.yaml").unlink()
    assert flow_of_another_kind(kind, other) is None


def test_frames_and_other_starts_know_no_flow(earlier: Path, tmp_path: Path) -> None:
    other = prepared(tmp_path / "other", bound_px=5.0)
    frames = TrainingOptions(stream="spatial", from_run=str(earlier))
    assert flow_of_another_kind(frames, other) is None
    assert flow_of_another_kind(TrainingOptions(stream="temporal"), other) is None
