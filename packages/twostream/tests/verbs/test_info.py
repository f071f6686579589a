"""What is pasted into a report of a bug."""

from __future__ import annotations

import getpass
import re
import socket
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from twostream.cli.main import run_command
from twostream.environment import available_cores
from twostream.verbs.info import info


@pytest.mark.usefixtures("shown")
def test_it_tells_versions_codecs_devices_engines_and_limits(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    told = info()
    printed = capsys.readouterr().out
    assert told["versions"]["keras"] == version("keras")
    assert told["versions"]["polars"] == version("polars")
    assert "libavcodec" in told["video and pictures"]["FFmpeg of PyAV"]
    assert "h264" in told["video and pictures"]["decoders"]
    assert "jpeg" in told["video and pictures"]["JPEG of OpenCV"].lower()
    assert told["engines"]["precision of scores"] == "float32"
    assert told["engines"]["auto"] in ("openvino", "torch", "keras")
    assert told["processor"]["cores that count"] == str(available_cores())
    assert told["processor"]["OMP_NUM_THREADS"] == "1"
    for section, facts in told.items():
        assert f"{section}:\n" in printed
        assert all(f"  {key}: {value}\n" in printed for key, value in facts.items())


@pytest.mark.usefixtures("shown")
def test_there_is_no_path_and_no_name_of_a_user_or_machine_in_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    info()
    printed = capsys.readouterr().out
    assert not re.search(r"[/\\]\w+[/\\]", printed)
    for private in (str(Path.home()), str(Path.cwd()), sys.prefix):
        assert private not in printed
    for name in (socket.gethostname(), getpass.getuser()):
        assert not re.search(rf"\b{re.escape(name)}\b", printed)


def test_a_package_that_cannot_be_imported_is_told_and_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    monkeypatch.setitem(sys.modules, "cv2", None)
    assert run_command(["info"]) == 0
    printed = capsys.readouterr().out
    assert "cannot be told: ModuleNotFoundError" in printed
    assert "keras" in printed
