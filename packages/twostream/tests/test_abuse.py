"""The short version of `make abuse`, on generated clips."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "scripts" / "abuse.py"


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals and process groups of POSIX systems")
def test_nothing_gives_way(tmp_path):
    arguments = ["--videos", "48", "--batch", "48", "--kills", "3", "--store-clips", "8"]
    command = [sys.executable, SCRIPT, "--out", tmp_path / "abuse", "--clips", tmp_path / "none"]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((tmp_path / "abuse" / "abuse.json").read_text())
    assert results["hard kills"]["kills"] == 3
    damaged = results["damaged videos"]
    assert damaged["videos"] == 48 == damaged["used"] + damaged["refused"]
    assert min(damaged["used"], damaged["refused"]) > 5
