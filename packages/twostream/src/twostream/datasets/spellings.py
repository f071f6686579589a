"""Files in another spelling than in a list: another case or form of Unicode, or no extension."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from twostream.datasets.names import counted, is_video, without_extension


def plain_spelling(name: str) -> str:
    r"""What names have in common that differ in case or in the form of Unicode alone.

    >>> plain_spelling("Cafe\u0301.AVI") == plain_spelling("caf\u00e9.avi")
    True
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


# So many paths of a list tell to which folder they are relative.
LOOKED_AT = 100
VIDEO_FOLDERS = ("videos", "video", "clips", "data", "rawframes", "frames")


class _Names(NamedTuple):
    """The names in a folder by their plain spelling, and by that without the extension of a video."""

    whole: dict[str, list[str]]
    stems: dict[str, list[str]]


class Spellings:
    """Finds files by names that need not be spelled as theirs; each folder is listed once."""

    def __init__(self) -> None:
        self._listed: dict[Path, _Names] = {}

    def find(self, path: Path) -> Path | None:
        """The one file or folder that `path` may mean; None where there is none, or several.

        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> (folder / "Run").mkdir()
        >>> (folder / "Run" / "a.MP4").touch()
        >>> Spellings().find(folder / "run" / "A").relative_to(folder).as_posix()
        'Run/a.MP4'
        """
        found = self.alike(path)
        return found[0] if len(found) == 1 else None

    def alike(self, path: Path) -> Sequence[Path]:
        """All that `path` may mean, by the strictest rule that finds any.

        The very path comes first, then what differs in case or Unicode alone, in the folders above it too,
        last a video, or a folder of frames, of the same name with another extension or without one.
        """
        if path.exists():
            return (path,)
        folder = self.find(path.parent) if path.parent != path else None
        if folder is None or not folder.is_dir():
            return ()
        names = self._names(folder)
        same = names.whole.get(plain_spelling(path.name), [])
        if not same:
            of_stem = names.stems.get(plain_spelling(without_extension(path.name)), [])
            same = [name for name in of_stem if is_video(name) or is_video(path.name)]
        return [folder / name for name in same]

    def _names(self, folder: Path) -> _Names:
        if folder not in self._listed:
            names = _Names({}, {})
            try:
                listed = sorted(path.name for path in folder.iterdir())
            except OSError:
                listed = []
            for name in listed:
                names.whole.setdefault(plain_spelling(name), []).append(name)
                names.stems.setdefault(plain_spelling(without_extension(name)), []).append(name)
            self._listed[folder] = names
        return self._listed[folder]


def base_folder(paths: Iterable[str], *, folder: Path, spellings: Spellings) -> Path:
    """The folder to which the `paths` of a list in `folder` are relative: the first where one of them is.

    It is that of the list, the one above, or a folder in one of them called as those of videos are; that
    of the list where nothing is anywhere.
    """
    some = list(islice(dict.fromkeys(paths), LOOKED_AT))
    for base in (folder, folder.absolute().parent):
        for place in (base, *(base / name for name in VIDEO_FOLDERS)):
            if any(spellings.alike(place / path) for path in some):
                return place
    return folder


def note_alike(names: Iterable[str]) -> tuple[str, ...]:
    """A sentence on names of classes that differ in case or Unicode alone; empty where none do.

    >>> note_alike(["walk", "Run", "run"])[0].partition(";")[0]
    "classes whose names differ in case or Unicode alone: 'Run' and 'run'"
    """
    alike: dict[str, list[str]] = {}
    for name in sorted(set(names)):
        alike.setdefault(plain_spelling(name), []).append(name)
    found = [" and ".join(map(quoted, some)) for some in alike.values() if len(some) > 1]
    if not found:
        return ()
    several = ", ".join(found)
    return (
        f"classes whose names differ in case or Unicode alone: {several}; where they are one, rename them",
    )


def note_found(found: Sequence[tuple[str, str, str]]) -> tuple[str, ...]:
    """A sentence on files that were `found` in another spelling: (where, as listed, as it is called).

    >>> note_found([("line 3", "run/A", "run/a.avi")])
    ("1 file listed in another spelling (case, Unicode or extension): line 3, 'run/A' is 'run/a.avi'",)
    """
    if not found:
        return ()
    where, listed, called = found[0]
    first = "first " if len(found) > 1 else ""
    return (
        f"{counted(len(found), 'file')} listed in another spelling (case, Unicode or extension): "
        f"{first}{where}, {quoted(listed)} is {quoted(called)}",
    )


def quoted(name: str) -> str:
    """A name in quotes; one that is not composed as usual with its signs spelt out, to be told apart."""
    return repr(name) if unicodedata.is_normalized("NFC", name) else ascii(name)
