"""Memory does not grow with the length of a video: `scripts/long_video.py`, on a short one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[4] / "scripts" / "long_video.py"
LIMIT_MIB = 1536
# Less than twenty frames of 1080p: what holds on to frames shows at once.
SLACK_MIB = 100


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_five_times_as_long_takes_about_the_same_memory(tmp_path):
    command = [sys.executable, SCRIPT, "--work", tmp_path / "long", "--minutes", "0.2", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # Between the results stands what `prepare` prints.
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    short, long = map(json.loads, lines)
    assert long["frames"] == 5 * short["frames"]
    assert long["peak_mib"] < short["peak_mib"] + SLACK_MIB < LIMIT_MIB
