"""Single lines on standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich.console import Console

from twostream.cli.plain import plain
from twostream.datasets.clips import Problem

PROBLEMS_SHOWN = 5


def print_line(text: str) -> None:
    """Say one line as it is."""
    Console(highlight=False, soft_wrap=True).print(plain(text), markup=False, emoji=False)


def print_at_once(line: str) -> None:
    """Write one line as it is, so that a pipe has it when it was made."""
    sys.stdout.write(f"{plain(line)}\n")
    sys.stdout.flush()


def print_notes(notes: Iterable[str]) -> None:
    """Say what is worth knowing."""
    for note in notes:
        print_line(f"note: {note}")


def print_problems(problems: Iterable[Problem]) -> None:
    """Say what is amiss with the first few clips."""
    for problem in list(problems)[:PROBLEMS_SHOWN]:
        print_line(f"{problem.stage}: {problem.source}: {problem.reason}")
