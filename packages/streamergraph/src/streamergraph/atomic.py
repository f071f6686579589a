"""Files that appear whole or not at all, whenever the process is stopped."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from streamergraph.errors import StreamergraphError

TEMPORARY_PREFIX = ".partial-"
DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT)
FAILED_AT_THE_END = "Invalid thrift: transport error"
# File systems without it, and folders that may be written and not read.
CANNOT_BE_FLUSHED = {errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EPERM}


@contextmanager
def atomic_path(target: Path, *, private: bool = False) -> Iterator[Path]:
    """Yield a temporary path beside `target`; rename it to `target` on success, remove it on failure.

    The temporary name starts with ``.partial-`` and keeps the suffix. A `private` file is for its
    owner only, whatever the umask. Once this has returned, the file
    outlasts a power cut, which costs some milliseconds. Raises whatever the body raises, and OSError
    for a folder that cannot be written.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with atomic_path(folder / "a.txt") as temporary:
    ...     _ = temporary.write_text("whole")
    >>> [path.name for path in folder.iterdir()]
    ['a.txt']
    """
    suffix = target.suffix if len(target.suffix) < 32 else ""
    temporary = target.parent / f"{TEMPORARY_PREFIX}{os.urandom(16).hex()}{suffix}"
    try:  # before the file is there: Ctrl-C may come as soon as it is
        target.parent.mkdir(parents=True, exist_ok=True)
        _make_file(temporary, target, private=private)
        yield temporary
        replace_durably(temporary, target)
    except OSError as error:
        if error.errno in DISK_IS_FULL and error.filename is None:
            error.filename = str(target)  # a full disk names nothing by itself
        raise
    finally:
        with suppress(NotADirectoryError):  # what went wrong before is what must be said
            temporary.unlink(missing_ok=True)


def _make_file(temporary: Path, target: Path, *, private: bool) -> None:
    """Make the empty file; what is refused is refused to `target`, which the user knows."""
    try:
        temporary.touch(mode=0o600 if private else 0o666, exist_ok=False)
    except OSError as error:
        error.filename = str(target)
        raise


@contextmanager
def room_on_disk(subject: Path, *, remedy: str = "make room, and say it again") -> Iterator[None]:
    """Raise StreamergraphError, naming `subject`, where the disk is too full for what is written.

    Ladybug (0.22) tells of it by a RuntimeError, Polars (2.1) by an OSError without a number in
    `write_csv`, and by a ComputeError in `write_parquet`; all hold the system's words, but where it fails
    in the description at the end of a Parquet file: "Invalid thrift: transport error" is all that is
    known then.
    """
    from polars.exceptions import ComputeError  # here: most that writes files needs no Polars

    try:
        yield
    except (ComputeError, OSError, RuntimeError) as error:
        words = [*map(os.strerror, DISK_IS_FULL), FAILED_AT_THE_END]
        said = next((text for text in words if text in str(error)), None)
        if said is None:
            raise
        raise StreamergraphError(
            subject,
            expected="room on the disk",
            found=said,
            remedy=remedy,
        ) from error


def replace_durably(file: Path, target: Path) -> None:
    """Rename `file` to `target`, so that either of the two is whole on the disk whenever power fails."""
    flush_to_disk(file)
    file.replace(target)
    flush_to_disk(target.parent)


def flush_to_disk(path: Path) -> None:
    """Have the system write a file, or the names in a folder, to the disk; raises OSError."""
    is_windows = os.name == "nt"
    if is_windows and path.is_dir():
        return  # the system has no such thing
    try:
        handle = os.open(path, os.O_RDWR if is_windows else os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno not in CANNOT_BE_FLUSHED:
            raise


def write_text(target: Path, text: str) -> None:
    """Write `text` to `target` as UTF-8 with LF line ends, atomically."""
    with atomic_path(target) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(target: Path, value: Any) -> None:
    """Write `value` to `target` as indented JSON, atomically."""
    write_text(target, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write_csv(target: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table as CSV (UTF-8, LF, header, no byte-order mark), atomically."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    write_text(target, text.getvalue())
