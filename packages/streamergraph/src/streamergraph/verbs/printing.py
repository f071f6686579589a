"""What the verbs print on standard output."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


def say(text: str) -> None:
    """Print one line as it is."""
    from rich.console import Console

    Console().print(text, soft_wrap=True, markup=False, highlight=False)


def say_table(
    title: str, header: Sequence[str], rows: Iterable[Sequence[Any]], *, numbers: Iterable[int] = ()
) -> None:
    """Print a table; columns whose index is in `numbers` are right-aligned."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    right = set(numbers)
    table = Table(title=escape(title))
    for k, heading in enumerate(header):
        table.add_column(escape(heading), justify="right" if k in right else "left")
    for row in rows:
        table.add_row(*(escape("" if cell is None else str(cell)) for cell in row))
    Console().print(table)
