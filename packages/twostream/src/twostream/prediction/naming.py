"""The sources that a user names: files, folders, patterns, cameras and addresses."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from twostream.datasets.class_folders import ignored_notes
from twostream.datasets.names import counted, readable
from twostream.datasets.walk import walk
from twostream.errors import TwostreamError
from twostream.events import say, warn
from twostream.paths import StrPath, require_path
from twostream.sources.opening import ADDRESS, CAMERA, FILE, is_stored_clip

Named = int | StrPath


@dataclass(frozen=True)
class Source:
    """One video to look at: `place` is a path, an address or the number of a camera.

    What is at another place for whoever looks at it is `called` as the user knows it.
    """

    place: int | str
    called: str | None = None

    @property
    def name(self) -> str:
        """As results name it: what the user wrote, or the path that a folder or a pattern led to."""
        if self.called is not None:
            return self.called
        return f"camera {self.place}" if isinstance(self.place, int) else self.place

    @property
    def is_file(self) -> bool:
        """Whether it has an end that can be looked at more than once."""
        return isinstance(self.place, str) and not _is_address(self.place)


def find_sources(named: Iterable[Named]) -> list[Source]:
    """All sources that are meant, in their order, each once.

    A folder stands for the videos in it and below it, a pattern (``*``, ``?``, ``[…]``) for the files
    and folders that match. Raises TwostreamError where nothing is there.
    """
    found: list[Source] = []
    for one in named:
        found += _meant(one)
    if not found:
        raise TwostreamError(
            "SOURCE",
            expected="a video file, a folder, a pattern, the number of a camera or an address",
            found="none",
            remedy="name one behind the run",
        )
    once = list(dict.fromkeys(found))
    if len(once) < len(found):
        say(
            f"{counted(len(found) - len(once), 'source')} named more than once: each is looked at once"
        )
    return once


def _meant(named: Named) -> Iterator[Source]:
    if isinstance(named, int):
        yield Source(named)
        return
    text = os.fspath(named)
    if text.lower().startswith(FILE):
        text = text[len(FILE) :]
    elif _is_address(text):
        yield Source(text)
        return
    elif camera := CAMERA.fullmatch(text):
        yield Source(int(camera[1]))
        return
    path = Path(text)
    if os.path.lexists(path):
        yield from _at(path)
    elif text.isdecimal():
        yield Source(int(text))
    elif glob.has_magic(text):
        yield from _matching(text)
    else:
        require_path(text, flag="SOURCE", expected="a video file or folder")


def _at(path: Path) -> Iterator[Source]:
    if not path.is_dir() or is_stored_clip(path):
        yield Source(str(path))
        return
    found = walk(path, seen=frozenset())
    for place, reason in found.problems:
        warn(f"{place}: {reason}")
    if not found.videos:
        others = sum(found.others.values())
        raise TwostreamError(
            path,
            expected="a folder with videos",
            found=f"none among {counted(others, 'file')}" if others else "no file",
            remedy="check the path; a video is known by its extension",
        )
    for note in ignored_notes([found]):
        say(f"{readable(str(path))}: {note}")
    for video in found.videos:
        yield Source(str(video))


def _matching(pattern: str) -> Iterator[Source]:
    # A pattern is the user's text: pathlib knows none that begin at the root.
    matches = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207
    if not matches:
        raise TwostreamError(
            pattern,
            expected="a pattern that matches videos",
            found="no match",
            remedy="check the pattern",
        )
    for match in matches:
        yield from _at(Path(match))


def _is_address(text: str) -> bool:
    return bool(ADDRESS.match(text)) and not text.lower().startswith(FILE)
