"""Files as they are collected: plain, or packed by gzip."""

from __future__ import annotations

import codecs
import gzip
import json
import zlib
from pathlib import Path
from typing import IO

from streamergraph.text_files import BYTE_ORDER_MARKS

PACKED = ".gz"
GZIP = b"\x1f\x8b"  # whatever the name says: some programs unpack on the way, some do not
OTHERS = (
    b"PK\3\4",
    b"\x28\xb5\x2f\xfd",
    b"\xfd7zXZ",
    b"BZh",
    b"7z\xbc\xaf",
)  # zip, zst, xz, bz2, 7z
LOOKED_AT = 1024
WESTERN = "streamergraph-windows-1252"
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
    content = path.read_bytes()
    return gzip.decompress(content) if content.startswith(GZIP) else content


def json_text(content: bytes) -> str:
    r"""The text of JSON in UTF-8, UTF-16 or UTF-32; single letters in Windows-1252 are read as such.

    >>> json_text(b'"perch\xe9"'), json_text('"perché"'.encode("utf-16"))
    ('"perché"', '"perché"')
    """
    encoding = json.detect_encoding(content)
    return content.decode(encoding, _lenient(encoding))


def open_text(path: Path, *, newline: str | None = None) -> IO[str]:
    """A text file to read, unpacked on the way; see `json_text`. Raises one of `DAMAGED` for no text."""
    with path.open("rb") as file:
        begin = file.read(LOOKED_AT)
    opener = gzip.open if begin.startswith(GZIP) else Path.open
    if begin.startswith(GZIP):
        with gzip.open(path) as unpacked:
            begin = unpacked.read(LOOKED_AT)
    encoding = _encoding(begin[:4])
    if (
        "16" not in encoding
        and "32" not in encoding
        and (b"\0" * 2 in begin or begin.startswith(OTHERS))
    ):
        raise UnicodeDecodeError(encoding, begin[:1], 0, 1, "no text")
    return opener(path, "rt", encoding=encoding, errors=_lenient(encoding), newline=newline)


def _encoding(begin: bytes) -> str:
    return next((name for mark, name in BYTE_ORDER_MARKS if begin.startswith(mark)), "utf-8-sig")


def _lenient(encoding: str) -> str:
    return WESTERN if encoding.startswith("utf-8") else "strict"


def _in_windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(WESTERN, _in_windows_1252)
