"""The notebook of the first ten minutes does what it says, in the order of its cells."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).resolve().parents[3] / "docs" / "first-ten-minutes.ipynb"
# As a kernel runs it: cell after cell in one place, which no file is of.
RUN = """
import json, sys
cells = json.load(open(sys.argv[1], encoding="utf-8"))["cells"]
place = {"__name__": "__main__"}
for number, cell in enumerate(cells):
    if cell["cell_type"] == "code":
        exec(compile("".join(cell["source"]), f"cell {number}", "exec"), place)
assert place["results"]["n_test"] > 0
"""


@pytest.mark.slow
def test_every_cell_runs(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(NOTEBOOK)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "runs" / "mine" / "report.html").is_file()
    assert (tmp_path / "elsewhere" / "example.py").is_file()


def test_it_is_a_notebook_without_results() -> None:
    content = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
    assert all(cell.get("outputs", []) == [] for cell in content["cells"])
    assert len({cell["id"] for cell in content["cells"]}) == len(content["cells"])
