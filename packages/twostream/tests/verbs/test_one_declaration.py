"""An option is declared once: one more line is a flag, a key, an argument, a line of help, a record."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import twostream

PACKAGE = Path(twostream.__file__).parent
ROOT = Path(__file__).parents[4]
DECLARATION = """    fog: float = option(0.25, "Share of fog over a frame.", least=0, below=1, before=None)
    def __post_init__"""
WAYS = """
import inspect, json, sys
from pathlib import Path
import twostream
from twostream.cli.main import run_command
from twostream.verbs import run as room

seen = []
room.make_run = lambda job, replace: seen.append(job)
folder = Path("videos")
folder.mkdir()
words = ["run", "videos", "--out", "run"]
assert run_command([*words, "--fog", "0.5"]) == 0
Path("flat.yaml").write_text("fog: 0.5\\n")
assert run_command([*words, "--config", "flat.yaml"]) == 0
Path("nested.yaml").write_text("temporal:\\n  fog: 0.75\\n")
assert run_command([*words, "--config", "nested.yaml"]) == 0
twostream.run("videos", out="run", fog=0.5, temporal_fog=0.75)
assert run_command([*words, "--fog", "2"]) == 2
from twostream.verbs.settings import plain_settings
from twostream.training.made_of import effective_options
print(json.dumps({
    "values": [[job.options.spatial.fog, job.options.temporal.fog] for job in seen],
    "saved": plain_settings(seen[-1])["temporal"]["fog"],
    "recorded": seen[-1].options.temporal.to_dict()["fog"],
    "decides": effective_options(seen[-1].options.temporal)["fog"],
    "completed": "fog" in inspect.signature(twostream.train).parameters,
    "explained": "Share of fog over a frame." in twostream.train.__doc__,
}))
"""


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the package in which training has one more option."""
    shutil.copytree(PACKAGE, tmp_path / "twostream", ignore=shutil.ignore_patterns("__pycache__"))
    options = tmp_path / "twostream" / "training" / "options.py"
    text = options.read_text(encoding="utf-8")
    assert text.count("    def __post_init__") == 1
    options.write_text(text.replace("    def __post_init__", DECLARATION), encoding="utf-8")
    return tmp_path


def test_one_line_is_a_flag_a_key_an_argument_a_line_of_the_reference_and_a_record(
    copied: Path,
) -> None:
    environment = {**os.environ, "PYTHONPATH": f"{copied}{os.pathsep}{ROOT / 'scripts'}"}

    def python(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *words],
            cwd=copied,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
        )

    done = python("-c", WAYS)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "values": [[0.5, 0.5], [0.5, 0.5], [0.25, 0.75], [0.5, 0.75]],
        "saved": 0.75,
        "recorded": 0.75,
        "decides": 0.75,
        "completed": True,
        "explained": True,
    }
    assert "--fog: expected a number of at least 0, below 1, found 2" in done.stderr
    page = python("-c", "import options_page; print(options_page.tables_of('run'))").stdout
    assert "| `--fog` | 0.25 | Share of fog over a frame. At least 0, below 1. |" in page
    shown = python("-m", "twostream", "train", "--help", "--all").stdout
    assert "--fog" in shown
    assert "--temporal-fog" in python("-m", "twostream", "run", "--help", "--all").stdout
