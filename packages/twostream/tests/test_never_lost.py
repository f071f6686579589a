"""The short version of `make never-lost`: one verb, every kind of mishap."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "scripts" / "never_lost.py"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="signals and mounts of POSIX systems"),
]


def test_a_run_that_is_being_replaced_is_never_lost(tmp_path: Path) -> None:
    command = [sys.executable, SCRIPT, "--out", tmp_path / "out", "--verbs", "run"]
    done = subprocess.run(
        [*command, "--interrupts", "2", "--every", "4"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    seen = json.loads((tmp_path / "out" / "never_lost.json").read_text())["run"]["seen"]
    assert seen["junk backbone: the run before"] == 1
    assert seen["failed download: the run before"] == 1
    assert seen["kill: the run before"] >= 1
    assert seen["kill: the new run"] >= 1
