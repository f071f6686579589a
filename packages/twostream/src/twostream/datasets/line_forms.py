"""How a line of a list without a header is cut into a path and a label: told from which files are there."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from twostream.datasets.names import is_video
from twostream.datasets.spellings import Spellings, base_folder

DELIMITERS = "\t;,|"
# So many lines tell how all are written.
MOST_LOOKED_AT = 100

# Blanks may be in paths, so that a line is read from its end.
_FROM_THE_END = re.compile(r"(?P<path>.+?)(?:[\s,]+(?P<count>[0-9]+))?[\s,]+(?P<label>[^\s,]+)")
_AFTER_A_VIDEO = re.compile(
    r"(?P<path>.+?\.\w{2,5})[\"']?\s+(?:(?P<count>[0-9]+)\s+)?(?P<label>\S.*)"
)
_LABEL_FIRST = re.compile(r"(?P<label>\S+)\s+(?P<path>.+?)(?:\s+(?P<count>[0-9]+))?")


class Cut(NamedTuple):
    """What a line says: a path, its label, and the number of its frames where it tells one."""

    path: str
    label: str
    frames: int | None = None


@dataclass(frozen=True)
class LineForm:
    """A way in which lines are written: `cut` gives what one says, or None for a line of another form."""

    cut: Callable[[str], Cut | None]
    label_first: bool = False


def _by(pattern: re.Pattern[str], line: str) -> Cut | None:
    match = pattern.fullmatch(line)
    if match is None:
        return None
    return Cut(_bare(match["path"]), _bare(match["label"]), _count(match["count"]))


def _after_a_video(line: str) -> Cut | None:
    """Path and label of words; numbers among them are times, or other labels."""
    found = _by(_AFTER_A_VIDEO, line)
    if found is None or not is_video(found.path):
        return None
    return None if any(word.isdecimal() for word in found.label.split()) else found


def _cells(line: str, *, delimiter: str, label_first: bool) -> Cut | None:
    """Two cells, or three of which one is the number of frames."""
    cells = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    cells = [_bare(cell.strip()) for cell in cells]
    frames = None
    if len(cells) == 3:
        counts = [place for place in (1, 2) if cells[place].isdecimal()]
        place = next((one for one in counts if one == (2 if label_first else 1)), None)
        if place is None:
            return None
        frames = _count(cells.pop(place))
    if len(cells) != 2 or not all(cells):
        return None
    path, label = reversed(cells) if label_first else cells
    return Cut(path, label, frames)


def _count(text: str | None) -> int | None:
    return None if text is None else int(text)


def _bare(text: str) -> str:
    """A text without the quotes around it."""
    return text[1:-1] if len(text) > 2 and text[0] == text[-1] and text[0] in "\"'" else text


USUAL = LineForm(partial(_by, _FROM_THE_END))
FORMS = (
    USUAL,
    *(LineForm(partial(_cells, delimiter=sign, label_first=False)) for sign in DELIMITERS),
    LineForm(_after_a_video),
    *(LineForm(partial(_cells, delimiter=sign, label_first=True), True) for sign in DELIMITERS),
    LineForm(partial(_by, _LABEL_FIRST), True),
)


def form_of(lines: Sequence[str], folder: Path) -> LineForm:
    """The form of which most paths, relative to `folder`, are there; the usual one where none are.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "a b.avi").touch()
    >>> form_of(["jump a b.avi"], folder).cut("jump a b.avi"), form_of(["x 1"], folder) is USUAL
    (Cut(path='a b.avi', label='jump', frames=None), True)
    """
    some = lines[:: max(1, len(lines) // MOST_LOOKED_AT)]
    spellings = Spellings()

    def there(form: LineForm) -> int:
        paths = [path_of(cut) for cut in map(form.cut, some) if cut is not None]
        base = base_folder(paths, folder=folder, spellings=spellings)
        return sum(bool(spellings.alike(base / path)) for path in paths)

    usual = there(USUAL)
    if usual == len(some):
        return USUAL
    best, form = max(((there(one), one) for one in FORMS[1:]), key=lambda pair: pair[0])
    return form if best > usual else USUAL


def path_of(cut: Cut) -> str:
    """The path of a line, with forward slashes."""
    return cut.path.replace("\\", "/").removeprefix("./")
