"""``problems.csv``: what could not be used, and why."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path

from twostream.atomic import write_text
from twostream.datasets.clips import Problem
from twostream.datasets.names import readable
from twostream.errors import TwostreamError

FILE_NAME = "problems.csv"
COLUMNS = ["source", "stage", "reason"]

_LINE_ENDS = re.compile(r"\s*[\r\n]\s*")


def write_problems(folder: Path, problems: Iterable[Problem]) -> None:
    """Write ``problems.csv`` in `folder`, one row a line, in the order given, atomically."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for problem in problems:
        cells = (problem.source, problem.stage, problem.reason)
        # Messages of other libraries run over several lines; a row stays a line.
        writer.writerow([_LINE_ENDS.sub(" ", readable(cell)) for cell in cells])
    write_text(folder / FILE_NAME, text.getvalue())


def read_problems(folder: Path) -> tuple[Problem, ...]:
    """Read ``problems.csv`` of `folder`; empty where there is none.

    Raises TwostreamError for a file with other columns.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    if not rows or rows[0] != COLUMNS or any(len(row) != len(COLUMNS) for row in rows):
        raise TwostreamError(
            path,
            expected=f"the columns {','.join(COLUMNS)}",
            found=",".join(rows[0]) if rows else "an empty file",
            remedy="run `twostream prepare` again",
        )
    return tuple(Problem(*row) for row in rows[1:])
