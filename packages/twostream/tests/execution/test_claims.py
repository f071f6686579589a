from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time

import pytest
from twostream.execution import claims
from twostream.execution.claims import claimed


def claim_in(folder):
    (found,) = folder.iterdir()
    return found


def test_who_holds_a_claim_makes_the_others_wait(tmp_path, monkeypatch):
    monkeypatch.setattr(claims, "LOOKED_EVERY_SECONDS", 0.01)
    order = []

    def other():
        with claimed(tmp_path / "clip.zip"):
            order.append("other")

    with claimed(tmp_path / "clip.zip"):
        thread = threading.Thread(target=other)
        thread.start()
        time.sleep(0.1)
        order.append("first")
    thread.join(timeout=20)
    assert order == ["first", "other"]
    assert list(tmp_path.iterdir()) == []


def test_claims_of_other_files_do_not_wait(tmp_path):
    with claimed(tmp_path / "a.zip"), claimed(tmp_path / "b.zip"):
        assert len(list(tmp_path.iterdir())) == 2


def test_a_claim_goes_when_its_body_fails(tmp_path):
    with pytest.raises(RuntimeError), claimed(tmp_path / "clip.zip"):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_claimed_is_free_at_once(tmp_path):
    script = (
        "import os, pathlib, signal\n"
        "from twostream.execution.claims import claimed\n"
        f"with claimed(pathlib.Path({str(tmp_path / 'clip.zip')!r})):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )
    assert claim_in(tmp_path).is_file()
    with claimed(tmp_path / "clip.zip"):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="told by /proc")
def test_so_it_is_before_its_parent_has_been_told(tmp_path):
    holding = (
        "import pathlib, time\n"
        "from twostream.execution.claims import claimed\n"
        f"with claimed(pathlib.Path({str(tmp_path / 'clip.zip')!r})):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(1000)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", holding]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        os.kill(process.pid, 9)
        with claimed(tmp_path / "clip.zip"):
            assert process.returncode is None


def test_a_claim_from_another_machine_is_void_when_nobody_renews_it(tmp_path, monkeypatch):
    monkeypatch.setattr(claims, "LOOKED_EVERY_SECONDS", 0.01)
    with claimed(tmp_path / "clip.zip"):
        claim = claim_in(tmp_path)
    claim.write_text(json.dumps({"claim": "x", "machine": "another one", "pid": 1}))
    began = time.monotonic()
    with claimed(tmp_path / "clip.zip", stale_seconds=0.5):
        assert time.monotonic() - began > 0.3
    assert list(tmp_path.iterdir()) == []


def test_a_claim_that_is_renewed_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(claims, "LOOKED_EVERY_SECONDS", 0.01)
    monkeypatch.setattr(claims, "RENEWED_EVERY_SECONDS", 0.02)
    taken = threading.Event()

    def other():
        with claimed(tmp_path / "clip.zip", stale_seconds=0.5):
            taken.set()

    with claimed(tmp_path / "clip.zip"):
        thread = threading.Thread(target=other)
        thread.start()
        assert not taken.wait(1.2)
    thread.join(timeout=20)
    assert taken.is_set()
