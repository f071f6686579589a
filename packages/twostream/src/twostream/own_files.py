"""Files that are there already: replaced where this program wrote them, never where somebody else did.

Another run of a command replaces what the first one wrote. A table of labels or a video of that name is
somebody's work, and is told from ours by its header, its columns or its mark.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

from twostream.errors import TwostreamError

MARK = "twostream"
"""Who made a video or a page, as it says itself."""

HEAD_CHARACTERS = 1 << 16


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

    _require(path, is_own, flag=flag, what=what)


def require_own_parquet(path: Path, columns: Sequence[str], *, flag: str, what: str) -> None:
    """Raise TwostreamError for a file that is no Parquet, or whose first columns are others."""

    def is_own() -> bool:
        import polars as pl

        try:
            return list(pl.read_parquet_schema(path))[: len(columns)] == list(columns)
        except pl.exceptions.PolarsError:
            return False

    _require(path, is_own, flag=flag, what=what)


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

    _require(path, is_own, flag=flag, what="a video that this program made")


def require_own_page(path: Path, *, flag: str) -> None:
    """Raise TwostreamError for a file that is no page with our mark, which names its generator."""

    def is_own() -> bool:
        with path.open(encoding="utf-8", errors="replace") as file:
            return f'<meta name="generator" content="{MARK}">' in file.read(HEAD_CHARACTERS)

    _require(path, is_own, flag=flag, what="a page that this program made")


def _require(path: Path, is_own: Callable[[], bool], *, flag: str, what: str) -> None:
    """Refuse another file; an empty one holds nothing to be lost, what is no file is refused elsewhere."""
    if path.is_file() and path.stat().st_size and not is_own():
        raise TwostreamError(
            path,
            expected=f"a new file, or {what}, which is replaced",
            found="another file",
            remedy=f"choose another {flag}, or remove it",
        )
