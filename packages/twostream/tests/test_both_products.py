"""The two products share no code, and the same conventions: what holds for one holds for the other."""

from __future__ import annotations

import copy
import os
import pickle
import stat
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

PRODUCTS = ("twostream", "streamergraph")
pytest.importorskip("streamergraph")
both = pytest.mark.parametrize("product", PRODUCTS)


def room(product: str, name: str) -> ModuleType:
    return import_module(f"{product}.{name}")


def error_of(product: str) -> Any:
    return getattr(room(product, "errors"), f"{product.capitalize()}Error")


def run(product: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", product, *map(str, words)],
        capture_output=True,
        text=True,
        timeout=300,
    )


@both
def test_an_error_is_one_line_that_names_everything_and_travels(product: str) -> None:
    error = error_of(product)("a\nb", expected="one", found="two\n three", remedy="choose one")
    assert str(error) == "a b: expected one, found two three; choose one"
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert (type(twin), str(twin), twin.remedy) == (type(error), str(error), "choose one")


@both
def test_what_is_not_there_names_its_flag_or_the_near_name(product: str, tmp_path: Path) -> None:
    (tmp_path / "videos").mkdir()
    paths = room(product, "paths")
    with pytest.raises(
        error_of(product), match=r"no such file or folder; did you mean .*/videos\?"
    ):
        paths.require_path(tmp_path / "vidoes", flag="SOURCE")
    with pytest.raises(error_of(product), match="check SOURCE"):
        paths.require_path(tmp_path / "xyzzy", flag="SOURCE")
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    with pytest.raises(error_of(product), match="a link to nothing"):
        paths.require_path(tmp_path / "link", flag="SOURCE")


@both
def test_a_file_is_written_whole_or_not_at_all(product: str, tmp_path: Path) -> None:
    atomic, target = room(product, "atomic"), tmp_path / "deep" / "result.json"
    atomic.write_json(target, {"a": 1})
    before = target.read_bytes()
    assert before.endswith(b"\n")

    def interrupted() -> None:
        with atomic.atomic_path(target) as path:
            path.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    assert target.read_bytes() == before
    assert [one.name for one in target.parent.iterdir()] == ["result.json"]


@both
def test_a_file_is_as_open_to_others_as_the_user_has_it(product: str, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        room(product, "atomic").write_text(tmp_path / "a.txt", "text")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o640


@both
@pytest.mark.parametrize(("seconds", "text"), [(7.4, "7 s"), (95, "1 min 35 s")])
def test_durations_are_told_alike(product: str, seconds: float, text: str) -> None:
    assert room(product, "progress").clock(seconds) == text


@both
def test_a_quota_of_cores_is_respected(product: str, tmp_path: Path) -> None:
    assert room(product, "quotas").quota_cores(tmp_path) is None


@both
def test_mistakes_are_one_line_and_status_2(product: str, tmp_path: Path) -> None:
    for words in (
        ["runn"],
        ["run"],
        ["run", tmp_path / "gone", "--out", tmp_path / "out"],
        ["run", tmp_path, "--out", tmp_path / "out", "--xyzzy", "1"],
        ["run", "--config", tmp_path / "gone.yaml"],
    ):
        done = run(product, *words)
        assert (done.returncode, done.stdout) == (2, ""), words
        assert done.stderr.startswith(f"{product}: "), words
        assert done.stderr.count("\n") == 1, (words, done.stderr)
    assert list(tmp_path.iterdir()) == []


@both
def test_the_version_and_help_of_both_are_found_alike(product: str) -> None:
    assert run(product, "--version").stdout.strip() == import_module(product).__version__
    shown = run(product, "--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith(f"Usage: {product} ")
