"""Below the command line nothing is printed: what a verb tells are events."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import streamergraph
from streamergraph.errors import StreamergraphWarning
from streamergraph.events import (
    Finished,
    Noted,
    Said,
    Started,
    Tabled,
    listening,
    note,
    say,
    say_table,
)
from streamergraph.progress import Progress, step

SOURCES = Path(streamergraph.__file__).parent
# Programs of their own, of which the benchmark reads what they print.
PROGRAMS = {"processing/pairwise_methods.py"}


def offences(tree: ast.AST) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in ("print", "Console"):
            found.append(f"{node.lineno}: {node.id}")
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("sys.stdout", "sys.stderr"):
            found.append(f"{node.lineno}: {ast.unparse(node)}")
    return found


def test_nothing_below_the_command_line_prints():
    found = {}
    for path in SOURCES.rglob("*.py"):
        name = path.relative_to(SOURCES).as_posix()
        if not name.startswith("cli/") and name not in PROGRAMS:
            found[name] = offences(ast.parse(path.read_text(encoding="utf-8")))
    assert {name: lines for name, lines in found.items() if lines} == {}
    assert offences(ast.parse("print(1)"))


def test_a_listener_hears_everything_in_order_and_nobody_else_does(capfd):
    heard = []
    with listening(heard.append):
        say("a line")
        note("a note")
        say_table("title", ["a", "b"], [[1, None]], numbers=[0])
        with Progress("count", total=2) as progress:
            progress.advance()
        with step("stage"):
            pass
    assert heard[:3] == [
        Said("a line"),
        Noted("a note"),
        Tabled("title", ("a", "b"), ((1, None),), frozenset({0})),
    ]
    kinds = [type(event).__name__ for event in heard[3:]]
    assert kinds == ["Started", "Advanced", "Finished", "Started", "Finished"]
    assert heard[2].to_dict()["rows"] == [{"a": 1, "b": None}]
    say("nobody hears this")
    with pytest.warns(StreamergraphWarning, match="a note"):
        note("a note")
    assert capfd.readouterr() == ("", "")


def test_what_an_error_ends_is_not_completed():
    heard = []

    def fail():
        with step("stage"):
            raise RuntimeError

    with listening(heard.append), pytest.raises(RuntimeError):
        fail()
    assert isinstance(heard[0], Started)
    assert isinstance(heard[1], Finished)
    assert not heard[1].completed
