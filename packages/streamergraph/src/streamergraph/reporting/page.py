"""Reports as one HTML file each, for light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from streamergraph.atomic import write_text

LONG_LETTERS = 48


@dataclass(frozen=True, kw_only=True)
class ReportTable:
    """A table: header and rows; columns of numbers are right-aligned."""

    header: Sequence[str]
    rows: Sequence[Sequence[Any]]
    numbers: Sequence[int] = ()


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading with sentences, a chart and a table, each where there is one."""

    title: str
    sentences: Sequence[str] = ()
    chart: Markup | None = None
    table: ReportTable | None = None
    warnings: Sequence[str] = field(default_factory=tuple)


def write_report(path: Path, title: str, lede: str, sections: Sequence[Section]) -> None:
    """Write the report; whatever names hold is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("streamergraph.reporting", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template("report.html").render(
        title=title, lede=lede, sections=sections, shown=shown, is_long=is_long
    )
    write_text(path, text.encode("utf-8", "replace").decode("utf-8"))


def is_long(cell: Any) -> bool:
    """Whether a cell would take the room of others in its row, which would be broken into lines then."""
    return isinstance(cell, str) and len(cell) > LONG_LETTERS


def shown(cell: Any) -> Any:
    """A cell as it is shown: thousands apart, what is unknown empty.

    >>> shown(2977), shown(1234.5), shown(96.5), shown("2021"), shown(None)
    ('2,977', '1,234.5', '96.5', '2021', '')
    """
    if cell is None:
        return ""
    is_number = isinstance(cell, int | float) and not isinstance(cell, bool)
    return f"{cell:,}" if is_number else cell
