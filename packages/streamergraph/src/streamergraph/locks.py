"""One writer of a folder at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from streamergraph.errors import StreamergraphError

LOCK_NAME = ".lock"


@contextmanager
def alone(file: Path, *, doing: str) -> Iterator[None]:
    """Keep others from `doing` the same while the body runs; `file` is the lock.

    The system frees it however the process ends. Raises StreamergraphError while another process has it.
    """
    lock = FileLock(file.absolute(), mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise StreamergraphError(
            file.parent,
            expected=f"nobody else who is {doing} here",
            found="another command that is",
            remedy="wait until it is done",
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def sole_writer(folder: Path) -> Iterator[None]:
    """Keep other writers out of `folder` while the body writes; within a thread it may be taken again.

    The system frees it however the process ends. Raises StreamergraphError while another process
    holds it.
    """
    lock = FileLock(folder.absolute() / LOCK_NAME, is_singleton=True, mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise StreamergraphError(
            folder,
            expected="a store that nobody else writes to",
            found="another command that does",
            remedy="wait until it is done",
        ) from None
    try:
        yield
    finally:
        lock.release()
