"""Temporary folders, which hold pseudonyms and are not to outlive who made them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from filelock import FileLock, Timeout

from streamergraph.events import note

PREFIX = "streamergraph-"
LOCK_NAME = ".in-use"


@contextmanager
def temporary_folder(within: Path | None = None) -> Iterator[Path]:
    """A new folder below `within` (default: the system's) that is removed at the end.

    Nobody removes it after a kill with signal 9. So those are removed first, and told, whose makers are
    gone: a lock in the folder, which the system frees however a process ends, says who is not.
    """
    where = Path(gettempdir() if within is None else within)
    left = sum(map(_removed, sorted(where.glob(f"{PREFIX}*/{LOCK_NAME}"))))
    if left:
        note(f"{where}: removed {left} temporary folder(s) of commands that were killed")
    with ExitStack() as held:
        yield _made(where, held)


def _made(where: Path, held: ExitStack) -> Path:
    """A folder whose lock this process holds; both are given up by `held`, the lock last."""
    while True:
        made = TemporaryDirectory(prefix=PREFIX, dir=where)
        lock = _lock(Path(made.name, LOCK_NAME))
        try:
            lock.acquire(timeout=0)
        except (Timeout, FileNotFoundError):
            pass  # in that moment another process took it for one that was left behind
        else:
            held.callback(lock.release)
            held.callback(made.cleanup)
            if Path(lock.lock_file).exists():
                return Path(made.name)
        made.cleanup()


def _removed(file: Path) -> bool:
    """Remove the folder of a lock that nobody holds; says whether that was so."""
    if hasattr(os, "getuid") and file.parent.lstat().st_uid != os.getuid():
        return False
    lock = _lock(file)
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):  # it is in use, or gone meanwhile
        return False
    try:
        shutil.rmtree(file.parent, ignore_errors=True)
        return not file.exists()
    finally:
        lock.release()


def _lock(file: Path) -> FileLock:
    return FileLock(file, mode=0o600)
