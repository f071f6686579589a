"""Files as they are collected: plain, or packed by gzip."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import IO

PACKED = ".gz"
DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)  # what reading a damaged packed file raises


def suffix_of(path: Path) -> str:
    """The suffix of what is in the file, in lower case.

    >>> suffix_of(Path("2022-05-05_15-09.JSON.gz")), suffix_of(Path("chat.csv"))
    ('.json', '.csv')
    """
    inner = path.with_suffix("") if path.suffix.lower() == PACKED else path
    return inner.suffix.lower()


def content_of(path: Path) -> bytes:
    """The bytes of a file, unpacked; raises one of `DAMAGED` where that cannot be done."""
    packed = path.read_bytes()
    return gzip.decompress(packed) if path.suffix.lower() == PACKED else packed


def open_text(path: Path, *, newline: str | None = None) -> IO[str]:
    """A text file in UTF-8 to read, unpacked on the way."""
    if path.suffix.lower() == PACKED:
        return gzip.open(path, "rt", encoding="utf-8-sig", newline=newline)
    return path.open(encoding="utf-8-sig", newline=newline)
