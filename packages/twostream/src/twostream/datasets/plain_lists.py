"""Lists without a header, ``path label`` or ``path count label``, as other tools train from them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from twostream.datasets.class_numbers import ListedClip, class_names
from twostream.datasets.line_forms import USUAL, form_of, path_of
from twostream.datasets.listing import text_lines
from twostream.datasets.names import is_video
from twostream.errors import TwostreamError

TEXTS = (".txt", ".lst", ".list")
EXTENSIONS = (*TEXTS, ".csv", ".tsv")
COMMENT = "#"

_CELLS = re.compile(r"[,;\t|]")
_ENDS_IN_A_NUMBER = re.compile(r"[^,;\t\0]+ [0-9]+")


def is_plain_list(path: Path) -> bool:
    """Whether the first line of `path`, a text or a table by its name, is one of such a list.

    In a table, that is one of whose cells one is called as videos are, or that ends in a blank and a number
    and has no comma, semicolon or tab. The names of a table's columns are none.
    """
    suffix = path.suffix.lower()
    if suffix not in EXTENSIONS or not path.is_file():
        return False
    first = _first_line(path)
    if names_columns(first):
        return False
    if suffix in TEXTS:
        return USUAL.cut(first) is not None
    cells = [cell.strip().strip("\"'") for cell in _CELLS.split(first)]
    return _ENDS_IN_A_NUMBER.fullmatch(first) is not None or any(map(is_video, cells))


def is_table_of_text(path: Path) -> bool:
    """Whether `path` is a text by its name whose first line names the columns of a table."""
    return path.suffix.lower() in TEXTS and path.is_file() and names_columns(_first_line(path))


def names_columns(line: str) -> bool:
    """Whether a line is the header of a table of clips.

    >>> names_columns("Path; label; split"), names_columns("my path label.avi 0")
    (True, False)
    """
    cells = {cell.strip().strip("\"'").casefold() for cell in _CELLS.split(line)}
    return {"path", "label"} <= cells


def read_plain_list(
    path: Path, *, together: Sequence[Path] = ()
) -> Iterator[tuple[str, dict[str, str]]]:
    """Where each line stands, and its cells: path, label, frames and remark (see `TableRow`).

    Lines that begin with # are comments. Blanks, tabs, commas, semicolons or bars stand between the cells,
    quotes around them, and the label may come first: what gives paths of files that are there is read. Of
    several lists that belong `together`, numbers mean the same in all; `class_names` says what. Raises
    TwostreamError, naming the line, for one that cannot be understood and a number of no class.
    """
    rows, label_first = _lines(path)
    others = [row for other in together if other != path for row in _lines(other)[0]]
    classes = class_names(path, [*rows, *others])
    remarks = [f"labels stand before paths in {path.name}"] if label_first else []
    remark = "; ".join([*remarks, *([classes.remark] if classes.remark else [])])
    for row in rows:
        yield (
            row.where,
            {
                "path": row.path,
                "label": classes.of(row.label),
                "frames": "" if row.frames is None else str(row.frames),
                "remark": remark,
            },
        )


def _lines(path: Path) -> tuple[list[ListedClip], bool]:
    """The lines of a list, and whether their labels come first."""
    numbered = [(number, line) for number, line in text_lines(path) if not line.startswith(COMMENT)]
    form = form_of([line for _, line in numbered], path.parent)
    rows = []
    for number, line in numbered:
        cut = form.cut(line)
        if cut is None:
            raise TwostreamError(
                f"{path}: line {number}",
                expected="`path label` or `path count label`",
                found=repr(line[:80]),
                remedy="correct or remove the line",
            )
        rows.append(ListedClip(f"{path}: line {number}", path_of(cut), cut.label, cut.frames))
    return rows, form.label_first


def _first_line(path: Path) -> str:
    with path.open("rb") as file:
        begin = file.read(4096)
    encoding = "utf-16" if begin[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    lines = (line.strip() for line in begin.decode(encoding, "replace").split("\n"))
    return next((line for line in lines if line and not line.startswith(COMMENT)), "")
