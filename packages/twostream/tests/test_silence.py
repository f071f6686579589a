"""Below the command line nothing is printed: results are returned, progress is told as events."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import twostream

SOURCES = Path(twostream.__file__).parent
FORBIDDEN_NAMES = {"print", "Console"}
FORBIDDEN_ATTRIBUTES = {("sys", "stdout"), ("sys", "stderr"), ("warnings", "warn")}
# The one that turns what nobody listens to into a warning of Python's.
WARNS = "events.py"


def offences(tree: ast.AST) -> Iterator[str]:
    """What of a module writes on a terminal, or takes all of its arguments as one dictionary."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) if name in FORBIDDEN_NAMES:
                yield f"{node.lineno}: {name}"
            case ast.Attribute(attr=attribute) if attribute in FORBIDDEN_NAMES:
                yield f"{node.lineno}: {attribute}"
            case ast.Attribute(value=ast.Name(id=module), attr=attribute) if (
                module,
                attribute,
            ) in FORBIDDEN_ATTRIBUTES:
                yield f"{node.lineno}: {module}.{attribute}"
            case ast.ImportFrom(module="sys", names=names) if {n.name for n in names} & {
                "stdout",
                "stderr",
            }:
                yield f"{node.lineno}: from sys"
            case ast.Call(func=ast.Name(id="dict"), args=[ast.Call(func=ast.Name(id="locals"))]):
                yield f"{node.lineno}: dict(locals())"


def test_nothing_below_the_command_line_prints() -> None:
    found = [
        f"{path.relative_to(SOURCES)}:{offence}"
        for path in sorted(SOURCES.rglob("*.py"))
        if path.relative_to(SOURCES).parts[0] != "cli"
        for offence in offences(ast.parse(path.read_text(encoding="utf-8")))
        if not (path.name == WARNS and offence.endswith("warnings.warn"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "print(1)",
        "from rich.console import Console as C; Console()",
        "rich.console.Console().print(1)",
        "sys.stderr.write('a')",
        "from sys import stdout",
        "f(**dict(locals()))",
    ],
)
def test_the_search_finds(line: str) -> None:
    assert list(offences(ast.parse(line)))
