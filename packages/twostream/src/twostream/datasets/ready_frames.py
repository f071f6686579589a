"""Frames in folders or ZIPs: ready ``img_``, ``flow_x_`` and ``flow_y_`` images, or pictures alone."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from twostream.datasets.class_folders import STAGE, Scan, check_classes
from twostream.datasets.clips import FrameFolder, Problem, SourceClip
from twostream.datasets.groups import group_and_tags
from twostream.datasets.names import clip_stem, counted, is_hidden, is_text, is_video, readable
from twostream.datasets.official_names import class_told_by_name

IMAGE = re.compile(
    r"(?P<kind>img|flow_x|flow_y|x|y)_(?P<number>\d+)\.(jpg|jpeg|png)", re.IGNORECASE
)
# Pictures under any name that ends in a number.
PICTURE = re.compile(
    r"(?:.*[^0-9])?(?P<number>[0-9]{1,18})\.(?:jpg|jpeg|png|bmp|tif|tiff|webp)", re.IGNORECASE
)
Found = Problem | tuple[tuple[str, ...], str, FrameFolder]
ZIP = ".zip"
NOT_OURS = {"__MACOSX"}


def is_archive(path: Path) -> bool:
    """Whether a name has the extension of a ZIP archive."""
    return path.suffix.lower() == ZIP


def holds_ready_frames(source: Path) -> bool:
    """Whether ready frames come before any video in `source`, a folder or a ZIP archive."""
    if source.is_file():
        return is_archive(source) and bool(_folders_inside(source, IMAGE))
    for folder, _, files in _walk(source):
        for name in files:
            if kind_of(name) == "img":
                return True
            if is_video(name):
                return False
            path = folder / name
            if is_archive(path):
                try:
                    return bool(_folders_inside(path, IMAGE))
                except (OSError, ValueError):
                    continue
    return False


def holds_pictures(source: Path) -> bool:
    """Whether there are numbered pictures in folders below `source`, or in ZIP archives, and no videos."""
    if source.is_file():
        return is_archive(source) and bool(_folders_inside(source, PICTURE))
    found = False
    for folder, _, files in _walk(source):
        for name in files:
            if is_video(name):
                return False
            if not found and is_archive(folder / name):
                try:
                    found = bool(_folders_inside(folder / name, PICTURE))
                except (OSError, ValueError):
                    continue
            found = found or (folder != source and PICTURE.fullmatch(name) is not None)
    return found


def scan_pictures(source: Path, *, least_classes: int = 2) -> Scan:
    """As `scan_ready_frames`, where pictures have any name that ends in a number, and no flow."""
    return scan_ready_frames(source, least_classes=least_classes, pattern=PICTURE)


def scan_ready_frames(
    source: Path, *, least_classes: int = 2, pattern: re.Pattern[str] = IMAGE
) -> Scan:
    """The clips in `source`: every folder with images, on disk or in a ZIP archive, is one.

    A clip has its folder's name and the class of the folder above; an archive counts as a folder of
    its own name, and where it holds one clip only, it is that clip. So one archive a clip, one a class
    and one for all are understood. Archives that cannot be read are problems. Where no clip has flow, all
    are pictures alone, whose flow is to be computed; only names of the `pattern` count. Raises
    TwostreamError for fewer than `least_classes` classes.
    """
    clips: list[SourceClip] = []
    problems: list[Problem] = []
    taken: dict[str, set[str]] = {}
    archives: set[Path] = set()
    everything = list(_find(source, pattern))
    told = _folder_of_all_classes(everything)
    for found in everything:
        if isinstance(found, Problem):
            problems.append(found)
            continue
        parts, named, folder = found
        class_name, name = _above(parts), parts[-1] if parts else ""
        if class_name in told:
            class_name = class_told_by_name(name) or class_name
        if not class_name or not is_text(named):
            reason = "no class folder above it" if is_text(named) else "the name is not UTF-8"
            problems.append(Problem(readable(named), STAGE, reason))
            continue
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
    clips = flow_of_one_kind(clips)
    alone = not any(clip.frames_in and clip.frames_in.has_flow for clip in clips)
    kind = "pictures without flow" if alone else "ready frames"
    if archives:
        kind += f" in {counted(len(archives), 'ZIP archive')}"
    return Scan(tuple(clips), tuple(problems), (), None, kind)


def folder_of_frames(path: Path) -> FrameFolder | None:
    """The frames in a folder, ready with their flow or pictures alone; None where there are none."""
    if not path.is_dir():
        return None
    names = [item.name for item in path.iterdir()]
    if any(kind_of(name) == "img" for name in names):
        return FrameFolder(path, has_flow=any(map(_is_flow, names)))
    return FrameFolder(path, has_flow=False) if any(map(PICTURE.fullmatch, names)) else None


def _folder_of_all_classes(found: Iterable[Found]) -> set[str]:
    """The one folder that all clips lie in, where the name of each tells its class; else nothing."""
    parts = [item[0] for item in found if not isinstance(item, Problem)]
    above = {_above(one) for one in parts}
    told = len(above) == 1 and all(one and class_told_by_name(one[-1]) for one in parts)
    return above if told else set()


def _above(parts: tuple[str, ...]) -> str:
    """The folder above the last of the `parts` of a path; empty where there is none."""
    return parts[-2] if len(parts) > 1 else ""


def flow_of_one_kind(clips: list[SourceClip]) -> list[SourceClip]:
    """The clips, none of them pictures alone where others have ready flow.

    There a tool has failed: flow computed here would be another than that of the other clips.
    """
    if not any(clip.frames_in and clip.frames_in.has_flow for clip in clips):
        return clips
    return [
        replace(clip, frames_in=replace(clip.frames_in, has_flow=True)) if clip.frames_in else clip
        for clip in clips
    ]


def _find(source: Path, pattern: re.Pattern[str]) -> Iterator[Found]:
    """The parts of each clip's path, its name for people, and where it is."""
    if source.is_file():
        yield from _find_inside(source, (), source.name, pattern)
        return
    for folder, _, files in _walk(source):
        relative = folder.relative_to(source)
        if any(map(pattern.fullmatch, files)):
            has_flow = any(map(_is_flow, files))
            yield relative.parts, relative.as_posix(), FrameFolder(folder, has_flow=has_flow)
        for name in files:
            path = folder / name
            if is_archive(path):
                inside = path.relative_to(source)
                above = inside.with_suffix("").parts
                yield from _find_inside(path, above, inside.as_posix(), pattern)


def _find_inside(
    archive: Path, above: tuple[str, ...], named: str, pattern: re.Pattern[str]
) -> Iterator[Found]:
    try:
        folders = _folders_inside(archive, pattern)
    except (OSError, ValueError) as error:
        yield Problem(readable(named), STAGE, f"an archive that cannot be read: {error}")
        return
    alone = len(folders) == 1 and above
    for inside, has_flow in sorted(folders.items()):
        below = PurePosixPath(inside).parts
        folder = FrameFolder(archive, inside, has_flow=has_flow)
        if alone and (not below or below[-1] == above[-1]):
            yield above, named, folder
        else:
            yield (*above, *below), f"{named}/{inside}", folder


def _is_flow(name: str) -> bool:
    return kind_of(name) not in (None, "img")


def kind_of(name: str) -> str | None:
    """Of which kind the ready image of that name is: 'img', 'flow_x' or 'flow_y'; None: of none.

    >>> kind_of("img_00001.jpg"), kind_of("X_00001.png"), kind_of("flow_y_7.jpg"), kind_of("a_1.jpg")
    ('img', 'flow_x', 'flow_y', None)
    """
    match = IMAGE.fullmatch(name)
    kind = match and match["kind"].lower()
    return f"flow_{kind}" if kind in ("x", "y") else kind


def _folders_inside(archive: Path, pattern: re.Pattern[str]) -> dict[str, bool]:
    """The folders of `archive` that hold images, and whether flow, too; '' is the archive itself.

    Raises ValueError or OSError where it cannot be read.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            names = opened.namelist()
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise ValueError(str(error)) from error
    found: dict[str, bool] = {}
    for name in names:
        folder, _, file = name.replace("\\", "/").rpartition("/")
        hidden = any(part in NOT_OURS or is_hidden(part) for part in folder.split("/"))
        if pattern.fullmatch(file) and not hidden:
            found[folder] = found.get(folder, False) or _is_flow(file)
    return found


def _walk(source: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    """`os.walk`, sorted, without hidden names."""
    for parent, folders, files in os.walk(source):
        folders[:] = sorted(
            name for name in folders if not is_hidden(name) and name not in NOT_OURS
        )
        yield Path(parent), folders, sorted(name for name in files if not is_hidden(name))
