"""Numbers of classes in lists: which names they stand for, by a file beside the list or by folders."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from twostream.datasets.listing import read_lines
from twostream.datasets.spellings import plain_spelling
from twostream.datasets.ucf101 import CLASS_INDEX
from twostream.errors import TwostreamError

LABEL_MAP = "label_map.txt"
# Names of classes, a line each; beside a list these are understood, one folder above the first alone.
MAPS = (LABEL_MAP, CLASS_INDEX, "class_index.txt", "classes.txt", "class_names.txt", "labels.txt")

_NUMBER_FIRST = re.compile(r"(?P<number>[0-9]+)[\s,:;=]+(?P<name>\S.*)")
_NUMBER_LAST = re.compile(r"(?P<name>\S.*?)[\s,:;=]+(?P<number>[0-9]+)")


@dataclass(frozen=True)
class ListedClip:
    """A line of a list: where it stands, its path, its label, and how many frames it says there are."""

    where: str
    path: str
    label: str
    frames: int | None = None


@dataclass(frozen=True)
class ClassNames:
    """Label -> name of the class, where it has another, and a sentence where that is worth telling.

    `by_folders`: the names are those of the folders of the clips.
    """

    names: Mapping[str, str]
    remark: str = ""
    by_folders: bool = False

    def of(self, label: str) -> str:
        """The name of the class of a label, which may be one already."""
        return self.names.get(label, label)


def class_names(list_file: Path, clips: Sequence[ListedClip]) -> ClassNames:
    """The names of the classes that the `clips` of a list, and of those that belong to it, have as numbers.

    They are those of a file of names beside it: by its own numbers where it has any, else by lines from 0,
    from 1 where the numbers or the folders of the clips say so. Without such a file they are the folders,
    where each number has one of its own. Raises TwostreamError for a number that ``label_map.txt`` lacks.
    """
    numbers = sorted({int(clip.label) for clip in clips if clip.label.isdecimal()})
    named = _file_of_names(list_file)
    if named is None or not numbers:
        return ClassNames(_names_of_folders(clips), by_folders=True)
    lines = [line for _, line in read_lines(named)]
    written = _numbered(lines)
    ordered = lines if written is None else [name for _, name in sorted(written.items())]
    counted = [
        (
            dict(enumerate(ordered, first)),
            f"numbers of classes are lines of {named.name} from {first}",
        )
        for first in (0, 1)
    ]
    ways = [*([] if written is None else [(written, "")]), *counted]
    fitting = [way for way in ways if way[0].keys() >= set(numbers)]
    if not fitting and named.name == LABEL_MAP:
        raise _unknown_number(clips, ways[0][0])
    if not fitting:
        return ClassNames(_names_of_folders(clips), by_folders=True)
    names, remark = max(fitting, key=lambda way: _agreeing(way[0], clips))
    usual = ways[0][0]
    return ClassNames(
        {label: names[int(label)] for label in {c.label for c in clips} if label.isdecimal()},
        "" if names is usual else remark,
    )


def _file_of_names(list_file: Path) -> Path | None:
    places = [list_file.parent / name for name in MAPS]
    places.append(list_file.absolute().parent.parent / LABEL_MAP)
    return next((place for place in places if place != list_file and place.is_file()), None)


def _numbered(lines: Sequence[str]) -> dict[int, str] | None:
    """The names by the numbers that stand before or behind them; None unless each has one of its own."""
    for pattern in (_NUMBER_FIRST, _NUMBER_LAST):
        matches = [pattern.fullmatch(line) for line in lines]
        found = {int(match["number"]): match["name"] for match in matches if match is not None}
        if found and len(found) == len(lines):
            return found
    return None


def _agreeing(names: Mapping[int, str], clips: Sequence[ListedClip]) -> int:
    """How many clips lie in the folder of the class that their number would mean."""
    return sum(
        _letters(names[int(clip.label)]) == _letters(PurePosixPath(clip.path).parent.name)
        for clip in clips
        if clip.label.isdecimal()
    )


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", plain_spelling(name))


def _unknown_number(clips: Sequence[ListedClip], names: Mapping[int, str]) -> TwostreamError:
    first = next(clip for clip in clips if clip.label.isdecimal() and int(clip.label) not in names)
    return TwostreamError(
        first.where,
        expected=f"the number of a class of {LABEL_MAP}, up to {max(names, default=-1)}",
        found=first.label,
        remedy=f"give the {LABEL_MAP} of this list",
    )


def _names_of_folders(clips: Sequence[ListedClip]) -> dict[str, str]:
    """Label -> the folder of its videos, where labels are numbers and each has one that no other has.

    Of several spellings of a folder the most frequent one counts.
    """
    folders: dict[str, Counter[str]] = {}
    for clip in clips:
        folders.setdefault(clip.label, Counter())[PurePosixPath(clip.path).parent.name] += 1
    names = {
        label: max(found, key=lambda name: (found[name], name))
        for label, found in folders.items()
        if len(set(map(plain_spelling, found))) == 1
    }
    apart = {plain_spelling(name) for name in names.values() if name}
    clear = len(apart) == len(folders) and all(label.isdecimal() for label in folders)
    return names if clear else {}
