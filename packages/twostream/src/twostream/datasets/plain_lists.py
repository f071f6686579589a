"""Lists without a header, ``path label`` or ``path count label``, as other tools train from them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from twostream.datasets.listing import read_lines
from twostream.errors import TwostreamError

LIST_EXTENSION = ".txt"
LABEL_MAP = "label_map.txt"

# Blanks may be in paths, so that a line is read from its end.
_LINE = re.compile(r"(?P<path>.+?)(?:[\s,]+(?P<count>[0-9]+))?[\s,]+(?P<label>[^\s,]+)")


def is_plain_list(path: Path) -> bool:
    """Whether the first line of `path`, a text or a table by its name, is one of such a list.

    In a table, that is one that ends in a blank and a number and has no comma, semicolon or tab.
    """
    suffix = path.suffix.lower()
    if suffix not in (LIST_EXTENSION, ".csv") or not path.is_file():
        return False
    with path.open("rb") as file:
        first = file.readline(4096).decode("utf-8-sig", "replace").strip()
    if suffix == LIST_EXTENSION:
        return _LINE.fullmatch(first) is not None
    return re.fullmatch(r"[^,;\t\0]+ [0-9]+", first) is not None


def read_plain_list(
    path: Path, *, together: Sequence[Path] = ()
) -> Iterator[tuple[str, dict[str, str]]]:
    """Where each line stands, and its cells ``path`` and ``label``.

    Of several lists that belong `together`, numbers mean the same in all. Numbers of classes become names:
    of the line of that number, from 0, in a ``label_map.txt`` beside the list or one folder above; else of
    the folders of the videos, where each number has one of its own. Raises TwostreamError, naming the line,
    for one that cannot be understood and a number that the map lacks.
    """
    rows = _lines(path)
    names = _label_map(path)
    if names is None:
        others = [row for other in together if other != path for row in _lines(other)]
        names = _names_of_folders([*rows, *others])
        known = {label: names.get(label, label) for _, _, label in rows}
    else:
        known = {}
        for where, _, label in rows:
            if label not in names and label.isdecimal():
                raise TwostreamError(
                    where,
                    expected=f"the number of a class of {LABEL_MAP}, up to {len(names) - 1}",
                    found=label,
                    remedy=f"give the {LABEL_MAP} of this list",
                )
            known[label] = names.get(label, label)
    for where, place, label in rows:
        yield where, {"path": place, "label": known[label]}


def _lines(path: Path) -> list[tuple[str, str, str]]:
    """Where each line stands, its path and its label."""
    rows = []
    for number, line in read_lines(path):
        match = _LINE.fullmatch(line)
        if match is None:
            raise TwostreamError(
                f"{path}: line {number}",
                expected="`path label` or `path count label`",
                found=repr(line[:80]),
                remedy="correct or remove the line",
            )
        place = match["path"].replace("\\", "/").removeprefix("./")
        rows.append((f"{path}: line {number}", place, match["label"]))
    return rows


def _label_map(path: Path) -> dict[str, str] | None:
    for folder in (path.parent, path.absolute().parent.parent):
        if (folder / LABEL_MAP).is_file():
            lines = [line for _, line in read_lines(folder / LABEL_MAP)]
            return {str(number): line for number, line in enumerate(lines)}
    return None


def _names_of_folders(rows: list[tuple[str, str, str]]) -> dict[str, str]:
    """Label -> the folder of its videos, where labels are numbers and each has one that no other has."""
    folders: dict[str, set[str]] = {}
    for _, place, label in rows:
        folders.setdefault(label, set()).add(PurePosixPath(place).parent.name)
    names = {label: next(iter(found)) for label, found in folders.items() if len(found) == 1}
    clear = len(names) == len(folders) == len(set(names.values())) and all(names.values())
    return names if clear and all(label.isdecimal() for label in folders) else {}
