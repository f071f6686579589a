"""A folder with a training list and lists of other parts: together they are the splits of one data set."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from twostream.datasets.class_folders import Scan
from twostream.datasets.clip_rows import TableRow, as_spelled, scan_rows
from twostream.datasets.clip_table import is_table, read_rows
from twostream.datasets.listing import (
    PART_WORD,
    SIDE_NAMES,
    TEST,
    TRAIN,
    UNUSED,
    VAL,
    file_names,
)
from twostream.datasets.names import readable
from twostream.datasets.ucf101 import holds_ucf101
from twostream.datasets.walk import ancestors, list_folder, walk
from twostream.errors import TwostreamError

_NUMBER = re.compile(
    r"split[ _-]?(?P<split>[1-9][0-9]*)|(?<=\*)[ _-]?0?(?P<tail>[1-9][0-9]*)(?=\.)"
)


@dataclass(frozen=True)
class ListFamily:
    """Lists whose names differ in the part and the number of the split alone: split -> side -> list."""

    name: str
    lists: Mapping[int, Mapping[str, Path]]

    @property
    def paths(self) -> tuple[Path, ...]:
        """All of its lists, by split and part."""
        return tuple(path for parts in self.lists.values() for path in parts.values())


def list_family(source: Path) -> ListFamily | None:
    """The lists in the folder `source` that are its splits; None where it holds none, or class folders.

    Raises TwostreamError where lists of several kinds are there, of which any could be meant.
    """
    if not source.is_dir() or holds_ucf101(source):
        return None
    found = _families(source)
    if not found or _has_class_folders(source):
        return None
    if len(found) > 1:
        there = [one for one in found if _first_is_there(one)]
        found = there or found
    if len(found) > 1:
        names = ", ".join(one.name for one in found)
        raise TwostreamError(
            readable(str(source)),
            expected="lists of one kind",
            found=f"{len(found)}: {names}",
            remedy="put those that you mean into a folder of their own",
        )
    return found[0]


def scan_lists(source: Path, family: ListFamily) -> Scan:
    """The clips of all lists, with the sides that the lists give them in their splits.

    A clip that a split does not list is 'unused' in it. Raises TwostreamError as `scan_table` does, and for
    a clip in two parts of one split.
    """
    read = {
        number: {side: list(_rows_of(family, path)) for side, path in parts.items()}
        for number, parts in family.lists.items()
    }
    every = [row for parts in read.values() for rows in parts.values() for row in rows]
    spelled = as_spelled(every, folder=source)
    rows = spelled.rows
    following = iter(rows)
    listed = {
        number: {side: list(islice(following, len(part))) for side, part in parts.items()}
        for number, parts in read.items()
    }
    scan = scan_rows(source, [replace(row, side=None) for row in rows], folder=source, what="lists")
    places = {(clip.path.resolve(), clip.segment): clip.clip_id for clip in scan.clips}
    real = {row.path: (source / row.path).resolve() for row in rows}
    splits: dict[int, dict[str, str]] = {}
    for number, parts in listed.items():
        sides = splits.setdefault(number, dict.fromkeys(places.values(), UNUSED))
        first: dict[str, TableRow] = {}
        for side, part in parts.items():
            for row in part:
                clip_id = places.get((real[row.path], row.segment))
                if clip_id is None:
                    continue  # absent, and told as that
                if sides[clip_id] not in (UNUSED, side):
                    raise TwostreamError(
                        row.where,
                        expected="a clip in one part of a split",
                        found=f"{row.path}, which is in {first[clip_id].where} too",
                        remedy="remove one of the two lines",
                    )
                sides[clip_id] = side
                first.setdefault(clip_id, row)
    names = ", ".join(path.name for path in family.paths)
    again = tuple(note for note in scan.notes if "listed already" not in note)
    return replace(
        scan,
        splits=splits,
        val_part=None,
        notes=(*spelled.notes, *again, f"the splits are those of {names}"),
        kind=f"{scan.kind} ({', '.join(sorted({side for parts in listed.values() for side in parts}))})",
    )


def lists_of_parts(source: Path) -> tuple[Path, ...]:
    """All lists in a folder that are those of parts."""
    if not source.is_dir() or holds_ucf101(source):
        return ()
    return tuple(path for family in _families(source) for path in family.paths)


def lists_beside(table: Path) -> tuple[str, ...]:
    """The names of the lists that belong to a training list which is given alone."""
    if table.parent.is_dir() and not holds_ucf101(table.parent):
        for family in _families(table.parent):
            if table.name in {path.name for path in family.paths}:
                return tuple(path.name for path in family.paths if path.name != table.name)
    return ()


def _rows_of(family: ListFamily, path: Path) -> Iterator[TableRow]:
    return read_rows(path, together=family.paths)


def _families(source: Path) -> list[ListFamily]:
    """Families with a training list and another one, sorted by name."""
    found: dict[str, dict[int, dict[str, Path]]] = {}
    for name in file_names(source):
        match = PART_WORD.search(name)
        if match is None or not is_table(source / name):
            continue
        without = f"{name[: match.start()]}*{name[match.end() :]}"
        numbered = _NUMBER.search(without)
        number = int(numbered["split"] or numbered["tail"]) if numbered else 1
        family = without if numbered is None else _NUMBER.sub("#", without, count=1)
        side = SIDE_NAMES[match["part"].casefold()]
        found.setdefault(family, {}).setdefault(number, {})[side] = source / name
    return [
        ListFamily(name, dict(sorted(lists.items())))
        for name, lists in sorted(found.items())
        if all(TRAIN in parts and {VAL, TEST} & parts.keys() for parts in lists.values())
    ]


def _first_is_there(family: ListFamily) -> bool:
    path = family.paths[0]
    row = next(iter(read_rows(path, together=family.paths)), None)
    return row is not None and (path.parent / row.path).exists()


def _has_class_folders(source: Path) -> bool:
    seen = ancestors(source)
    folders = list_folder(source, seen=seen).folders
    return sum(bool(walk(folder, seen=seen).videos) for folder in folders) > 1
