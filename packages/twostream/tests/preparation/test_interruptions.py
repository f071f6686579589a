"""Whatever stops `prepare`: no half file, and a second call ends where an undisturbed one does."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from twostream.locks import sole_user
from twostream.store.clip import open_clip

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX systems")

COMMAND = [sys.executable, "-W", "error", "-m", "twostream", "prepare"]
OPTIONS = ["--flow", "dis", "--workers", "2"]


@pytest.fixture(scope="module")
def source(tmp_path_factory, write_video, moving_texture):
    """Clips that take some tenths of a second each."""
    folder = tmp_path_factory.mktemp("interrupted") / "videos"
    for k in range(6):
        frames = moving_texture(4, width=320, height=240, seed=k)
        write_video(folder / "ab"[k % 2] / f"clip {k}.avi", np.tile(frames, (8, 1, 1, 1)))
    return folder


@pytest.fixture(scope="module")
def undisturbed(source, tmp_path_factory, prepare, digest):
    out = tmp_path_factory.mktemp("undisturbed") / "data"
    prepare(source, out)
    return digest(out)


class Running:
    """`twostream prepare` in a process group of its own, as a terminal starts it."""

    def __init__(self, source, out):
        self.out = out
        self.process = subprocess.Popen(
            [*COMMAND, source, "--out", out, *OPTIONS],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def reaches(self, condition):
        """Whether `condition` is met while the process works; False where it ended before."""
        while not condition(self):
            if self.process.poll() is not None:
                return False
            time.sleep(0.01)
        return True

    def finished_clips(self):
        clips = self.out / "clips"
        return [path for path in clips.rglob("*.zip") if not path.name.startswith(".partial-")]

    def workers(self):
        """Process numbers of the workers."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                if (
                    parent == self.process.pid
                    and b"spawn_main" in (folder / "cmdline").read_bytes()
                ):
                    found.append(int(folder.name))
            except (OSError, ValueError):
                continue
        return found

    def end(self):
        """(status, standard output, standard error)."""
        out, err = self.process.communicate(timeout=900)
        return self.process.returncode, out, err


@pytest.fixture
def start(source, tmp_path):
    started = []

    def run():
        started.append(Running(source, tmp_path / "data"))
        return started[-1]

    yield run
    for running in started:
        if running.process.poll() is None:
            running.process.kill()
            running.process.communicate()


@pytest.fixture
def stop(start):
    """Start it, and at a moment do something to it; again where it was done before that.

    How fast a busy machine looks after its processes says nothing about them.
    """

    def run(moment, action):
        for _ in range(10):
            running = start()
            if running.reaches(moment) and action(running):
                return running
            status, _, err = running.end()
            assert status == 0, err
            shutil.rmtree(running.out)
        return pytest.fail("it was always done before it could be stopped")

    return run


def at_once(running):
    return (running.out / ".prepare.lock").exists()


def in_the_middle(running):
    return running.finished_clips()


def interrupt(running):
    """Ctrl-C; whether it came in time."""
    os.killpg(running.process.pid, signal.SIGINT)
    return running.process.wait() != 0


def kill(running):
    running.process.kill()
    return running.process.wait() != 0


def kill_a_worker(running):
    for worker in running.workers():
        try:
            os.kill(worker, signal.SIGKILL)
        except ProcessLookupError:
            continue
        return True
    return False


@pytest.mark.parametrize("moment", [at_once, in_the_middle])
def test_ctrl_c(start, stop, moment, undisturbed, digest):
    running = stop(moment, interrupt)
    status, _, err = running.end()
    assert status == 130
    assert "Traceback" not in err
    assert err.splitlines()[-1] == "interrupted: call the same command again to go on"
    assert not (running.out / "manifest.parquet").exists()
    assert list(running.out.rglob(".partial-*")) == []
    kept = running.finished_clips()
    for path in kept:
        open_clip(path).check()
    stamps = {path: path.stat().st_mtime_ns for path in kept}
    status, out, _ = start().end()
    assert status == 0
    assert len(kept) < 6
    assert not kept or f"({len(kept)} clips were there already)" in out.replace(
        "clip was", "clips were"
    )
    assert {path: path.stat().st_mtime_ns for path in kept} == stamps
    assert digest(running.out) == undisturbed


def test_kill_9(start, stop, undisturbed, digest):
    running = stop(in_the_middle, kill)
    running.end()
    for path in running.finished_clips():
        open_clip(path).check()
    status, _, err = start().end()
    assert (status, "Traceback" in err) == (0, False)
    assert list(running.out.rglob(".partial-*")) == []
    assert digest(running.out) == undisturbed


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_killed_worker_costs_nothing(stop, undisturbed, digest):
    running = stop(in_the_middle, kill_a_worker)
    status, _, err = running.end()
    assert (status, "Traceback" in err) == (0, False)
    assert digest(running.out) == undisturbed


def test_two_at_once_into_one_folder(source, tmp_path, run_twostream):
    with sole_user(tmp_path / "data"):
        done = run_twostream("prepare", source, "--out", tmp_path / "data")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "in use by another process; wait" in done.stderr
    assert not (tmp_path / "data" / "clips").exists()
