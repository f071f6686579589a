"""Folders ``train/``, ``val/`` and ``test/``, each with class folders: the split is given."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from twostream.datasets.class_folders import Scan, check_classes
from twostream.datasets.clips import SourceClip
from twostream.datasets.folder_kinds import scan_folder
from twostream.datasets.groups import group_and_tags
from twostream.datasets.listing import SIDE_NAMES, TEST, TRAIN, VAL
from twostream.datasets.names import clip_stem, readable, without_extension
from twostream.datasets.ready_frames import flow_of_one_kind
from twostream.datasets.walk import ancestors, list_folder, walk
from twostream.errors import TwostreamError

# In the order of reading: of clips with one name, the first keeps it.
PARTS = (TRAIN, VAL, TEST)


def part_folders(source: Path) -> dict[Path, str]:
    """Folder -> side where `source` holds train, val and test folders; else empty.

    They are, where there is a train folder and another one, all with folders but no videos directly
    in them, and no video lies in any other folder. Raises TwostreamError for two folders of one side.
    """
    if not source.is_dir():
        return {}
    seen = ancestors(source)
    top = list_folder(source, seen=seen)
    parts = {path: side for path in top.folders if (side := _part(path.name))}
    sides = list(parts.values())
    if TRAIN not in sides or set(sides) == {TRAIN}:
        return {}
    for folder in parts:
        below = list_folder(folder, seen=seen)
        if below.videos or not below.folders:
            return {}
    if any(walk(folder, seen=seen).videos for folder in top.folders if folder not in parts):
        return {}
    if len(set(sides)) < len(sides):
        raise TwostreamError(
            readable(str(source)),
            expected="one folder each for train, val and test",
            found=", ".join(sorted(path.name for path in parts)),
            remedy="join those that mean the same",
        )
    return dict(sorted(parts.items(), key=lambda item: PARTS.index(item[1])))


def scan_parts(source: Path, parts: dict[Path, str]) -> Scan:
    """The clips of all `parts` of `source`, with the sides that their folders give them.

    A file name that several parts have gets the part's name in front. Raises TwostreamError for
    fewer than two classes.
    """
    clips: list[SourceClip] = []
    sides: dict[str, str] = {}
    notes: list[str] = []
    problems = []
    kinds: set[str] = set()
    for folder, side in parts.items():
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


def _part(folder_name: str) -> str | None:
    side = SIDE_NAMES.get(folder_name.casefold())
    return side if side in PARTS else None


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
