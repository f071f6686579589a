"""One writer a folder, or many readers: two runs at once cannot damage each other's files."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from twostream.errors import TwostreamError

# Where one file meets these, all that follow would.
NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
STORE_IS_UNUSABLE = {*NO_ROOM, errno.EROFS}
DATA_LOCK = ".prepare.lock"
RUN_LOCK = ".run.lock"
EXPLORATION_LOCK = ".explore.lock"
# Windows removes no file that anybody has open.
REMOVES_OPEN_FILES = os.name != "nt"
HELD_ELSEWHERE = {errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK}


class FolderInUseError(TwostreamError):
    """Another process reads or writes the folder."""


@contextmanager
def sole_user(folder: Path, *, lock_name: str = DATA_LOCK) -> Iterator[Callable[[], None]]:
    """Hold the lock of `folder`, which is made where it is missing, while the body writes there.

    Neither another writer nor a reader (see `reading`) gets in meanwhile.

    Yields a function that raises TwostreamError once the folder was removed or replaced under our
    feet: what was written into it is then gone. Within one thread the lock may be taken again, so
    that a verb can call other verbs. The system frees it however the process ends. Raises
    FolderInUseError while another process holds it, and TwostreamError where `folder` cannot be written
    or is full; any other error of the body stays what it is.

    >>> import tempfile
    >>> with sole_user(Path(tempfile.mkdtemp())) as still_there:
    ...     still_there()
    """
    # One object for each path: only the same one can be taken twice.
    lock = FileLock(folder.absolute() / lock_name, is_singleton=True)
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise _in_use(folder) from error
    except OSError as error:
        raise _unwritable(folder, error) from error
    held = _identity(folder / lock_name)

    def still_there() -> None:
        if _identity(folder / lock_name) != held:
            raise _vanished(folder)

    try:
        yield still_there
    except OSError as error:
        still_there()
        if error.errno not in STORE_IS_UNUSABLE:
            raise
        raise _unwritable(folder, error) from error
    finally:
        # Nothing was written, an option was wrong perhaps: leave no trace.
        traceless = bool(missing) and [path.name for path in _entries(folder)] == [lock_name]
        if traceless and REMOVES_OPEN_FILES:
            # While it is held: else it might be another's by now, and a third one would make a new file
            # and hold that. Whoever was waiting for this one finds that it has no name any more.
            _remove(folder / lock_name)
        lock.release()
        if traceless:
            _remove(*(() if REMOVES_OPEN_FILES else (folder / lock_name,)), *missing)


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Keep writers out of `folder` while the body reads it; other readers may come.

    Raises FolderInUseError while a writer is at work. Where there is nothing to lock with (a folder that
    may only be read and was never written here, a system without shared locks) the body runs without.
    """
    handle = _shared_lock(folder)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _shared_lock(folder: Path) -> int | None:
    while (handle := _open_lock(folder / DATA_LOCK)) is not None:
        try:
            _share(folder, handle)
            if os.fstat(handle).st_nlink:
                return handle
        except BaseException:
            os.close(handle)
            raise
        # A writer removed it since it was opened: what has no name keeps nobody out.
        os.close(handle)
    return None


def _open_lock(path: Path) -> int | None:
    for flags in (os.O_RDWR | os.O_CREAT, os.O_RDONLY):
        try:
            return os.open(path, flags, 0o666)
        except OSError:
            continue
    return None


def _share(folder: Path, handle: int) -> None:
    """Take the lock that `sole_user` takes, together with other readers."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in HELD_ELSEWHERE:
            raise _in_use(folder) from error


def _in_use(folder: Path) -> FolderInUseError:
    return FolderInUseError(
        folder,
        expected="a folder that no other run changes or needs as it is",
        found="one in use by another process",
        remedy="wait for it to end or choose another folder",
    )


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _remove(*paths: Path) -> None:
    """Remove a file and then empty folders, as far as others leave them to us."""
    with suppress(OSError):
        for path in paths:
            if path.is_dir():
                path.rmdir()
            else:
                path.unlink(missing_ok=True)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _vanished(folder: Path) -> TwostreamError:
    return TwostreamError(
        folder,
        expected="the folder to stay while it is written",
        found="it was removed or replaced meanwhile",
        remedy="call the same command again: it makes what is missing",
    )


def _unwritable(folder: Path, error: OSError) -> TwostreamError:
    if folder.is_file():
        return TwostreamError(
            folder, expected="a folder", found="a file", remedy="name a folder in its place"
        )
    return TwostreamError(
        folder,
        expected="a folder that can be written",
        found=error.strerror or "an error",
        remedy="make room in it or choose another one"
        if error.errno in NO_ROOM
        else "allow writing in it or choose another one",
    )
