"""Finding the videos that labels name: by any spelling of a path, in any case, without or with a prefix."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from os.path import commonpath
from pathlib import Path
from urllib.parse import unquote, urlsplit

from twostream.datasets.names import without_extension
from twostream.datasets.walk import ancestors, walk
from twostream.labelling.activitynet import PREFIX
from twostream.labelling.label_studio import UPLOAD

_DRIVE = re.compile(r"^[a-zA-Z]:/")
_ENDING = "_labels"


class AmbiguousVideoError(ValueError):
    """A name that several videos have; its text names them."""


class VideoIndex:
    """The videos of a folder and all below it, or single videos, found by what labels call them."""

    def __init__(self, *videos: Path) -> None:
        if len(videos) == 1 and not videos[0].is_file():
            (self.folder,) = videos
            seen = ancestors(self.folder)
            self.paths = walk(self.folder, seen=seen).videos if self.folder.is_dir() else []
        elif len(videos) == 1:
            self.folder, self.paths = videos[0].parent, list(videos)
        else:
            self.paths = [video.absolute() for video in videos]
            self.folder = Path(commonpath(path.parent for path in self.paths))
        self._tables: list[dict[str, list[Path]]] = [{} for _ in RULES]
        self._found: dict[str, Path | None] = {}
        for path in self.paths:
            name = unicodedata.normalize("NFC", path.name)
            for rule, table in zip(RULES, self._tables, strict=True):
                table.setdefault(rule(name), []).append(path)

    @property
    def only(self) -> Path | None:
        """The video, where there is but one."""
        return self.paths[0] if len(self.paths) == 1 else None

    def find(self, name: str) -> Path | None:
        """The video that `name` means; None where there is none.

        Where several are called so, the one whose folders are those of `name`. Raises AmbiguousVideoError
        where that does not tell either.
        """
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]

    def relative(self, path: Path) -> str:
        """The path below the folder, with forward slashes."""
        try:
            return path.relative_to(self.folder).as_posix()
        except ValueError:
            return path.as_posix()

    def _find(self, name: str) -> Path | None:
        for spelled in spellings(name):
            parts = [part for part in spelled.split("/") if part not in ("", ".")]
            if not parts:
                continue
            for rule, table in zip(RULES, self._tables, strict=True):
                found = table.get(rule(parts[-1]), [])
                if found:
                    return _nearest(found, parts[:-1], name)
        return None


def _exact(name: str) -> str:
    return name


def _any_case(name: str) -> str:
    return name.casefold()


def _any_extension(name: str) -> str:
    return without_extension(name)


def _any_case_and_extension(name: str) -> str:
    return without_extension(name).casefold()


def _without_prefix(name: str) -> str:
    bare = UPLOAD.sub("", without_extension(name))
    return bare.removeprefix(PREFIX).removesuffix(_ENDING).casefold()


# From strict to lenient: the first rule with a match decides.
RULES: tuple[Callable[[str], str], ...] = (
    _exact,
    _any_case,
    _any_extension,
    _any_case_and_extension,
    _without_prefix,
)


def spellings(name: str) -> list[str]:
    r"""What a name in a file of labels may mean, the likeliest first, with forward slashes.

    >>> spellings("file:///C:/my%20videos/a.mp4")
    ['/C:/my videos/a.mp4', '/C:/my%20videos/a.mp4']
    >>> spellings("..\\videos\\a.mp4")
    ['../videos/a.mp4']
    """
    text = unicodedata.normalize("NFC", name.strip()).replace("\\", "/")
    if "://" in text and not _DRIVE.match(text):
        text = urlsplit(text.replace("#", "%23")).path or text
        return list(dict.fromkeys((unquote(text), text)))
    return list(dict.fromkeys((text, unquote(text))))


def _nearest(found: Sequence[Path], folders: Sequence[str], name: str) -> Path:
    """Of videos with one name, that whose folders agree with those named for longest, from the end."""
    if len(found) == 1:
        return found[0]

    def agreeing(path: Path) -> int:
        count = 0
        for one, other in zip(reversed(path.parts[:-1]), reversed(folders), strict=False):
            if unicodedata.normalize("NFC", one).casefold() != other.casefold():
                break
            count += 1
        return count

    ranked = sorted(found, key=agreeing, reverse=True)
    if agreeing(ranked[0]) == agreeing(ranked[1]):
        if len({path.resolve() for path in ranked}) == 1:
            return ranked[0]
        raise AmbiguousVideoError(f"{name}: {', '.join(map(str, ranked[:3]))}")
    return ranked[0]
