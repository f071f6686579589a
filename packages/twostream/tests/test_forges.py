"""What forges and containers run is there: their files name nothing that is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from twostream.cli.main import VERBS

ROOT = Path(__file__).resolve().parents[3]
FORGES = (".github/workflows/checks.yml", ".gitlab-ci.yml")


def commands(place: Any) -> Iterator[str]:
    """Every line that a forge runs."""
    if isinstance(place, dict):
        for name, value in place.items():
            if name in ("run", "script"):
                yield from [value] if isinstance(value, str) else value
            else:
                yield from commands(value)
    elif isinstance(place, list):
        for value in place:
            yield from commands(value)


@pytest.mark.parametrize("name", FORGES)
def test_forges_run_targets_of_the_makefile(name: str) -> None:
    found = list(commands(yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))))
    assert {"make lint", "make test", "make docs", "make wheel-check"} <= set(found)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))
    assert {command.removeprefix("make ") for command in found} <= targets


def test_the_container_copies_and_runs_what_is_there() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = re.findall(r"^COPY (\S+) ", text, re.MULTILINE)
    assert copied
    assert all((ROOT / name).exists() for name in copied)
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    listed = [line.removeprefix("!") for line in kept if line.startswith("!")]
    assert all((ROOT / name).exists() for name in listed)
    extras = re.search(r"\[([\w,]+)\]", text)
    project = (ROOT / "packages/twostream/pyproject.toml").read_text(encoding="utf-8")
    assert extras is not None
    assert all(f"\n{extra} = [" in project for extra in extras[1].split(","))
    page = (ROOT / "docs/take-it-elsewhere.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"^docker run .* twostream (\w+) ", page, re.MULTILINE))
    assert set(re.findall(r"^#   docker run .* twostream (\w+) ", text, re.MULTILINE)) == shown
    assert {"predict", "serve"} == shown <= set(VERBS)
    assert "serve" in extras[1].split(",")
    assert re.search(r"^USER \d+$", text, re.MULTILINE)


def test_the_citation_names_the_version_and_the_licence() -> None:
    told = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    from twostream import __version__

    assert (told["version"], told["license"]) == (__version__, "Apache-2.0")
    assert told["cff-version"] == "1.2.0"
