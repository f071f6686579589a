"""Whether HMDB-51 or UCF-101 is all there and as its makers state it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from twostream.atomic import write_text
from twostream.datasets.clips import Dataset, SourceClip
from twostream.datasets.groups import group_and_tags
from twostream.datasets.listing import TEST, TRAIN, UNUSED, Entry, Listing
from twostream.datasets.matching import ClipIndex
from twostream.datasets.names import readable, without_extension
from twostream.datasets.official_names import official_name

COUNTS_NAME = "official.csv"
CLIPS_NAME = "official_clips.csv"


@dataclass(frozen=True)
class OfficialFacts:
    """What is stated of a data set: clips, classes, (train, test, unused) of each split.

    `per_class` is (train, test) of every class in every split, None where classes differ.
    Sources: Kuehne et al., ICCV 2011, and its files of splits; Soomro et al., CRCV-TR-12-01.
    """

    clips: int
    classes: int
    splits: Mapping[int, tuple[int, int, int]]
    per_class: tuple[int, int] | None


FACTS = {
    "hmdb51": OfficialFacts(6766, 51, dict.fromkeys((1, 2, 3), (3570, 1530, 1666)), (70, 30)),
    "ucf101": OfficialFacts(
        13320, 101, {1: (9537, 3783, 0), 2: (9586, 3734, 0), 3: (9624, 3696, 0)}, None
    ),
}


@dataclass(frozen=True)
class OfficialRow:
    """One line of the table: what is official (None where only classes were chosen), listed, there."""

    what: str
    official: str | None
    listed: str
    found: str

    @property
    def agrees(self) -> bool:
        """Whether all of it is there."""
        return self.found == (self.listed if self.official is None else self.official)


@dataclass(frozen=True)
class OfficialCheck:
    """The table, and clips by name, ``<class>/<file>``.

    `missing` ones are listed but not there, `extra` ones there but not listed, and `damaged` ones
    there but not usable.
    """

    name: str
    rows: tuple[OfficialRow, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    damaged: tuple[str, ...]


def compare_with_official(
    dataset: Dataset, *, stored: Collection[str], chosen: bool
) -> OfficialCheck | None:
    """Compare what the lists say and what was stored with what is stated of the data set.

    `stored` are the ids of the clips that could be prepared; `chosen` says that only some classes were
    asked for, to which the totals do not apply. None for a data set without official lists, and for
    own lists in the same form.
    """
    listing, name = dataset.listing, official_name(dataset.listing)
    if listing is None or name is None:
        return None
    index = ClipIndex(dataset.clips)
    clip_of = {key: index.find(*key) for key in _listed_clips(listing)}
    there = {key for key, clips in clip_of.items() if any(clip.clip_id in stored for clip in clips)}
    matched = {clip.clip_id for clips in clip_of.values() for clip in clips}
    return OfficialCheck(
        name=name,
        rows=tuple(_rows(listing, None if chosen else FACTS[name], there)),
        missing=tuple(sorted("/".join(key) for key, clips in clip_of.items() if not clips)),
        extra=_named(clip for clip in dataset.clips if clip.clip_id not in matched),
        damaged=_named(clip for clip in dataset.clips if clip.clip_id not in stored),
    )


def write_official_check(folder: Path, check: OfficialCheck) -> None:
    """Write ``official.csv`` (the table) and ``official_clips.csv`` (status and clip, all of them)."""
    rows = [(row.what, row.official or "", row.listed, row.found) for row in check.rows]
    _write_csv(folder / COUNTS_NAME, ("what", "official", "listed", "found"), rows)
    named = [
        (status, clip)
        for status, clips in (
            ("missing", check.missing),
            ("extra", check.extra),
            ("damaged", check.damaged),
        )
        for clip in clips
    ]
    _write_csv(folder / CLIPS_NAME, ("status", "clip"), named)


Key = tuple[str, str]


def _listed_clips(listing: Listing) -> list[Key]:
    """Class and file name of every clip of the lists, once; one class may be spelt in two ways."""
    seen: dict[Key, Key] = {}
    for entry in listing.entries:
        seen.setdefault(_key(entry), (entry.class_name, entry.file_name))
    return list(seen.values())


def _key(entry: Entry) -> Key:
    return entry.class_name.casefold(), entry.file_name.casefold()


def _rows(
    listing: Listing, facts: OfficialFacts | None, there: Collection[Key]
) -> Iterable[OfficialRow]:
    folded = {(name.casefold(), file.casefold()) for name, file in there}
    keys = {_key(entry) for entry in listing.entries}

    def row(what: str, official: object, listed: object, found: object) -> OfficialRow:
        return OfficialRow(what, None if facts is None else str(official), str(listed), str(found))

    yield row("clips", facts and facts.clips, len(keys), len(folded))
    yield row(
        "classes",
        facts and facts.classes,
        len({name for name, _ in keys}),
        len({name for name, _ in folded}),
    )
    for number in sorted({entry.split for entry in listing.entries}):
        sides = {_key(entry): entry.side for entry in listing.entries if entry.split == number}
        usable = {key: side for key, side in sides.items() if key in folded}
        # Titles are compared as they are written: two may differ by case alone.
        written = {
            _key(entry): (entry.class_name, entry.file_name)
            for entry in listing.entries
            if entry.split == number
        }
        stated = facts.splits.get(number, ("?", "?", "?")) if facts else (None, None, None)
        listed, found = Counter(sides.values()), Counter(usable.values())
        for side, official in zip((TRAIN, TEST, UNUSED), stated, strict=True):
            if official or listed[side]:
                yield row(f"split {number}: {side}", official, listed[side], found[side])
        ratio = FACTS[listing.name].per_class
        if ratio is not None:
            yield row(
                f"split {number}: classes at {ratio[0]}/{ratio[1]}",
                facts and facts.classes,
                _classes_with(sides, ratio),
                _classes_with(usable, ratio),
            )
        yield OfficialRow(
            f"split {number}: source videos on both sides",
            "0",
            str(_sources_on_both_sides({written[key]: side for key, side in sides.items()})),
            str(_sources_on_both_sides({written[key]: side for key, side in usable.items()})),
        )


def _classes_with(sides: Mapping[Key, str], ratio: tuple[int, int]) -> int:
    counts = Counter((name, side) for (name, _), side in sides.items())
    classes = {name for name, _ in sides}
    return sum((counts[name, TRAIN], counts[name, TEST]) == ratio for name in classes)


def _sources_on_both_sides(sides: Mapping[Key, str]) -> int:
    groups: dict[str, set[str]] = {TRAIN: set(), TEST: set()}
    for (name, file), side in sides.items():
        if side in groups:
            stem = without_extension(file)
            group, _ = group_and_tags(f"{name}/{stem}", class_name=name, stem=stem)
            groups[side].add(group)
    return len(groups[TRAIN] & groups[TEST])


def _named(clips: Iterable[SourceClip]) -> tuple[str, ...]:
    return tuple(sorted(readable(f"{clip.class_name}/{clip.file_name}") for clip in clips))


def _write_csv(path: Path, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    write_text(path, text.getvalue())
