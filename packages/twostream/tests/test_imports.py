"""What importing the package and asking its command line for help load: nothing that computes."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import twostream

HEAVY = {"keras", "torch", "cv2", "av", "numba", "scipy", "numpy", "polars", "openvino", "rich"}


def loaded_by(code: str) -> set[str]:
    listing = f"import sys; {code}; print('loaded', *sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", listing], capture_output=True, text=True, check=True
    ).stdout
    return {name.partition(".")[0] for name in told.rpartition("loaded")[2].split()}


def test_the_package_loads_nothing_but_itself() -> None:
    usual = loaded_by("import __future__")
    assert loaded_by("import twostream") - usual == {"twostream"}


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"]])
def test_help_loads_nothing_that_computes(words: list[str]) -> None:
    code = f"from twostream.cli.main import run_command; run_command({words!r})"
    assert loaded_by(code) & (HEAVY - {"rich"}) == set()


def test_the_product_does_not_load_what_it_is_only_tried_with() -> None:
    """Outside `lab`, a module of it is named only where a function that needs it runs."""
    source = Path(twostream.__file__).parent
    for path in source.rglob("*.py"):
        if "lab" in path.relative_to(source).parts:
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ImportFrom):
                assert not f"{node.module}.".startswith("twostream.lab."), path
