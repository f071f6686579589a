"""Whether a worker sees the very files that its caller sees."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from twostream.atomic import TEMPORARY_PREFIX

Stamped = tuple[Path, int, int]


@dataclass(frozen=True)
class Sight:
    """Files by size and time of change, and a file that only the caller's folder of results holds.

    Another machine may have other files at the same paths: the same size and the same nanosecond tell them
    apart, and of a folder to write in, a name that was drawn at random.
    """

    inputs: tuple[Stamped, ...]
    token: Path | None

    def is_clear(self) -> bool:
        """Whether all of it is here."""
        if self.token is not None and not self.token.exists():
            return False
        return all(stamped(path) == (path, size, time) for path, size, time in self.inputs)


def stamped(path: Path) -> Stamped:
    """A path with its size and time of change in ns; -1 for both where nothing can be read."""
    try:
        status = path.stat()
    except OSError:
        return path, -1, -1
    return path, -1 if path.is_dir() else status.st_size, status.st_mtime_ns


def sight_of(inputs: Sequence[Path], token: Path | None) -> Sight:
    """What a worker must see to work on these files."""
    return Sight(tuple(stamped(path) for path in inputs), token)


@contextmanager
def token_in(folder: Path | None) -> Iterator[Path | None]:
    """A file in `folder`, by a name that nobody else draws, while the body runs.

    Its name is that of an unfinished file, so that whoever cleans the folder removes what a kill left.
    """
    if folder is None:
        yield None
        return
    token = folder / f"{TEMPORARY_PREFIX}cluster-{os.urandom(16).hex()}"
    token.touch()
    try:
        yield token
    finally:
        token.unlink(missing_ok=True)
