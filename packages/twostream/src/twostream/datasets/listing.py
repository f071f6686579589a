"""What lists of splits say, whichever data set they belong to, and how their lines are read."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from twostream.errors import TwostreamError

TRAIN = "train"
VAL = "val"
TEST = "test"
UNUSED = "unused"
# What folders and tables of other makers call the sides.
SIDE_NAMES = {
    "train": TRAIN,
    "training": TRAIN,
    "trn": TRAIN,
    "val": VAL,
    "valid": VAL,
    "validate": VAL,
    "validation": VAL,
    "dev": VAL,
    "devel": VAL,
    "development": VAL,
    "test": TEST,
    "testing": TEST,
    "tst": TEST,
    "eval": TEST,
    "evaluation": TEST,
    "unused": UNUSED,
}
_WORDS = "|".join(word for word, side in SIDE_NAMES.items() if side != UNUSED)
# The word of a part alone between signs, or with what it is a part of behind it:
# hmdb51_train_split_1_videos.txt, trainlist02.txt, Training-Set.
PART_WORD = re.compile(
    rf"(?<![a-z])(?P<part>{_WORDS})(?:[ _-]?(?:list|set|data))?(?![a-z])", re.IGNORECASE
)


@dataclass(frozen=True)
class Entry:
    """One line: a clip and its side ('train', 'val', 'test' or 'unused') in one split.

    `where` names the file and the line, ``trainlist01.txt:12``, for messages.
    """

    class_name: str
    file_name: str
    split: int
    side: str
    where: str


@dataclass(frozen=True)
class Listing:
    """All lists of one annotations folder.

    `name` is 'hmdb51' or 'ucf101'; `classes` are in the order of the labels; `notes` tell what was
    odd but harmless.
    """

    name: str
    classes: tuple[str, ...]
    entries: tuple[Entry, ...]
    notes: tuple[str, ...]

    def only(self, classes: Collection[str]) -> Listing:
        """What is said of `classes`, named in any case."""
        wanted = {name.casefold() for name in classes}
        return replace(
            self,
            classes=tuple(name for name in self.classes if name.casefold() in wanted),
            entries=tuple(e for e in self.entries if e.class_name.casefold() in wanted),
        )


def file_names(folder: Path) -> list[str]:
    """The names of the files in `folder`, sorted, without hidden ones."""
    with os.scandir(folder) as found:
        return sorted(
            entry.name for entry in found if not entry.name.startswith(".") and entry.is_file()
        )


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line number from 1, text) of the lines that are not blank, without blanks at the ends.

    Tabs are blanks. Takes LF, CRLF and CR, UTF-8 with or without a byte order mark, and UTF-16 with one
    (some Windows shells write it). Raises TwostreamError for bytes that are not text, naming the line.
    """
    for number, line in text_lines(path):
        yield number, line.replace("\t", " ")


def text_lines(path: Path) -> Iterator[tuple[int, str]]:
    """As `read_lines`, with tabs where they stand."""
    lines = read_text(path).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines, start=1):
        stripped = line.strip()
        if stripped:
            yield number, stripped


def read_text(path: Path) -> str:
    """The text of a file: UTF-8 with or without a byte order mark, or UTF-16 with one.

    Raises TwostreamError for bytes that are not text, naming the line.
    """
    data = path.read_bytes()
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        bad = 1 + data[: error.start].count(b"\n")
        raise TwostreamError(
            f"{path}:{bad}",
            expected="UTF-8 text",
            found=f"the byte 0x{data[error.start]:02x}",
            remedy="save the list as UTF-8",
        ) from error


def bad_line(path: Path, number: int, line: str, *, expected: str) -> TwostreamError:
    """The error for a line that cannot be understood."""
    shown = line if len(line) <= 80 else line[:77] + "..."
    return TwostreamError(
        f"{path}:{number}",
        expected=expected,
        found=repr(shown),
        remedy="correct or remove the line",
    )
