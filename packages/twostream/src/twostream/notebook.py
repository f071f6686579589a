"""How results show themselves in a notebook: tables and links in HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any


def html_table(title: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """A table for notebooks.

    >>> html_table("a < b", [{"x": 0.5}])
    '<table><caption>a &lt; b</caption><tr><th>x</th></tr><tr><td>0.5</td></tr></table>'
    """
    if not rows:
        return f"<p>{escape(title)}</p>"
    head = "".join(f"<th>{escape(name)}</th>" for name in rows[0])
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(_cell(value))}</td>' for value in row.values())}</tr>"
        for row in rows
    )
    return f"<table><caption>{escape(title)}</caption><tr>{head}</tr>{body}</table>"


def html_link(path: Path) -> str:
    """A link to a file, for notebooks."""
    return f'<a href="{escape(path.as_posix())}">{escape(str(path))}</a>'


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
