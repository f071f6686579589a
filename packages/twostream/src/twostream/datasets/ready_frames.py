"""Ready frames: folders of ``img_``, ``flow_x_`` and ``flow_y_`` images, as they are or in ZIPs."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from twostream.datasets.class_folders import STAGE, Scan, check_classes
from twostream.datasets.clips import FrameFolder, Problem, SourceClip
from twostream.datasets.groups import group_and_tags
from twostream.datasets.names import clip_stem, counted, is_hidden, is_text, is_video, readable

IMAGE = re.compile(r"(?P<kind>img|flow_x|flow_y)_(?P<number>\d+)\.(jpg|jpeg|png)", re.IGNORECASE)
ZIP = ".zip"
NOT_OURS = {"__MACOSX"}


def is_archive(path: Path) -> bool:
    """Whether a name has the extension of a ZIP archive."""
    return path.suffix.lower() == ZIP


def holds_ready_frames(source: Path) -> bool:
    """Whether ready frames come before any video in `source`, a folder or a ZIP archive."""
    if source.is_file():
        return is_archive(source) and bool(_folders_inside(source))
    for folder, _, files in _walk(source):
        for name in files:
            if IMAGE.fullmatch(name) and name.casefold().startswith("img"):
                return True
            if is_video(name):
                return False
            path = folder / name
            if is_archive(path):
                try:
                    return bool(_folders_inside(path))
                except (OSError, ValueError):
                    continue
    return False


def scan_ready_frames(source: Path, *, least_classes: int = 2) -> Scan:
    """The clips in `source`: every folder with images, on disk or in a ZIP archive, is one.

    A clip has its folder's name and the class of the folder above; an archive counts as a folder of
    its own name, and where it holds one clip only, it is that clip. So one archive a clip, one a class
    and one for all are understood. Archives that cannot be read are problems. Raises TwostreamError
    for fewer than `least_classes` classes.
    """
    clips: list[SourceClip] = []
    problems: list[Problem] = []
    taken: dict[str, set[str]] = {}
    archives: set[Path] = set()
    for found in _find(source):
        if isinstance(found, Problem):
            problems.append(found)
            continue
        parts, named, folder = found
        if len(parts) < 2 or not is_text(named):
            reason = "no class folder above it" if is_text(named) else "the name is not UTF-8"
            problems.append(Problem(readable(named), STAGE, reason))
            continue
        class_name, name = parts[-2:]
        stems = taken.setdefault(class_name, set())
        # The ending keeps what follows a dot in the folder's name.
        stem = clip_stem((f"{name}.frames",), stems)
        stems.add(stem)
        clip_id = f"{class_name}/{stem}"
        group, tags = group_and_tags(clip_id, class_name=class_name, stem=name)
        clips.append(
            SourceClip(clip_id, class_name, folder.path, named, group, tags, frames_in=folder)
        )
        if folder.path.is_file():
            archives.add(folder.path)
    check_classes(source, clips, least=least_classes)
    clips.sort(key=lambda clip: (clip.class_name, clip.source))
    kind = "ready frames"
    if archives:
        kind += f" in {counted(len(archives), 'ZIP archive')}"
    return Scan(tuple(clips), tuple(problems), (), None, kind)


def _find(source: Path) -> Iterator[Problem | tuple[tuple[str, ...], str, FrameFolder]]:
    """The parts of each clip's path, its name for people, and where it is."""
    if source.is_file():
        yield from _find_inside(source, (), source.name)
        return
    for folder, _, files in _walk(source):
        relative = folder.relative_to(source)
        if any(IMAGE.fullmatch(name) for name in files):
            yield relative.parts, relative.as_posix(), FrameFolder(folder)
        for name in files:
            path = folder / name
            if is_archive(path):
                inside = path.relative_to(source)
                yield from _find_inside(path, inside.with_suffix("").parts, inside.as_posix())


def _find_inside(
    archive: Path, above: tuple[str, ...], named: str
) -> Iterator[Problem | tuple[tuple[str, ...], str, FrameFolder]]:
    try:
        folders = _folders_inside(archive)
    except (OSError, ValueError) as error:
        yield Problem(readable(named), STAGE, f"an archive that cannot be read: {error}")
        return
    alone = len(folders) == 1 and above
    for inside in folders:
        below = PurePosixPath(inside).parts
        if alone and (not below or below[-1] == above[-1]):
            yield above, named, FrameFolder(archive, inside)
        else:
            yield (*above, *below), f"{named}/{inside}", FrameFolder(archive, inside)


def _folders_inside(archive: Path) -> list[str]:
    """The folders of `archive` that hold images, sorted; '' is the archive itself.

    Raises ValueError or OSError where it cannot be read.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            names = opened.namelist()
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise ValueError(str(error)) from error
    found: set[str] = set()
    for name in names:
        folder, _, file = name.replace("\\", "/").rpartition("/")
        hidden = any(part in NOT_OURS or is_hidden(part) for part in folder.split("/"))
        if IMAGE.fullmatch(file) and not hidden:
            found.add(folder)
    return sorted(found)


def _walk(source: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    """`os.walk`, sorted, without hidden names."""
    for parent, folders, files in os.walk(source):
        folders[:] = sorted(
            name for name in folders if not is_hidden(name) and name not in NOT_OURS
        )
        yield Path(parent), folders, sorted(name for name in files if not is_hidden(name))
