"""Files that appear whole or not at all, whenever the process is stopped."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TEMPORARY_PREFIX = ".partial-"


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside `target`; rename it to `target` on success, remove it on failure.

    The temporary name keeps the suffix of `target` (libraries choose formats by suffix) and starts
    with ``.partial-``. The name stays short, so that a long `target` name never overflows the file
    system's limit. Raises whatever the body raises, and OSError for an unwritable folder
    (PermissionError where the system takes no files at all).

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with atomic_path(folder / "a.txt") as temporary:
    ...     _ = temporary.write_text("whole")
    >>> [path.name for path in folder.iterdir()]
    ['a.txt']
    """
    temporary = _temporary_file(target)
    try:
        yield temporary
        # mkstemp makes private files; results are ordinary files under the user's umask.
        temporary.chmod(0o666 & ~current_umask())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _temporary_file(target: Path) -> Path:
    suffix = target.suffix if len(target.suffix) < 32 else ""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, suffix=suffix, dir=target.parent)
    except FileNotFoundError as error:
        # Below /proc the system says that something is missing. It means this.
        where = str(target.parent)
        raise PermissionError(errno.EACCES, "nothing can be written there", where) from error
    os.close(handle)
    return Path(name)


def current_umask() -> int:
    """The permissions that new files do not get; mkstemp and mkdtemp give fewer still."""
    umask = os.umask(0o077)
    os.umask(umask)
    return umask


def write_text(target: Path, text: str) -> None:
    """Write `text` to `target` as UTF-8 with LF line ends, atomically."""
    with atomic_path(target) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(target: Path, value: Any) -> None:
    """Write `value` to `target` as indented JSON, atomically."""
    write_text(target, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write_csv(target: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write one table as CSV, atomically; fractions get six decimals, None an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow(f"{cell:.6f}" if isinstance(cell, float) else cell for cell in row)
    write_text(target, text.getvalue())
