"""Files that are there already: replaced where this program wrote them, never where somebody else did.

Another run of a command replaces what the first one wrote. A table of labels or a video of that name is
somebody's work, and is told from ours by its header, its columns or its mark.
"""

from __future__ import annotations

import csv
import struct
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

from twostream.errors import TwostreamError

MARK = "twostream"
"""Who made a video or a page, as it says itself."""

HEAD_CHARACTERS = 1 << 16
PNG, PNG_HEAD = (
    b"\x89PNG\r\n\x1a\n",
    33,
)  # signature, and its bytes up to the end of the first chunk


def require_own_csv(path: Path, columns: Sequence[str], *, flag: str, what: str) -> None:
    """Raise TwostreamError for a file whose header does not begin with these columns.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.csv"
    >>> require_own_csv(path, ["frame", "speed"], flag="--out", what="a table of motion")
    >>> _ = path.write_text("frame,speed,more")
    >>> require_own_csv(path, ["frame", "speed"], flag="--out", what="a table of motion")
    """

    def is_own() -> bool:
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            header = next(csv.reader([file.readline(HEAD_CHARACTERS)]), [])
        return header[: len(columns)] == list(columns)

    require_own(path, is_own, flag=flag, what=what)


def require_own_parquet(path: Path, columns: Sequence[str], *, flag: str, what: str) -> None:
    """Raise TwostreamError for a file that is no Parquet, or whose first columns are others."""

    def is_own() -> bool:
        import polars as pl

        try:
            return list(pl.read_parquet_schema(path))[: len(columns)] == list(columns)
        except pl.exceptions.PolarsError:
            return False

    require_own(path, is_own, flag=flag, what=what)


def require_own_video(path: Path, *, flag: str) -> None:
    """Raise TwostreamError for a file that is no video with our mark, which is its comment."""

    def is_own() -> bool:
        import av

        try:
            with av.open(str(path.absolute())) as container:
                found = {name.lower(): value for name, value in container.metadata.items()}
        except (av.FFmpegError, UnicodeDecodeError, ValueError):
            return False
        return found.get("comment") == MARK

    require_own(path, is_own, flag=flag, what="a video that this program made")


def require_own_page(path: Path, *, flag: str) -> None:
    """Raise TwostreamError for a file that is no page with our mark, which names its generator."""

    def is_own() -> bool:
        with path.open(encoding="utf-8", errors="replace") as file:
            return f'<meta name="generator" content="{MARK}">' in file.read(HEAD_CHARACTERS)

    require_own(path, is_own, flag=flag, what="a page that this program made")


def marked_picture(content: bytes) -> bytes:
    """An encoded PNG or JPEG with our mark: the software in a text of the one, a comment in the other."""
    if content.startswith(PNG):
        text = b"tEXtSoftware\0" + MARK.encode()
        size, check = struct.pack(">I", len(text) - 4), struct.pack(">I", zlib.crc32(text))
        return content[:PNG_HEAD] + size + text + check + content[PNG_HEAD:]
    comment = b"\xff\xfe" + struct.pack(">H", len(MARK) + 2) + MARK.encode()
    return content[:2] + comment + content[2:]


def require_own_picture(path: Path, *, flag: str) -> None:
    """Raise TwostreamError for a file that is no picture with the mark of `marked_picture`."""

    def is_own() -> bool:
        with path.open("rb") as file:
            head = file.read(PNG_HEAD + 64)
        begin = PNG_HEAD if head.startswith(PNG) else 2
        return head.startswith(marked_picture(head[:begin]))

    require_own(path, is_own, flag=flag, what="a picture of flow")


def require_own(path: Path, is_own: Callable[[], bool], *, flag: str, what: str) -> None:
    """Raise TwostreamError for another file; an empty one holds nothing to be lost."""
    if path.is_file() and path.stat().st_size and not is_own():
        raise TwostreamError(
            path,
            expected=f"a new file, or {what}, which is replaced",
            found="another file",
            remedy=f"choose another {flag}, or remove it",
        )
