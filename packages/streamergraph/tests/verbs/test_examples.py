"""The examples of the page on collecting: units and lines that a user copies must be right."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from streamergraph.cli.main import build_app

PAGE = Path(__file__).resolve().parents[4] / "docs" / "streamergraph" / "collecting.md"


def example(language):
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return found


def options_of(words):
    """What the program makes of the words behind its name."""
    _, bound, unparsed = build_app().parse_args(words, exit_on_error=False, print_error=False)
    assert not {name for name in unparsed if name in words}
    return bound.arguments


def test_the_unit_of_systemd(tmp_path):
    unit = example("ini")
    command = re.search(r"^ExecStart=(.*)$", unit, re.MULTILINE)[1]
    assert options_of(shlex.split(command)[1:])["language"] == ["it"]
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here")
    path = tmp_path / "streamergraph.service"
    path.write_text(
        unit.replace(command.split()[0], "/bin/true").replace("User=streamergraph", "User=root")
    )
    done = subprocess.run(
        ["systemd-analyze", "verify", path], capture_output=True, text=True, check=False
    )
    told = [line for line in done.stderr.splitlines() if "streamergraph.service" in line]
    assert told == []


def test_the_line_for_cron(tmp_path):
    line = example("cron")
    times, command = line.split(None, 5)[:5], line.split(None, 5)[5].strip()
    assert times == ["*/15", "*", "*", "*", "*"]
    assert "%" not in command  # which cron takes for the end of a line
    binary = tmp_path / "venv" / "bin" / "streamergraph"
    binary.parent.mkdir(parents=True)
    binary.write_text('#!/bin/sh\necho "$STREAMERGRAPH_TWITCH_ID"; printf "%s\\n" "$@"\n')
    binary.chmod(0o755)
    (tmp_path / ".streamergraph-keys").write_text("STREAMERGRAPH_TWITCH_ID=the-id\n")
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    subprocess.run(["sh", "-c", command], env=environment, check=True)
    first, *words = (tmp_path / "collect.log").read_text().splitlines()
    assert first == "the-id"
    assert options_of(words)["once"] is True


def test_the_line_for_windows():
    task = re.search(r'/TR "(.*)"', example("bat"))[1]
    assert options_of(task.split()[1:])["listen"] == "5m"
