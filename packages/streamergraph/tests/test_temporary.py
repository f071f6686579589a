from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from streamergraph.errors import StreamergraphWarning
from streamergraph.temporary import LOCK_NAME, temporary_folder

KEEP_ONE = """
import pathlib, sys, time
from streamergraph.temporary import temporary_folder
with temporary_folder(pathlib.Path(sys.argv[1])) as folder:
    (folder / "pseudonyms").touch()
    print(folder, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def other(tmp_path):
    """Another process that has a folder below `tmp_path`."""
    command = [sys.executable, "-c", KEEP_ONE, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        yield process
        process.kill()


def test_a_folder_is_gone_at_the_end(tmp_path):
    with temporary_folder(tmp_path) as folder:
        (folder / "within").mkdir()
        assert list(tmp_path.iterdir()) == [folder]
    assert not list(tmp_path.iterdir())


def test_what_a_killed_command_left_is_removed_and_told(other, tmp_path):
    (left,) = tmp_path.iterdir()
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert (left / "pseudonyms").exists()
    with (
        pytest.warns(StreamergraphWarning, match="removed 1 temporary folder.*were killed"),
        temporary_folder(tmp_path) as folder,
    ):
        assert list(tmp_path.iterdir()) == [folder]


def test_what_is_in_use_or_of_others_stays(other, tmp_path):
    (used,) = tmp_path.iterdir()
    (tmp_path / "streamergraph-of-somebody").mkdir()
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / LOCK_NAME).touch()
    with temporary_folder(tmp_path), temporary_folder(tmp_path):
        pass
    assert (used / "pseudonyms").exists()
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {used.name, "streamergraph-of-somebody", "more"}
