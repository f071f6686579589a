"""A file that may hold labels: its bytes, text, JSON or XML, each read once."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from xml.etree import ElementTree

from twostream.errors import TwostreamError

MOST_BYTES = 512 << 20
HEAD_CHARACTERS = 1 << 16
LABEL = "label"
GZIP_BEGINS = b"\x1f\x8b"  # BORIS keeps projects as .boris.gz too


class LabelFile:
    """One file; nothing of it is read before it is asked for.

    Raises TwostreamError where the file is larger than any labels are, OSError where it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def is_small(self) -> bool:
        """Whether it is no larger than labels are."""
        return self.path.stat().st_size <= MOST_BYTES

    @cached_property
    def data(self) -> bytes:
        """Its bytes."""
        size = self.path.stat().st_size
        if not self.is_small:
            raise TwostreamError(
                self.path,
                expected=f"a file of labels, of at most {MOST_BYTES >> 20} MiB",
                found=f"{size >> 20} MiB",
                remedy="give the file of labels, or parts of it",
            )
        data = self.path.read_bytes()
        return _unpacked(self.path, data) if data[:2] == GZIP_BEGINS else data

    @cached_property
    def is_text(self) -> bool:
        """Whether it holds text."""
        return "\0" not in self.head

    @cached_property
    def encoding(self) -> str:
        """UTF-8, UTF-16 (by its mark, or by its zeros), else ISO-8859-1, in which anything is text."""
        if self.data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return "utf-16"
        odd, even = self.data[1:512:2], self.data[:512:2]
        if len(odd) > 8 and not any(odd):
            return "utf-16-le"
        if len(even) > 8 and not any(even):
            return "utf-16-be"
        try:
            self.data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return "iso-8859-1"
        return "utf-8-sig"

    @cached_property
    def text(self) -> str:
        """Its text, with one line feed at the end of a line."""
        decoded = self.data.decode(self.encoding, "replace")
        return decoded.replace("\r\n", "\n").replace("\r", "\n")

    @property
    def head(self) -> str:
        """The beginning of its text."""
        return self.text[:HEAD_CHARACTERS]

    @cached_property
    def lines(self) -> list[str]:
        """The lines that are not blank, without blanks at their right end."""
        return [line.rstrip() for line in self.text.split("\n") if line.strip()]

    @cached_property
    def document(self) -> object:
        """What it holds as JSON; None where it is none."""
        if self.text.lstrip()[:1] not in ("{", "["):
            return None
        try:
            found: object = json.loads(self.text)
        except (ValueError, RecursionError):
            return None
        return found

    @cached_property
    def is_cut_json(self) -> bool:
        """Whether it begins as JSON and is none: cut off, or damaged."""
        begins = re.match(r'\s*(\{\s*"|\[\s*[\[{"])', self.head)
        return begins is not None and self.document is None

    @cached_property
    def root(self) -> ElementTree.Element | None:
        """The root of its XML; None where it is none.

        Entities of its own are not read: no tool of labels writes any. Raises TwostreamError for XML that
        is cut off or damaged.
        """
        if not self.text.lstrip("\ufeff \n\t").startswith("<"):
            return None
        if "<!ENTITY" in self.text or "<!DOCTYPE" in self.text:
            raise TwostreamError(
                self.path,
                expected="XML as a tool of labels writes it",
                found="a document type or entities of its own",
                remedy="export the labels again",
            )
        try:
            # The text, since a declaration may name an encoding that it is not in.
            return ElementTree.fromstring(re.sub(r"^\ufeff?\s*<\?xml[^>]*\?>", "", self.text))
        except ElementTree.ParseError as error:
            raise TwostreamError(
                self.path, expected="XML", found=str(error), remedy="export the labels again"
            ) from error

    def cells(self, delimiter: str, *, skip: int = 0) -> list[list[str]]:
        """The rows of it as a table, without empty ones, after so many of its lines."""
        text = "\n".join(self.text.split("\n")[skip:])
        return _cells(text, delimiter)

    @cached_property
    def delimiter(self) -> str:
        """What stands between the cells of its first line that is not blank."""
        first = self.lines[0] if self.lines else ""
        return max(",;\t", key=first.count)

    @cached_property
    def header(self) -> tuple[str, ...]:
        """The cells of the first line that is not blank, in lower case."""
        rows = _cells(self.lines[0], self.delimiter) if self.lines else []
        return tuple(cell.strip().casefold() for cell in rows[0]) if rows else ()

    @cached_property
    def rows(self) -> list[dict[str, str]]:
        """The rows below the header, by its cells in lower case; labels keep the blanks at their ends."""
        found = self.cells(self.delimiter)
        return [
            {
                name: cell if name == LABEL else cell.strip()
                for name, cell in zip(self.header, cells, strict=False)
            }
            for cells in found[1:]
        ]


def _unpacked(path: Path, data: bytes) -> bytes:
    """What is compressed in `data`, where that is JSON; else `data` itself."""
    try:
        with gzip.open(io.BytesIO(data)) as file:
            begins = file.read(64)
            if not begins.lstrip().startswith(b"{"):
                return data
            found = begins + file.read(MOST_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        raise TwostreamError(
            path,
            expected="a whole compressed file",
            found=str(error),
            remedy="save it again, or unpack it",
        ) from error
    if len(found) > MOST_BYTES:
        raise TwostreamError(
            path,
            expected=f"a file of labels, of at most {MOST_BYTES >> 20} MiB unpacked",
            found="more",
            remedy="give the file of labels, or parts of it",
        )
    return found


def mostly(pattern: re.Pattern[str], lines: Sequence[str]) -> bool:
    """Whether at least half of the first `lines` are of the pattern: a few may be damaged.

    >>> mostly(re.compile("[0-9]+"), ["1", "2", "x"]), mostly(re.compile("[0-9]+"), [])
    (True, False)
    """
    head = lines[:40]
    return sum(pattern.fullmatch(line) is not None for line in head) * 2 >= max(len(head), 1)


def _cells(text: str, delimiter: str) -> list[list[str]]:
    csv.field_size_limit(1 << 26)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error:
        return []
