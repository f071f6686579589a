"""A simulated day with every known trouble (`make soak` does two weeks)."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[4] / "scripts" / "soak.py"


@pytest.mark.slow
def test_a_day_with_every_trouble_is_told_tick_by_tick(tmp_path, monkeypatch):
    pytest.importorskip("httpx", reason="httpx is not installed: pip install 'httpx>=0.27,<0.29'")
    monkeypatch.setattr(sys, "path", list(sys.path))
    spec = importlib.util.spec_from_file_location("soak", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "soak", module)
    spec.loader.exec_module(module)
    facts = module.soak(tmp_path, hours=24)
    assert facts["expected"] >= 95
    assert (
        facts["stored"] + sum(facts["failed"].values()) + facts["never_started"]
        == facts["expected"]
    )
    assert len(facts["troubles"]) >= 6
