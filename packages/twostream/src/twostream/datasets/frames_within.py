"""Ready frames in folders within each clip's: ``<class>/<clip>/rgb/``, ``…/u/`` and ``…/v/``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from twostream.datasets.class_folders import STAGE, Scan, check_classes
from twostream.datasets.clips import FrameFolder, Problem, SourceClip
from twostream.datasets.grey_pictures import is_coloured
from twostream.datasets.groups import group_and_tags
from twostream.datasets.names import clip_stem, is_hidden, is_text, readable
from twostream.datasets.official_names import class_told_by_name
from twostream.datasets.ready_frames import PAIRS, PICTURE

# So many folders of each tell how all lie; there may be thousands, with millions of pictures in them.
LOOKED_AT = 3


@dataclass(frozen=True)
class _Parts:
    """A clip's folder, its folders of flow, and those of pictures beside them."""

    clip: Path
    flows: tuple[Path, Path]
    pictures: tuple[Path, ...]


def holds_frames_within(source: Path) -> bool:
    """Whether the folders of clips in `source` hold folders of pictures and of both flows.

    Clips may be called x and y, too: there are as many flows of either direction, all grey, and as many
    pictures or one more.
    """
    return any(_fit(parts) for parts in _find(source, widest=LOOKED_AT))


def _fit(parts: _Parts) -> bool:
    horizontal, vertical = map(_count_pictures, parts.flows)
    counts = [_count_pictures(folder) - horizontal for folder in parts.pictures]
    fit = horizontal == vertical and len(counts) == 1 and counts[0] in (0, 1)
    return fit and not any(map(is_coloured, parts.flows))


def scan_frames_within(source: Path, *, least_classes: int = 2) -> Scan:
    """The clips in `source`, each a folder with folders of pictures and of both flows in it.

    A clip's class is the folder above it; where there is none, what a name of UCF-101 or HMDB-51 says.
    Clips without pictures, with several folders of them or without a class are problems. Raises
    TwostreamError for fewer than `least_classes` classes.
    """
    clips: list[SourceClip] = []
    problems: list[Problem] = []
    taken: dict[str, set[str]] = {}
    names: set[str] = set()
    for parts in _find(source):
        below = parts.clip.relative_to(source)
        named, name = readable(below.as_posix()), parts.clip.name
        class_name = below.parts[-2] if len(below.parts) > 1 else class_told_by_name(name)
        if len(parts.pictures) != 1 or class_name is None or not is_text(str(below)):
            reason = (
                "the name is not UTF-8"
                if not is_text(str(below))
                else f"{len(parts.pictures)} folders of pictures beside those of its flows"
                if len(parts.pictures) != 1
                else "no class folder above it, and its name tells none"
            )
            problems.append(Problem(named, STAGE, reason))
            continue
        stems = taken.setdefault(class_name, set())
        stem = clip_stem((f"{name}.frames",), stems)
        stems.add(stem)
        clip_id = f"{class_name}/{stem}"
        group, tags = group_and_tags(clip_id, class_name=class_name, stem=name)
        where = FrameFolder(parts.pictures[0], flows=parts.flows, called=name)
        names.add("/".join(sorted(folder.name for folder in (*parts.flows, where.path))))
        place = parts.pictures[0]
        source_name = place.relative_to(source).as_posix()
        clips.append(
            SourceClip(clip_id, class_name, place, source_name, group, tags, frames_in=where)
        )
    check_classes(source, clips, least=least_classes)
    clips.sort(key=lambda clip: (clip.class_name, clip.source))
    problems.sort(key=lambda problem: problem.source)
    kind = f"ready frames, each clip's in folders of their own ({', '.join(sorted(names))})"
    return Scan(tuple(clips), tuple(problems), (), None, kind)


def _find(source: Path, *, widest: int | None = None) -> Iterator[_Parts]:
    """The clips below `source`; with `widest`, of so many folders of each folder alone."""
    for parent, folders in _walk(source, widest):
        pair = _pair(parent, folders)
        if pair is None or parent == source:
            continue
        beside = [parent / name for name in folders if parent / name not in pair]
        folders.clear()
        clip, pictures = parent, [one for one in beside if _holds_pictures(one)]
        if not pictures and _holds_pictures(parent):
            pictures = [parent]
        if not pictures and parent.parent != source:
            # <clip>/flow/u and <clip>/flow/v beside <clip>/rgb
            siblings = [one for one in sorted(parent.parent.iterdir()) if one.is_dir()]
            pictures = [one for one in siblings if one != parent and _holds_pictures(one)]
            clip = parent.parent
        yield _Parts(clip, pair, tuple(pictures))


def _pair(parent: Path, folders: list[str]) -> tuple[Path, Path] | None:
    """The folders of horizontal and of vertical flow in `parent` that hold pictures themselves."""
    known = {name.casefold(): name for name in folders}
    for horizontal, vertical in PAIRS:
        if horizontal in known and vertical in known:
            pair = parent / known[horizontal], parent / known[vertical]
            if all(map(_holds_pictures, pair)):
                return pair
    return None


def _holds_pictures(folder: Path) -> bool:
    with os.scandir(folder) as entries:
        return any(PICTURE.fullmatch(entry.name) for entry in entries)


def _count_pictures(folder: Path) -> int:
    with os.scandir(folder) as entries:
        return sum(PICTURE.fullmatch(entry.name) is not None for entry in entries)


def _walk(source: Path, widest: int | None) -> Iterator[tuple[Path, list[str]]]:
    for parent, folders, _ in os.walk(source):
        folders[:] = islice(sorted(name for name in folders if not is_hidden(name)), widest)
        yield Path(parent), folders
