"""Text files written line by line, however many lines there are."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from streamergraph.atomic import atomic_path


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write `lines` as UTF-8 with LF line ends, atomically; lone surrogates become question marks."""
    with (
        atomic_path(path) as temporary,
        temporary.open("w", encoding="utf-8", newline="\n", errors="replace") as file,
    ):
        for line in lines:
            file.write(line + "\n")
