"""Ready frames whose flows lie apart from them: ``u/<clip>/`` and ``v/<clip>/``, the pictures elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from twostream.datasets.class_folders import STAGE, Scan, check_classes
from twostream.datasets.clips import FrameFolder, Problem, SourceClip
from twostream.datasets.grey_pictures import is_coloured
from twostream.datasets.groups import group_and_tags
from twostream.datasets.names import clip_stem, is_hidden, is_text, readable
from twostream.datasets.official_names import class_told_by_name
from twostream.datasets.ready_frames import PAIRS, PICTURE, kind_of


def find_flow_folders(source: Path) -> tuple[Path, Path] | None:
    """The folders of horizontal and of vertical flow in `source` or a folder in it, if there are any.

    They are siblings called as one of `PAIRS`, with a folder of grey pictures for each clip.
    """
    for parent, folders in _folders(source):
        if parent != source:
            folders.clear()  # deeper lie the clips: millions of files
            known = {item.name.casefold(): item.name for item in parent.iterdir() if item.is_dir()}
        else:
            known = {name.casefold(): name for name in folders}
        for horizontal, vertical in PAIRS:
            if horizontal in known and vertical in known:
                pair = parent / known[horizontal], parent / known[vertical]
                if all(map(_holds_flow, pair)):
                    return pair
    return None


def _holds_flow(folder: Path) -> bool:
    """Whether clips in `folder` are of grey pictures of one kind; classes may be called u and v, too."""
    first = next(_clip_folders(folder), None)
    if first is None or any(kind_of(item.name) == "img" for item in first.iterdir()):
        return False
    return not is_coloured(first)


def scan_frames_apart(source: Path, flows: tuple[Path, Path], *, least_classes: int = 2) -> Scan:
    """The clips in `source` whose `flows` are in folders of their own.

    A clip's class is the folder above it below the folder of flows; where there is none, the one above its
    pictures, if these are in several, else what a name of UCF-101 or HMDB-51 says. Pictures without flow,
    flows without pictures and clips without a class are problems. Raises TwostreamError for fewer than
    `least_classes` classes.
    """
    horizontal, vertical = flows
    pictures: dict[str, list[Path]] = {}
    for folder in _clip_folders(source, without={horizontal, vertical}):
        pictures.setdefault(folder.name, []).append(folder)
    sorted_by_class = len({one.parent for several in pictures.values() for one in several}) > 1
    clips: list[SourceClip] = []
    problems: list[Problem] = []
    taken: dict[str, set[str]] = {}
    used: set[Path] = set()
    for u in _clip_folders(horizontal):
        below = u.relative_to(horizontal)
        named = readable(u.relative_to(source).as_posix())
        alike = pictures.get(u.name, [])
        found = [p for p in alike if p.parts[-len(below.parts) :] == below.parts] or alike
        class_name = below.parts[-2] if len(below.parts) > 1 else None
        if class_name is None and sorted_by_class and len(found) == 1:
            class_name = found[0].parent.name
        class_name = class_name or class_told_by_name(u.name)
        if len(found) != 1 or class_name is None or not is_text(str(below)):
            reason = (
                "the name is not UTF-8"
                if not is_text(str(below))
                else f"{len(found)} folders of pictures for these flows"
                if len(found) != 1
                else "no class folder above it, and its name tells none"
            )
            problems.append(Problem(named, STAGE, reason))
            continue
        used.add(found[0])
        stems = taken.setdefault(class_name, set())
        stem = clip_stem((f"{u.name}.frames",), stems)
        stems.add(stem)
        clip_id = f"{class_name}/{stem}"
        group, tags = group_and_tags(clip_id, class_name=class_name, stem=u.name)
        where = FrameFolder(found[0], flows=(u, vertical / below))
        name = found[0].relative_to(source).as_posix()
        clips.append(SourceClip(clip_id, class_name, found[0], name, group, tags, frames_in=where))
    for folder in sorted({p for several in pictures.values() for p in several} - used):
        name = readable(folder.relative_to(source).as_posix())
        problems.append(Problem(name, STAGE, "pictures without flow: left out"))
    check_classes(source, clips, least=least_classes)
    clips.sort(key=lambda clip: (clip.class_name, clip.source))
    problems.sort(key=lambda problem: problem.source)
    kind = f"ready frames, their flows apart in {horizontal.name}/ and {vertical.name}/"
    return Scan(tuple(clips), tuple(problems), (), None, kind)


def _clip_folders(folder: Path, *, without: set[Path] | None = None) -> Iterator[Path]:
    """The folders in `folder` that hold numbered pictures."""
    for parent, folders in _folders(folder):
        folders[:] = [name for name in folders if parent / name not in (without or ())]
        with os.scandir(parent) as entries:
            if any(PICTURE.fullmatch(entry.name) for entry in entries) and parent != folder:
                yield parent


def _folders(source: Path) -> Iterator[tuple[Path, list[str]]]:
    """`os.walk` of folders alone, sorted, without hidden ones."""
    for parent, folders, _ in os.walk(source):
        folders[:] = sorted(name for name in folders if not is_hidden(name))
        yield Path(parent), folders
