"""Frames in folders or ZIPs: ready ``img_``, ``flow_x_`` and ``flow_y_`` images, or pictures alone."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from twostream.datasets.class_folders import STAGE, Scan, check_classes
from twostream.datasets.clips import FrameFolder, Problem, SourceClip
from twostream.datasets.groups import group_and_tags
from twostream.datasets.names import clip_stem, counted, is_hidden, is_text, is_video, readable
from twostream.datasets.official_names import class_told_by_name
from twostream.errors import TwostreamError

IMAGE = re.compile(
    r"(?P<kind>img|flow_x|flow_y|x|y)_(?P<number>\d+)\.(jpg|jpeg|png)", re.IGNORECASE
)
# Pictures under any name that ends in a number.
PICTURE = re.compile(
    r"(?:.*[^0-9])?(?P<number>[0-9]{1,18})\.(?:jpg|jpeg|png|bmp|tif|tiff|webp)", re.IGNORECASE
)
ZIP = ".zip"
# The folders of horizontal and of vertical flow, as they are called.
PAIRS = (
    ("u", "v"),
    ("x", "y"),
    ("flow_x", "flow_y"),
    ("flow_u", "flow_v"),
    ("horizontal", "vertical"),
    ("h", "v"),
)


class UnusableArchiveError(TwostreamError):
    """There are frames in an archive alone, where they cannot be used."""


@dataclass(frozen=True)
class FoundFrames:
    """A folder of frames: the `parts` of its path, its name for people, and what is in it.

    Pictures whose names are none of ready frames (not `is_ready`) are a clip only with flow beside them.
    `left_out` are the names of numbered pictures in it that are not its frames.
    """

    parts: tuple[str, ...]
    named: str
    folder: FrameFolder
    has_images: bool = True
    is_ready: bool = True
    left_out: tuple[str, ...] = ()


Found = Problem | FoundFrames


def is_archive(path: Path) -> bool:
    """Whether a name has the extension of a ZIP archive."""
    return path.suffix.lower() == ZIP


def holds_ready_frames(source: Path) -> bool:
    """Whether ready frames come before any video in `source`, a folder or a ZIP archive."""
    if source.is_file():
        return is_archive(source) and bool(_folders_inside(source, IMAGE))
    for folder, _, files in _walk(source):
        if {"flow_x", "flow_y"} <= set(map(kind_of, files)):
            return True
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
    everything = _joined(_find(source, pattern))
    told = _folder_of_all_classes(everything)
    for found in everything:
        if isinstance(found, Problem):
            problems.append(found)
            continue
        parts, named, folder = found.parts, found.named, found.folder
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
    packed = next((one for one in problems if one.source.lower().endswith(ZIP)), None)
    if packed is not None and not clips and least_classes:
        raise UnusableArchiveError(
            source,
            expected="class folders of clip folders with frames",
            found=f"none that can be used; {packed.source}: {packed.reason}",
            remedy="give the folder of what is in it",
        )
    check_classes(source, clips, least=least_classes)
    clips.sort(key=lambda clip: (clip.class_name, clip.source))
    clips = flow_of_one_kind(clips)
    alone = not any(clip.frames_in and clip.frames_in.has_flow for clip in clips)
    kind = "pictures without flow" if alone else "ready frames"
    if archives:
        kind += f" in {counted(len(archives), 'ZIP archive')}"
    there = [item for item in everything if isinstance(item, FoundFrames)]
    return Scan(tuple(clips), tuple(problems), _notes(there), None, kind)


def _notes(found: Sequence[FoundFrames]) -> tuple[str, ...]:
    """What is worth knowing of how frames lie: pictures that are none, classes in several folders."""
    notes = []
    left_out = [name for item in found for name in item.left_out]
    if left_out:
        pictures = counted(len(left_out), "picture")
        notes.append(f"ignored {pictures} beside those of the frames, such as {left_out[0]}")
    above = sorted({item.parts[:-2] for item in found if len(item.parts) > 1})
    if len(above) > 1:
        first, second = ("/".join(parts) or "." for parts in above[:2])
        notes.append(
            "the class of frames is the folder right above theirs, and these folders lie in "
            f"{len(above)} others, such as {first} and {second}"
        )
    return tuple(notes)


def folder_of_frames(path: Path) -> FrameFolder | None:
    """The frames in a folder, ready with their flow or pictures alone; None where there are none."""
    if not path.is_dir():
        return None
    names = [item.name for item in path.iterdir()]
    if images_among(names):
        return FrameFolder(path, has_flow=any(map(_is_flow, names)))
    return FrameFolder(path, has_flow=False) if any(map(PICTURE.fullmatch, names)) else None


def _folder_of_all_classes(found: Iterable[Found]) -> set[str]:
    """The one folder that all clips lie in, where the name of each tells its class; else nothing."""
    parts = [item.parts for item in found if not isinstance(item, Problem)]
    above = {_above(one) for one in parts}
    told = len(above) == 1 and all(one and class_told_by_name(one[-1]) for one in parts)
    return above if told else set()


def _joined(found: Iterable[Found]) -> list[Found]:
    """The folders, one where images and flows of a clip lie in two; pictures that go with none are left."""
    everything = list(found)
    by_clip: dict[tuple[str, ...], list[FoundFrames]] = {}
    for item in everything:
        if isinstance(item, FoundFrames):
            by_clip.setdefault(item.parts[-2:], []).append(item)
    joined: list[Found] = []
    for item in everything:
        if isinstance(item, Problem) or (item.has_images and item.folder.has_flow):
            joined.append(item)
            continue
        both = sorted(by_clip[item.parts[-2:]], key=lambda one: one.folder.has_flow)
        apart = [(one.has_images, one.folder.has_flow) for one in both] == [
            (True, False),
            (False, True),
        ]
        if not apart or any(one.folder.path.is_file() for one in both):
            joined += [item] if item.is_ready else []
        elif item is both[0]:
            flow = both[1].folder.path
            joined.append(
                replace(item, folder=replace(item.folder, flows=(flow, flow), has_flow=True))
            )
    return joined


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
        has_flow, images = any(map(_is_flow, files)), images_among(files)
        is_ready = any(map(pattern.fullmatch, files))
        if is_ready or images:
            where = FrameFolder(folder, has_flow=has_flow)
            has_images = bool(images) or pattern is PICTURE
            yield FoundFrames(
                relative.parts,
                relative.as_posix(),
                where,
                has_images,
                is_ready,
                _left_out(files, images) if pattern is IMAGE and images else (),
            )
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
    if pattern is PICTURE and _holds_flow_folders(folders):
        reason = (
            "an archive with flows in folders of their own, which are read from folders: unpack it"
        )
        yield Problem(readable(named), STAGE, reason)
        return
    alone = len(folders) == 1 and above
    for inside, has_flow in sorted(folders.items()):
        below = PurePosixPath(inside).parts
        folder = FrameFolder(archive, inside, has_flow=has_flow)
        if alone and (not below or below[-1] == above[-1]):
            yield FoundFrames(above, named, folder)
        else:
            yield FoundFrames((*above, *below), f"{named}/{inside}", folder)


def _holds_flow_folders(folders: Iterable[str]) -> bool:
    """Whether two sibling folders are called as those of horizontal and of vertical flow are.

    >>> _holds_flow_folders(["run/1/rgb", "run/1/u", "run/1/v"]), _holds_flow_folders(["run/u", "walk/v"])
    (True, False)
    """
    within: dict[str, set[str]] = {}
    for folder in folders:
        parts = PurePosixPath(folder).parts
        for k, name in enumerate(parts):
            within.setdefault("/".join(parts[:k]), set()).add(name.casefold())
    return any(set(pair) <= names for pair in PAIRS for names in within.values())


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


def images_among(names: Iterable[str]) -> frozenset[str]:
    """The names of a clip's images: img_00001.jpg, else the numbered pictures, where all are called alike.

    >>> sorted(images_among(["image_1.jpg", "image_2.jpg", "flow_x_1.jpg", "flow_y_1.jpg", "notes.txt"]))
    ['image_1.jpg', 'image_2.jpg']
    >>> images_among(["a1.jpg", "b1.jpg", "flow_x_1.jpg"])
    frozenset()
    """
    kinds = {name: kind_of(name) for name in names}
    named = frozenset(name for name, kind in kinds.items() if kind == "img")
    if named:
        return named
    matches = {name: PICTURE.fullmatch(name) for name, kind in kinds.items() if kind is None}
    others = {name: match for name, match in matches.items() if match is not None}
    called = {name[: match.start("number")].casefold() for name, match in others.items()}
    return frozenset(others) if len(called) == 1 else frozenset()


def _left_out(names: Iterable[str], images: Container[str]) -> tuple[str, ...]:
    return tuple(
        name
        for name in names
        if name not in images and kind_of(name) is None and PICTURE.fullmatch(name) is not None
    )


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
        hidden = any(map(is_hidden, folder.split("/")))
        if pattern.fullmatch(file) and not hidden:
            found[folder] = found.get(folder, False) or _is_flow(file)
    return found


def _walk(source: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    """`os.walk`, sorted, without hidden names."""
    for parent, folders, files in os.walk(source):
        folders[:] = sorted(name for name in folders if not is_hidden(name))
        yield Path(parent), folders, sorted(name for name in files if not is_hidden(name))
