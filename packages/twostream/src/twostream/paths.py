"""Paths as users give them: what is done with each, what was meant, and what lies inside what.

`InputPath` is read and must be there, `OutputPath` is written and is none of those that are read (as
`OutputFile` a file, as `OutputFolder` a folder), `AnyPath` is neither. Nothing is written below a
`SourcePath` either, where a user's originals lie. For type checkers all are strings or paths; for the
command line they are paths.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from twostream.errors import TwostreamError
from twostream.suggestions import nearest

StrPath = str | os.PathLike[str]


@dataclass(frozen=True)
class Role:
    """What a verb does with the file or folder that an argument names."""

    read: bool = False
    written: bool = False
    holds_originals: bool = False  # of a file, its folder too: a table lies among its videos
    may_be_address: bool = False
    may_be_name: bool = False  # of a network, say, where there is no such file
    is_file: bool | None = None  # of what is written: a file, a folder, or either


# Of fields of options, which hold what their type says; an argument of a verb takes what `StrPath` is.
READ, WRITTEN, NAMED = Role(read=True), Role(written=True), Role(may_be_name=True)

if TYPE_CHECKING:
    InputPath = StrPath
    SourcePath = StrPath
    OutputPath = StrPath
    OutputFile = StrPath
    OutputFolder = StrPath
    AnyPath = StrPath
    NameOrFile = StrPath
    FileOrAddress = StrPath
else:
    InputPath = Annotated[Path, READ]
    SourcePath = Annotated[Path, Role(read=True, holds_originals=True)]
    OutputPath = Annotated[Path, WRITTEN]
    OutputFile = Annotated[Path, Role(written=True, is_file=True)]
    OutputFolder = Annotated[Path, Role(written=True, is_file=False)]
    AnyPath = Annotated[Path, Role()]
    NameOrFile = Annotated[str, NAMED]
    FileOrAddress = Annotated[str, Role(read=True, may_be_address=True)]


def path_or_none(path: StrPath | None) -> Path | None:
    """A path that may be left out.

    >>> path_or_none(None), path_or_none("videos")
    (None, PosixPath('videos'))
    """
    return None if path is None else Path(path)


def name_or_none(name: StrPath | None) -> str | None:
    """A name or a file that may be left out, as text."""
    return None if name is None else os.fspath(name)


def require_path(path: StrPath, *, flag: str, expected: str = "a file or folder") -> None:
    """Raise TwostreamError where nothing is at `path`, suggesting the name that was probably meant.

    `flag` is what the user gave it with. What is there but cannot be looked at is left to whoever
    opens it.
    """
    try:
        Path(path).stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        near = nearest_path(Path(path))
        raise TwostreamError(
            path,
            expected=expected,
            found="a link to nothing" if Path(path).is_symlink() else "no such file or folder",
            remedy=f"check {flag}" if near is None else f"did you mean {near}?",
        ) from error
    except (OSError, ValueError):
        return


def require_place(path: StrPath, *, flag: str, is_file: bool | None = None) -> None:
    """Raise TwostreamError where no file (or no folder) can be written at `path`: hours of work come first.

    Nothing is written. What is there but cannot be looked at is left to whoever writes.
    """
    place = Path(path)
    try:
        if place.is_dir():
            expected, found = "a file", "a folder"
            is_right = is_file is not True
        elif os.path.lexists(place):
            expected, found = "a folder", "a file"
            is_right = is_file is not False
        else:
            above = next(one for one in place.parents if os.path.lexists(one))
            expected, found = "a place in a folder", f"{above}, which is a file"
            is_right = above.is_dir()
    except (OSError, ValueError, StopIteration):
        return
    if not is_right:
        raise TwostreamError(path, expected=expected, found=found, remedy=f"choose another {flag}")


def nearest_path(path: Path) -> Path | None:
    """What `path` was probably meant to be: its first part that is not there is replaced by a neighbour."""
    parts = [path, *path.parents]
    gone = next((k for k in reversed(range(len(parts))) if not os.path.lexists(parts[k])), None)
    if gone is None or not parts[gone].name:
        return None
    first, rest = parts[gone], path.relative_to(parts[gone])
    try:
        near = nearest(first.name, (entry.name for entry in first.parent.iterdir()))
    except OSError:
        return None
    if near is None:
        return None
    found = first.parent / near
    return found / rest if os.path.lexists(found / rest) else found


def is_same(one: StrPath, other: StrPath) -> bool:
    """Whether two paths are one file or folder, through links and spellings; they need not exist."""
    try:
        return Path(one).samefile(other)
    except (OSError, ValueError):
        return _real(one) == _real(other)


def lies_inside(path: StrPath, folder: StrPath) -> bool:
    """Whether `path`, which need not exist, is below `folder`, through links and spellings.

    >>> lies_inside("videos/data", "videos"), lies_inside("videos", "videos")
    (True, False)
    """
    return any(is_same(above, folder) for above in Path(_real(path)).parents)


def _real(path: StrPath) -> str:
    return os.path.normcase(os.path.realpath(path))
