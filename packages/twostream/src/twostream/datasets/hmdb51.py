"""HMDB-51: the meta tags in its file names and its official files of splits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from twostream.datasets.listing import (
    TEST,
    TRAIN,
    UNUSED,
    Entry,
    Listing,
    bad_line,
    file_names,
    read_lines,
)
from twostream.datasets.names import counted

BODY_PARTS = {"h": "head", "u": "upper body", "f": "full body", "l": "lower body"}
CAMERA_MOTIONS = {"nm": "static", "cm": "moving"}
VIEWPOINTS = {"fr": "front", "ba": "back", "le": "left", "ri": "right"}
QUALITIES = {"goo": "good", "med": "medium", "bad": "bad"}
SIDES = {"0": UNUSED, "1": TRAIN, "2": TEST}

# Only the end of a name is regular: titles hold underscores, brackets and even other codes.
_TAGGED = re.compile(
    r"(?P<head>.*)_(?P<body>[hufl])_(?P<camera>nm|cm)_np(?P<people>[0-9]{1,3})"
    r"_(?P<view>fr|ba|le|ri)_(?P<quality>goo|med|bad)_(?P<number>[0-9]{1,9})",
    re.DOTALL,
)
_SPLIT_FILE = re.compile(r"(?P<class>.+)_test_split(?P<split>[1-9])\.txt")


@dataclass(frozen=True)
class HmdbTags:
    """What the name of an HMDB-51 clip says of it.

    Attributes
    ----------
    body_parts : 'head', 'upper body', 'full body' or 'lower body'.
    camera_motion : 'static' or 'moving'.
    people : number of people who act.
    viewpoint : 'front', 'back', 'left' or 'right'.
    quality : 'good', 'medium' or 'bad'.
    number : running number of the clip within its source video.
    title : title of the source video.
    """

    body_parts: str
    camera_motion: str
    people: int
    viewpoint: str
    quality: str
    number: int
    title: str


def parse_name(stem: str, *, class_name: str) -> HmdbTags | None:
    """Read the meta tags from a file name without its extension; None where it has none.

    `class_name` is the folder's name and is taken off the title. Where a name holds another class
    (a folder was renamed), that class stays part of the title, so that clips cut from one video
    still share one title.

    >>> tags = parse_name("April_09_brush_hair_u_nm_np1_ba_goo_0", class_name="brush_hair")
    >>> tags.title, tags.body_parts, tags.camera_motion, tags.people
    ('April_09', 'upper body', 'static', 1)
    >>> parse_name("holiday", class_name="brush_hair") is None
    True
    """
    match = _TAGGED.fullmatch(stem)
    if match is None:
        return None
    return HmdbTags(
        body_parts=BODY_PARTS[match["body"]],
        camera_motion=CAMERA_MOTIONS[match["camera"]],
        people=int(match["people"]),
        viewpoint=VIEWPOINTS[match["view"]],
        quality=QUALITIES[match["quality"]],
        number=int(match["number"]),
        title=match["head"].removesuffix(f"_{class_name}"),
    )


def holds_hmdb51(folder: Path) -> bool:
    """Whether `folder` holds official HMDB-51 files, ``<class>_test_split<k>.txt``."""
    return any(_SPLIT_FILE.fullmatch(name) for name in file_names(folder))


def read_listing(folder: Path) -> Listing:
    """Read every ``<class>_test_split<k>.txt`` in `folder`.

    A line is a file name and a digit: 1 train, 2 test, 0 unused. Raises TwostreamError naming the
    file and the line for anything else.
    """
    entries: list[Entry] = []
    splits_of: dict[str, set[int]] = {}
    for name in file_names(folder):
        match = _SPLIT_FILE.fullmatch(name)
        if match is None:
            continue
        split = int(match["split"])
        splits_of.setdefault(match["class"], set()).add(split)
        for number, line in read_lines(folder / name):
            file_name, _, digit = line.rpartition(" ")
            file_name = file_name.strip().replace("\\", "/").rpartition("/")[2]
            if not file_name or digit not in SIDES:
                raise bad_line(
                    folder / name, number, line, expected="a file name, a blank and 0, 1 or 2"
                )
            entries.append(
                Entry(match["class"], file_name, split, SIDES[digit], f"{name}:{number}")
            )
    return Listing("hmdb51", tuple(sorted(splits_of)), tuple(entries), _gaps(splits_of))


def _gaps(splits_of: dict[str, set[int]]) -> tuple[str, ...]:
    every = sorted(set().union(*splits_of.values()))
    return tuple(
        f"split {split} has no annotations for {counted(len(missing), 'class', 'classes')}: "
        + ", ".join(missing)
        for split in every
        if (missing := sorted(name for name, splits in splits_of.items() if split not in splits))
    )
