"""Text files as other programs write them: in any encoding of today, with any delimiter."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path

from streamergraph.errors import StreamergraphError

DELIMITERS = (",", "\t", ";", "|")
LOOKED_AT = 200  # lines from which the delimiter is told
# Excel's "Unicode text" is UTF-16; the longer mark of UTF-32 begins with that of UTF-16.
BYTE_ORDER_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
LARGEST_FIELD = 2**24
LONGEST_ROW_LINES = 20  # of a text in which some quotation mark is not closed


def read_text(path: Path, *, expected: str) -> str:
    """The text of a file in UTF-8, UTF-16 or UTF-32, with or without a byte-order mark.

    What is none of these is read as Windows-1252, as spreadsheets of western Europe write it.
    Raises StreamergraphError, with `expected` in its words, for a file that cannot be read or is no
    text.
    """
    try:
        content = path.read_bytes()
    except OSError:
        raise StreamergraphError(
            path, expected=expected, found="no file that can be read", remedy="check the path"
        ) from None
    try:
        text = content.decode(_encoding(content))
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise StreamergraphError(
            path, expected=expected, found="no text", remedy="check which file was meant"
        )
    return text


def _encoding(content: bytes) -> str:
    for mark, encoding in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return encoding
    start = content[:4096]
    if start[1::2].count(0) > len(start) // 3:
        return "utf-16-le"
    if start[::2].count(0) > len(start) // 3:
        return "utf-16-be"
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def delimiter_of(text: str) -> str | None:
    r"""What parts the columns of a table: what gives most of its first rows as many fields as another.

    None where less than half of the rows have more than one field.

    >>> delimiter_of("login;channels\nanna;1,5\nbert;2,5")
    ';'
    >>> delimiter_of("anna\nbert")
    """
    start = "".join(islice(io.StringIO(text, newline=""), LOOKED_AT))
    n_rows = sum(bool(line.strip()) for line in start.splitlines())
    best, most = None, (0, 0)
    for delimiter in DELIMITERS:
        widths = Counter(len(row) for row in split_rows(start, delimiter) if len(row) > 1)
        if widths:
            width, rows = max(widths.items(), key=lambda item: (item[1], item[0]))
            if 2 * rows >= n_rows and (rows, width) > most:
                best, most = delimiter, (rows, width)
    return best


def split_rows(text: str, delimiter: str) -> list[list[str]]:
    r"""The fields of each row; quoted ones may hold delimiters and ends of lines.

    Where a quotation mark is not closed or has a text behind it, it is a letter of that row alone:
    it does not swallow what follows.

    >>> split_rows('anna,"b,c"\nbert,d', ",")
    [['anna', 'b,c'], ['bert', 'd']]
    >>> split_rows('anna,"b\nbert,d\ncleo,"e,f"', ",")
    [['anna', '"b'], ['bert', 'd'], ['cleo', 'e,f']]
    """
    before = csv.field_size_limit(LARGEST_FIELD)
    try:
        rows = _strict_rows(text, delimiter)
        return rows if rows is not None else list(_rows_one_by_one(text, delimiter))
    finally:
        csv.field_size_limit(before)


def _strict_rows(text: str, delimiter: str) -> list[list[str]] | None:
    """The rows of a text whose quotation marks are as they should be, else None."""
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return None


def _rows_one_by_one(text: str, delimiter: str) -> Iterator[list[str]]:
    lines = list(io.StringIO(text, newline=""))
    at = 0
    while at < len(lines):
        # Most rows are a line; a quoted field may hold some more.
        for height in range(1, min(LONGEST_ROW_LINES, len(lines) - at) + 1):
            rows = _strict_rows("".join(lines[at : at + height]), delimiter)
            if rows is not None and len(rows) <= 1:
                break
        else:
            height, rows = 1, [_row_as_it_is(lines[at], delimiter)]
        yield from rows
        at += height


def _row_as_it_is(line: str, delimiter: str) -> list[str]:
    (row,) = csv.reader([line], delimiter=delimiter)
    # What was opened and not closed would have taken the next lines too.
    is_open = row[-1].endswith(("\n", "\r")) or _strict_rows(line + '"', delimiter) is not None
    return line.rstrip("\r\n").split(delimiter) if is_open else row


@lru_cache(maxsize=4096)
def column_key(name: str) -> str:
    """The name of a column as it is compared: words in lower case, joined by underscores.

    >>> column_key("Release date"), column_key("userLogin"), column_key("user.login")
    ('release_date', 'user_login', 'user_login')
    """
    return "_".join(re.findall(r"[A-Z]?[a-z]+|[A-Z]+|\d+", name)).lower()
