"""Files that appear whole or not at all, whenever the process is stopped."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TEMPORARY_PREFIX = ".partial-"
OS_ERROR = re.compile(r"\(os error (\d+)\)")
# File systems without it, and folders that may be written and not read.
CANNOT_BE_FLUSHED = {errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EPERM}


@contextmanager
def atomic_path(target: Path, *, durable: bool = True) -> Iterator[Path]:
    """Yield a temporary path beside `target`; rename it to `target` on success, remove it on failure.

    The temporary name keeps the suffix of `target` (libraries choose formats by suffix) and starts
    with ``.partial-``. The name stays short, so that a long `target` name never overflows the file
    system's limit. A `durable` file outlasts a power cut once this has returned, which costs some
    milliseconds; what is one of hundreds and easily made again need not. Raises whatever the body
    raises, and OSError for an unwritable folder (PermissionError where the system takes no files at
    all).

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with atomic_path(folder / "a.txt") as temporary:
    ...     _ = temporary.write_text("whole")
    >>> [path.name for path in folder.iterdir()]
    ['a.txt']
    """
    temporary = _new_name(target.parent, target.suffix if len(target.suffix) < 32 else "")
    try:  # before the file is there: Ctrl-C may come as soon as it is
        _make_file(temporary, target)
        yield temporary
        if durable:
            replace_durably(temporary, target)
        else:
            temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def written_by_polars(target: Path) -> Iterator[Path]:
    """`atomic_path` for a table that Polars writes: raises OSError as other writers do.

    Polars has words of its own for what the system said, and no number.

    >>> import polars as pl
    >>> with written_by_polars(Path("scores.parquet")):
    ...     raise pl.exceptions.ComputeError("underlying IO error: No space left on device (os error 28)")
    Traceback (most recent call last):
    OSError: [Errno 28] No space left on device: 'scores.parquet'
    """
    from polars.exceptions import ComputeError

    with atomic_path(target) as temporary:
        try:
            yield temporary
        except (OSError, ComputeError) as error:
            told = OS_ERROR.search(str(error))
            if getattr(error, "errno", None) is not None or told is None:
                raise
            number = int(told[1])
            raise OSError(number, os.strerror(number), str(target)) from error


@contextmanager
def temporary_folder(parent: Path) -> Iterator[Path]:
    """Yield a new folder in `parent`, to be filled and renamed; remove what is left of it."""
    folder = _new_name(parent, "")
    try:
        folder.mkdir()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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


def _make_file(temporary: Path, target: Path) -> None:
    """Make an empty file and its folders; the system gives it the permissions of the user's umask.

    What the system refuses, it refuses to `target`, the name that the user knows.
    """
    try:
        temporary.parent.mkdir(parents=True, exist_ok=True)
        temporary.touch(exist_ok=False)
    except FileNotFoundError as error:
        # Below /proc the system says that something is missing. It means this.
        where = str(temporary.parent)
        raise PermissionError(errno.EACCES, "nothing can be written there", where) from error
    except OSError as error:
        if error.filename == str(temporary):
            error.filename = str(target)
        raise


def _new_name(parent: Path, suffix: str) -> Path:
    """A path in `parent` that nobody else has: two of 2^64 names drawn at random are the same."""
    return parent / f"{TEMPORARY_PREFIX}{os.urandom(16).hex()}{suffix}"


def write_text(target: Path, text: str, *, durable: bool = True) -> None:
    """Write `text` to `target` as UTF-8 with LF line ends, atomically."""
    with atomic_path(target, durable=durable) as temporary:
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
