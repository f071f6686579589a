"""Paths as users give them: what is not there, what was meant, and what lies inside what."""

from __future__ import annotations

import os
import re
from pathlib import Path

from streamergraph.errors import StreamergraphError
from streamergraph.suggestions import nearest

StrPath = str | os.PathLike[str]
JSON_PREFIX = "json:"  # of the address of a folder of snapshots that `collect` fills
ADDRESS = re.compile(r"([A-Za-z][\w+.-]+):/")  # of two slashes, a path has one
MONGODB_SCHEMES = ("mongodb://", "mongodb+srv://")
BOLT_SCHEMES = ("bolt://", "bolt+s://", "bolt+ssc://", "neo4j://", "neo4j+s://", "neo4j+ssc://")


def path_or_none(path: StrPath | None) -> Path | None:
    """A path that may be left out.

    >>> path_or_none(None), path_or_none("tables")
    (None, PosixPath('tables'))
    """
    return None if path is None else Path(path)


def require_path(path: StrPath, *, flag: str, expected: str = "a file or folder") -> None:
    """Raise StreamergraphError where nothing is at `path`, suggesting the name that was probably meant.

    `flag` is what the user gave it with. What is there but cannot be looked at is left to whoever
    opens it.
    """
    try:
        Path(path).stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        if found := ADDRESS.match(os.fspath(path)):
            raise StreamergraphError(
                flag, expected=expected, found=f"an address ({found[1]}://…)",
                remedy="give it to `import`, `collect`, `health` or `store forget` if it is MongoDB's, "
                "to `model` or `query` if it is a graph's",
            ) from None  # fmt: skip
        near = nearest_path(Path(path))
        raise StreamergraphError(
            path,
            expected=expected,
            found="a link to nothing" if Path(path).is_symlink() else "no such file or folder",
            remedy=f"check {flag}" if near is None else f"did you mean {near}?",
        ) from error
    except (OSError, ValueError):
        return


def require_writable_kind(path: Path, *, is_folder: bool | None, flag: str) -> None:
    """Raise StreamergraphError where `path`, which need not exist, cannot become what it should.

    That is a folder, a file, or either (None). What cannot be looked at is left to whoever writes it.
    """
    try:
        above = next((one for one in path.parents if one.exists()), path.parent)
        if above.exists() and not above.is_dir():
            raise StreamergraphError(
                path, expected="a place in a folder", found=f"{above} is a file",
                remedy=f"choose another {flag}",
            )  # fmt: skip
        if is_folder is not None and path.exists() and path.is_dir() != is_folder:
            expected, found = ("a folder", "a file") if is_folder else ("a file", "a folder")
            raise StreamergraphError(
                path, expected=expected, found=found,
                remedy=f"choose another {flag}" if is_folder else f"name a file in it with {flag}",
            )  # fmt: skip
    except (OSError, ValueError):
        return


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

    >>> lies_inside("tables/view", "tables"), lies_inside("tables", "tables")
    (True, False)
    """
    return any(is_same(above, folder) for above in Path(_real(path)).parents)


def _real(path: StrPath) -> str:
    return os.path.normcase(os.path.realpath(path))
