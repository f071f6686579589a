"""Searching folders for videos: sorted, links followed, never in circles."""

from __future__ import annotations

import os
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path

from twostream.datasets.names import is_hidden, is_temporary, is_video

Identity = tuple[int, int]


@dataclass
class Found:
    """What was found: videos, folders, problems with their reasons, counts of what is ignored.

    `others` counts the files without a video extension by extension; `links` counts the links to
    folders that were searched already.
    """

    videos: list[Path] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    problems: list[tuple[Path, str]] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    hidden: int = 0
    temporary: int = 0
    links: int = 0


def identity(folder: Path) -> Identity:
    """Device and inode: the same for all paths to one folder."""
    status = folder.stat()
    return status.st_dev, status.st_ino


def ancestors(folder: Path) -> frozenset[Identity]:
    """`folder` and all folders above it."""
    real = folder.resolve()
    return frozenset(identity(path) for path in (real, *real.parents))


def list_folder(folder: Path, *, seen: frozenset[Identity] | set[Identity]) -> Found:
    """Sort the entries of one folder into videos, sub-folders and the rest.

    Sub-folders in `seen` are left out and counted.
    """
    found = Found()
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
    except OSError as error:
        found.problems.append((folder, f"the folder cannot be read: {error.strerror}"))
        return found
    for name in names:
        try:
            _sort_entry(folder / name, found, seen=seen)
        except OSError as error:
            found.problems.append((folder / name, f"it cannot be examined: {error.strerror}"))
    return found


def _sort_entry(path: Path, found: Found, *, seen: frozenset[Identity] | set[Identity]) -> None:
    if is_hidden(path.name):
        found.hidden += 1
    elif path.is_dir():
        if identity(path) in seen:
            found.links += 1
        else:
            found.folders.append(path)
    elif is_temporary(path.name):
        found.temporary += 1
    elif not is_video(path.name):
        found.others[path.suffix.lower()] += 1
    elif path.is_file():
        found.videos.append(path)
    else:
        reason = "a link to nothing" if path.is_symlink() else "not a regular file"
        found.problems.append((path, reason))


def walk(folder: Path, *, seen: frozenset[Identity]) -> Found:
    """Search `folder` and all folders below it that are not in `seen`, each once.

    Videos are sorted by their path; folders that are links are searched after the others of their
    level, so that a video has the name of its real place where it has several.
    """
    searched = {*seen, identity(folder)}
    total = Found()
    queue = deque([folder])
    while queue:
        found = list_folder(queue.popleft(), seen=searched)
        total.videos += found.videos
        total.problems += found.problems
        total.others.update(found.others)
        total.hidden += found.hidden
        total.temporary += found.temporary
        total.links += found.links
        for below in sorted(found.folders, key=lambda path: (path.is_symlink(), path.name)):
            # Two links of one level may lead to one folder.
            if identity(below) in searched:
                total.links += 1
            else:
                searched.add(identity(below))
                queue.append(below)
    total.videos.sort(key=lambda path: path.parts)
    return total
