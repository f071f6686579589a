"""The short version of `make abuse`, on generated clips."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "scripts" / "abuse.py"


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="signals and process groups of POSIX systems"),
]


def may_mount(folder):
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        return False
    subprocess.run(["umount", folder], check=True)
    return True


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


def test_an_abuse_run_that_is_stopped_leaves_nothing_mounted(tmp_path):
    if not may_mount(tmp_path / "probe"):
        pytest.skip("this user may not mount a small file system")
    command = [sys.executable, SCRIPT, "--out", tmp_path / "abuse", "--clips", tmp_path / "none"]
    process = subprocess.Popen([*command, "--store-clips", "8"], stdout=subprocess.DEVNULL)
    mounted = tmp_path / "abuse" / "small disk"
    while not mounted.is_mount():
        assert process.poll() is None
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 128 + signal.SIGTERM
    assert not mounted.is_mount()
