"""Official annotations applied to the clips on disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from twostream.datasets import hmdb51, ucf101
from twostream.datasets.clips import Problem, SourceClip
from twostream.datasets.listing import TEST, TRAIN, UNUSED, Entry, Listing
from twostream.datasets.matching import ClipIndex, resolve_classes
from twostream.datasets.names import counted, without_extension
from twostream.datasets.sides import note_sides
from twostream.datasets.spellings import note_found
from twostream.errors import TwostreamError

STAGE = "annotations"
EXPECTED = (
    "a folder with HMDB-51's <class>_test_split<k>.txt "
    "or UCF-101's classInd.txt, trainlist0<k>.txt and testlist0<k>.txt"
)


@dataclass(frozen=True)
class Annotated:
    """What the annotations say of the clips on disk; the fields are those of `Dataset`.

    `listing` is what was read, of the classes that were wanted.
    """

    name: str
    classes: tuple[str, ...]
    splits: Mapping[int, Mapping[str, str]]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    listing: Listing


def annotate(
    clips: Sequence[SourceClip], annotations: Path, *, classes: Collection[str] = ()
) -> Annotated:
    """Put `clips` on the sides that the official lists in `annotations` give them.

    A clip is found by its class and file name; where that fails, whatever its extension (videos
    are often converted), and then in any case and form of Unicode (one class of UCF-101 is spelt in two
    ways), which is told of files. Clips
    that are not listed are 'unused' in every split; listed clips that are absent are problems.
    Raises TwostreamError for a folder that is neither kind of annotations, lines that cannot be
    understood, a clip on both sides of a split, and lists none of whose clips is there.
    """
    listing, notes = _read(annotations)
    if classes:
        listing = listing.only(classes)
    index = ClipIndex(clips)
    splits = {
        number: dict.fromkeys((clip.clip_id for clip in clips), UNUSED)
        for number in sorted({entry.split for entry in listing.entries})
    }
    listed: dict[tuple[int, str], Entry] = {}
    absent: dict[str, list[Entry]] = {}
    twice: list[Entry] = []
    otherwise: dict[str, tuple[str, str, str]] = {}
    for entry in listing.entries:
        meant = index.find(entry.class_name, entry.file_name)
        matches = [clip.clip_id for clip in meant]
        name = f"{entry.class_name}/{entry.file_name}"
        if meant and not _called_so(entry, meant[0]):
            otherwise.setdefault(name, (entry.where, entry.file_name, meant[0].file_name))
        # Absent clips are compared under a name that no clip on disk can have.
        for key in matches or [f"/{name}"]:
            earlier = listed.setdefault((entry.split, key), entry)
            if earlier is not entry:
                _check_side(annotations, name, earlier, entry)
                twice.append(entry)
            elif matches:
                splits[entry.split][key] = entry.side
            else:
                absent.setdefault(name, []).append(entry)
    if all(key.startswith("/") for _, key in listed):
        raise _nothing_there(annotations, listing)
    if twice:
        lines = counted(len(twice), "line")
        notes.append(f"{lines} with a clip that was listed already, first {twice[0].where}")
    notes += note_found(list(otherwise.values()))
    ordered, class_notes = _order_classes(listing, clips)
    notes += class_notes
    notes += _note_absent(absent, splits)
    unlisted = {clip.clip_id for clip in clips} - {key for _, key in listed}
    if unlisted:
        notes.append(f"{counted(len(unlisted), 'clip')} not annotated: unused in every split")
    notes += note_sides(clips, splits)
    return Annotated(listing.name, ordered, splits, _problems(absent), tuple(notes), listing)


def _called_so(entry: Entry, clip: SourceClip) -> bool:
    """Whether a clip has the listed name; another extension is usual, for videos are often converted."""
    return without_extension(clip.file_name) == without_extension(entry.file_name)


def _read(annotations: Path) -> tuple[Listing, list[str]]:
    if not annotations.is_dir():
        found = "a file" if annotations.exists() else "nothing"
        raise _neither(annotations, found, "give the folder that holds the lists")
    both = ucf101.holds_ucf101(annotations)
    if hmdb51.holds_hmdb51(annotations):
        listing = hmdb51.read_listing(annotations)
        ignored = ["the annotations hold UCF-101 lists too: HMDB-51's own files were read"]
        notes = [*listing.notes, *(ignored if both else [])]
    elif both:
        listing = ucf101.read_listing(annotations)
        notes = list(listing.notes)
    else:
        below = sorted(path for path in annotations.iterdir() if path.is_dir())
        inside = [p for p in below if hmdb51.holds_hmdb51(p) or ucf101.holds_ucf101(p)]
        remedy = f"did you mean {inside[0]}?" if inside else "give the folder that holds the lists"
        raise _neither(annotations, "neither", remedy)
    if not listing.entries:
        raise _neither(annotations, "empty lists", "download the annotations again")
    return listing, notes


def _check_side(annotations: Path, name: str, earlier: Entry, entry: Entry) -> None:
    if earlier.side != entry.side:
        raise TwostreamError(
            f"clip {name}",
            expected=f"one side in split {entry.split}",
            found=f"{earlier.side} in {annotations / earlier.where} "
            f"and {entry.side} in {annotations / entry.where}",
            remedy="remove one of the two lines",
        )


def _order_classes(
    listing: Listing, clips: Iterable[SourceClip]
) -> tuple[tuple[str, ...], list[str]]:
    present = sorted({clip.class_name for clip in clips})
    resolved = resolve_classes(listing.classes, present)
    ordered = [name for name in resolved.values() if name is not None]
    notes = []
    known = {name.casefold() for name in listing.classes}
    unknown = Counter(
        entry.class_name for entry in listing.entries if entry.class_name.casefold() not in known
    )
    if unknown:
        names = ", ".join(
            f"{name} ({counted(count, 'line')})" for name, count in sorted(unknown.items())
        )
        notes.append(f"classes in the lists but not in {ucf101.CLASS_INDEX}: {names}")
    without = [name for name, found in resolved.items() if found is None]
    if without:
        classes = counted(len(without), "annotated class", "annotated classes")
        notes.append(f"{classes} without clips: {', '.join(without)}")
    others = sorted(set(present) - set(ordered))
    if others:
        notes.append(f"classes that are not in the annotations: {', '.join(others)}")
    if listing.name == "hmdb51":
        return tuple(present), notes
    return (*ordered, *others), notes


def _note_absent(
    absent: Mapping[str, list[Entry]], splits: Mapping[int, Mapping[str, str]]
) -> list[str]:
    entries = [entry for entries in absent.values() for entry in entries]
    totals = Counter(entry.split for entry in entries)
    counts = Counter((entry.split, entry.side) for entry in entries)
    return [
        f"split {number}: {counted(totals[number], 'annotated clip')} absent "
        f"({counts[number, TRAIN]} train, {counts[number, TEST]} test)"
        for number in splits
        if totals[number]
    ]


def _problems(absent: Mapping[str, list[Entry]]) -> tuple[Problem, ...]:
    problems = []
    for name, entries in sorted(absent.items()):
        said = ", ".join(f"{entry.side} in split {entry.split}" for entry in entries)
        problems.append(Problem(name, STAGE, f"annotated ({said}) but absent"))
    return tuple(problems)


def _nothing_there(annotations: Path, listing: Listing) -> TwostreamError:
    first = listing.entries[0]
    return TwostreamError(
        annotations,
        expected="annotations of the clips in SOURCE",
        found=f"no listed clip there, such as {first.class_name}/{first.file_name}",
        remedy="give the annotations of this data set, or leave them out",
    )


def _neither(annotations: Path, found: str, remedy: str) -> TwostreamError:
    return TwostreamError(annotations, expected=EXPECTED, found=found, remedy=remedy)
