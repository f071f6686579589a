"""UCF-101: the groups in its file names and its official lists of splits."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from twostream.datasets.listing import (
    VAL,
    Entry,
    Listing,
    bad_line,
    file_names,
    read_lines,
)
from twostream.datasets.names import counted
from twostream.errors import TwostreamError

CLASS_INDEX = "classInd.txt"

_NAME = re.compile(r"v_(?P<class>.+)_g(?P<group>[0-9]+)_c(?P<clip>[0-9]+)", re.DOTALL)
_LIST = re.compile(r"(?P<side>train|val|test)list0(?P<split>[1-9])\.txt")
_CLASS_LINE = re.compile(r"(?P<index>[0-9]+)\s+(?P<class>.+)")
# The label is optional even on train lines, and a file name may itself end in a blank and a number.
_CLIP_LINE = re.compile(r"(?P<class>[^/]+)/(?:.*/)?(?P<file>[^/\s][^/]*?)(?:\s+(?P<label>[0-9]+))?")


def parse_group(stem: str) -> tuple[str, str] | None:
    """Read (class, group) from a file name without its extension; None where it has none.

    >>> parse_group("v_HandStandPushups_g07_c02")
    ('HandStandPushups', 'g07')
    >>> parse_group("holiday") is None
    True
    """
    match = _NAME.fullmatch(stem)
    return None if match is None else (match["class"], f"g{match['group']}")


def holds_ucf101(folder: Path) -> bool:
    """Whether `folder` holds official UCF-101 files: ``classInd.txt`` or lists of splits."""
    return any(name == CLASS_INDEX or _LIST.fullmatch(name) for name in file_names(folder))


def read_class_index(path: Path) -> dict[str, int]:
    """Read ``classInd.txt``: class name -> index as written, in the order of the indices.

    Raises TwostreamError naming the line for one that is not an index and a name, or repeats any.
    """
    indices: dict[str, int] = {}
    for number, line in read_lines(path):
        match = _CLASS_LINE.fullmatch(line)
        if match is None:
            raise bad_line(path, number, line, expected="an index, a blank and a class name")
        index, name = int(match["index"]), match["class"]
        if name in indices or index in indices.values():
            raise bad_line(path, number, line, expected="every index and class name once")
        indices[name] = index
    return dict(sorted(indices.items(), key=lambda item: item[1]))


def read_listing(folder: Path) -> Listing:
    """Read ``classInd.txt`` and every ``trainlist0k.txt`` and ``testlist0k.txt`` in `folder`.

    A ``vallist0k.txt``, which `list_files` writes where a split has a val part, is read too.
    A line is ``<class>/<file>``, on train lines usually with the label of the class. Without
    ``classInd.txt`` the classes are in alphabetical order. Raises TwostreamError naming the file
    and the line for anything else, and where there is no list at all.
    """
    names = file_names(folder)
    indices = read_class_index(folder / CLASS_INDEX) if CLASS_INDEX in names else {}
    lists = [(name, match) for name in names if (match := _LIST.fullmatch(name))]
    if not lists:
        raise TwostreamError(
            folder,
            expected="trainlist01.txt and testlist01.txt",
            found=f"only {CLASS_INDEX}",
            remedy="add the official lists, or leave the annotations out",
        )
    entries: list[Entry] = []
    mislabelled: Counter[str] = Counter()
    for name, kind in lists:
        side = kind["side"]
        for number, line in read_lines(folder / name):
            match = _CLIP_LINE.fullmatch(line.replace("\\", "/").removeprefix("./"))
            if match is None:
                raise bad_line(folder / name, number, line, expected="<class>/<file>")
            class_name, label = match["class"], match["label"]
            if label is not None and indices.get(class_name, int(label)) != int(label):
                mislabelled[name] += 1
            where = f"{name}:{number}"
            entries.append(Entry(class_name, match["file"], int(kind["split"]), side, where))
    notes = [
        f"{name}: {counted(count, 'label')} not as in {CLASS_INDEX}, which was followed"
        for name, count in mislabelled.items()
    ]
    present = {name for name, _ in lists}
    for name, kind in lists:
        if kind["side"] == VAL:
            continue
        partner = f"{'test' if kind['side'] == 'train' else 'train'}list0{kind['split']}.txt"
        if partner not in present:
            notes.append(f"{name} has no {partner} beside it")
    classes = tuple(indices) or tuple(sorted({entry.class_name for entry in entries}))
    return Listing("ucf101", classes, tuple(entries), tuple(notes))
