"""Folders ``train/``, ``val/`` and ``test/``, each with class folders: the split is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from twostream.datasets.class_folders import STAGE, Scan, check_classes
from twostream.datasets.clips import Problem, SourceClip
from twostream.datasets.folder_kinds import scan_folder
from twostream.datasets.groups import group_and_tags
from twostream.datasets.listing import PART_WORD, SIDE_NAMES, TEST, TRAIN, VAL
from twostream.datasets.names import clip_stem, counted, readable, without_extension
from twostream.datasets.ready_frames import flow_of_one_kind
from twostream.datasets.spellings import plain_spelling
from twostream.datasets.walk import ancestors, list_folder, walk
from twostream.errors import TwostreamError

# In the order of reading: of clips with one name, the first keeps it.
PARTS = (TRAIN, VAL, TEST)
# So many class folders that two parts share tell that they are parts, whatever else lies beside them.
SHARED_CLASSES = 2


def part_folders(source: Path) -> dict[Path, str]:
    """Folder -> side where `source` holds train, val and test folders; else empty.

    They are called by the word of a part, with the same around it in all. There are a train folder with
    folders in it and another one; either no video lies in any other folder, or they share class folders.
    Raises TwostreamError for two folders of one side.
    """
    if not source.is_dir():
        return {}
    seen = ancestors(source)
    top = list_folder(source, seen=seen)
    parts = _with_train(top.folders)
    if not parts:
        return {}
    classes = {
        folder: {plain_spelling(one.name) for one in list_folder(folder, seen=seen).folders}
        for folder in parts
    }
    of_train = [classes[folder] for folder, side in parts.items() if side == TRAIN]
    if not all(of_train):
        return {}
    others = [folder for folder in top.folders if folder not in parts]
    if any(walk(folder, seen=seen).videos for folder in others):
        tested = [classes[folder] for folder, side in parts.items() if side != TRAIN]
        if max(len(one & other) for one in of_train for other in tested) < SHARED_CLASSES:
            return {}
    sides = list(parts.values())
    if len(set(sides)) < len(sides):
        raise TwostreamError(
            readable(str(source)),
            expected="one folder each for train, val and test",
            found=", ".join(sorted(path.name for path in parts)),
            remedy="join those that mean the same",
        )
    return dict(sorted(parts.items(), key=lambda item: PARTS.index(item[1])))


def _with_train(folders: Iterable[Path]) -> dict[Path, str]:
    """The folders, with their sides, whose names are alike but for the word of a part; train among them."""
    alike: dict[str, dict[Path, str]] = {}
    for folder in folders:
        match = PART_WORD.search(folder.name)
        if match is not None:
            around = f"{folder.name[: match.start()]}*{folder.name[match.end() :]}".casefold()
            alike.setdefault(around, {})[folder] = SIDE_NAMES[match["part"].casefold()]
    found = [parts for parts in alike.values() if TRAIN in parts.values()]
    several = [parts for parts in found if set(parts.values()) > {TRAIN}]
    return several[0] if len(several) == 1 else alike["*"] if alike.get("*") in several else {}


def taken_for_classes(scan: Scan) -> Scan:
    """The clips of class folders, with a note where some of these are called as parts are."""
    classes = sorted({clip.class_name for clip in scan.clips})
    named = [name for name in classes if PART_WORD.fullmatch(name)]
    if len(named) < 2:
        return scan
    note = (
        f"{' and '.join(named)} are classes here: as parts they would have folders of classes in them, "
        "and no other videos beside them"
    )
    return replace(scan, notes=(*scan.notes, note))


def parts_within_classes(source: Path, scan: Scan) -> Scan:
    """The clips of class folders, with the sides of folders train, val and test in each, where they lie so.

    Where all class folders hold the same folders otherwise, that is told: these may be the classes. Raises
    TwostreamError where each folder has train and test folders with class folders of its own.
    """
    below = {clip.clip_id: clip.source.split("/")[1:-1] for clip in scan.clips}
    named = {clip_id: folders[0] for clip_id, folders in below.items() if folders}
    words = {name: PART_WORD.fullmatch(name) for name in set(named.values())}
    parts = {name: SIDE_NAMES[match["part"].casefold()] for name, match in words.items() if match}
    if len(named) < len(scan.clips) or len(parts) < len(words) or TRAIN not in parts.values():
        return _with_shared_folders(scan, below)
    if set(parts.values()) == {TRAIN}:
        return scan
    classes = {folders[1] for folders in below.values() if len(folders) > 1}
    if len(classes) >= SHARED_CLASSES:
        tops = sorted({clip.class_name for clip in scan.clips})
        raise TwostreamError(
            readable(str(source)),
            expected="one folder each for train, val and test",
            found=f"such folders in each of {', '.join(tops)}",
            remedy=f"give one of them, such as {source / tops[0]}",
        )
    sides = {clip_id: parts[name] for clip_id, name in named.items()}
    kind = f"{scan.kind}, with {', '.join(sorted(parts))} in each"
    return replace(scan, sides=sides, kind=kind)


def _with_shared_folders(scan: Scan, below: Mapping[str, list[str]]) -> Scan:
    """A note where each class folder holds the same folders, two or more, called by words."""
    folders: dict[str, set[str]] = {}
    for clip in scan.clips:
        folders.setdefault(clip.class_name, set()).update(below[clip.clip_id][:1])
    common = set.intersection(*folders.values()) if len(folders) > 1 else set[str]()
    # Clips and people are often called by numbers, the same in every class.
    shared = sorted(name for name in common if not any(map(str.isdigit, name)))
    if len(shared) < SHARED_CLASSES:
        return scan
    first, *_ = sorted(folders)
    note = (
        f"each class folder has folders {' and '.join(shared[:3])} in it: where these are the classes, "
        f"they are to lie above {first}"
    )
    return replace(scan, notes=(*scan.notes, note))


def scan_parts(source: Path, parts: dict[Path, str]) -> Scan:
    """The clips of all `parts` of `source`, with the sides that their folders give them.

    A file name that several parts have gets the part's name in front. Raises TwostreamError for
    fewer than two classes.
    """
    clips: list[SourceClip] = []
    sides: dict[str, str] = {}
    notes: list[str] = []
    problems: list[Problem] = []
    kinds: set[str] = set()
    top = list_folder(source, seen=ancestors(source))
    problems += [_beside(path, 1) for path in top.videos]
    for folder in top.folders:
        count = 0 if folder in parts else len(walk(folder, seen=ancestors(source)).videos)
        problems += [_beside(folder, count)] if count else []
    for folder, side in parts.items():
        within = list_folder(folder, seen=ancestors(source))
        if not within.folders:
            problems.append(_without_classes(folder, len(within.videos)))
            continue
        found = scan_folder(folder, least_classes=0)
        kinds.add(found.kind)
        for clip in found.clips:
            moved = _in_part(clip, folder.name, taken=sides)
            clips.append(moved)
            sides[moved.clip_id] = side
        notes += [f"{folder.name}: {note}" for note in found.notes]
        problems += [
            replace(problem, source=f"{folder.name}/{problem.source}") for problem in found.problems
        ]
    check_classes(source, clips)
    clips = flow_of_one_kind(clips)
    clips.sort(key=lambda clip: (clip.class_name, clip.source))
    there = ", ".join(folder.name for folder in parts)
    kind = f"folders of {' and '.join(sorted(kinds))} ({there})"
    return Scan(tuple(clips), tuple(problems), tuple(notes), sides, kind)


def _beside(path: Path, videos: int) -> Problem:
    reason = f"{counted(videos, 'video')} beside the folders of the parts, so in none: left out"
    return Problem(readable(path.name), STAGE, reason)


def _without_classes(folder: Path, videos: int) -> Problem:
    reason = "no class folder in it: left out"
    if videos:
        reason = f"{counted(videos, 'video')} in no class folder, so without a label: left out"
    return Problem(readable(folder.name), STAGE, reason)


def _in_part(clip: SourceClip, part: str, *, taken: dict[str, str]) -> SourceClip:
    source = f"{part}/{clip.source}"
    if clip.clip_id not in taken:
        return replace(clip, source=source)
    below = tuple(clip.source.split("/")[1:])
    prefix = f"{clip.class_name}/"
    stems = {name.removeprefix(prefix) for name in taken if name.startswith(prefix)}
    clip_id = prefix + clip_stem((part, *below), stems)
    group, _ = group_and_tags(
        clip_id, class_name=clip.class_name, stem=without_extension(clip.file_name)
    )
    return replace(clip, clip_id=clip_id, source=source, group=group)
