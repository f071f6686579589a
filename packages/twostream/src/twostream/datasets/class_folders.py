"""A folder of class folders: every sub-folder is a class, every video in it is a clip."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from twostream.choices import ValPart
from twostream.datasets.clips import Problem, SourceClip
from twostream.datasets.groups import group_and_tags
from twostream.datasets.names import ARCHIVES, clip_stem, counted, is_text, is_video, readable
from twostream.datasets.walk import Found, ancestors, list_folder, walk
from twostream.errors import TwostreamError

STAGE = "scan"
EXPECTED = "a folder with one sub-folder of videos for each of at least two classes"


@dataclass(frozen=True)
class Scan:
    """The clips of a source, sorted by class name and path, what cannot be used, and notes.

    `sides` (clip_id -> side) are those that the source itself gives, None where it gives none;
    `splits` (number -> clip_id -> side) stand in their place where it gives several. `kind` says in words
    what the source was found to be, `val_part` what its val part is for, where that is beyond doubt.
    """

    clips: tuple[SourceClip, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    sides: Mapping[str, str] | None = None
    kind: str = "class folders"
    splits: Mapping[int, Mapping[str, str]] | None = None
    val_part: ValPart | None = None

    @property
    def given(self) -> Mapping[int, Mapping[str, str]] | None:
        """The splits that the source itself gives; None where it gives none."""
        if self.splits is not None or self.sides is None:
            return self.splits
        return {1: self.sides}


def scan(source: Path, *, least_classes: int = 2) -> Scan:
    """Find the clips of `source`, a folder of class folders.

    Videos in sub-folders of a class belong to the class. Links are followed, but never round in
    circles. Hidden files, temporary files and files without a video extension are ignored and
    counted in a note; a name that is not UTF-8, a video beside the class folders and a class folder
    without any are problems. Raises TwostreamError where `source` is not such a folder, or has fewer
    than `least_classes` classes.

    >>> import tempfile
    >>> source = Path(tempfile.mkdtemp())
    >>> for name in ("run", "walk"):
    ...     (source / name).mkdir()
    ...     (source / name / "1.avi").touch()
    >>> [clip.clip_id for clip in scan(source).clips]
    ['run/1', 'walk/1']
    """
    if not source.is_dir():
        raise _error(
            source,
            found="a file" if source.exists() else "nothing",
            remedy="give the folder that holds the class folders",
        )
    seen = ancestors(source)
    top = list_folder(source, seen=seen)
    if not top.folders:
        raise _no_class_folders(source, top)
    clips: list[SourceClip] = []
    notes: list[str] = []
    # Videos beside the class folders belong to no class, so only the rest of `top` counts below.
    problems = [
        Problem(readable(path.name), STAGE, "beside the class folders, so of no class: left out")
        for path in top.videos
    ]
    founds = [replace(top, videos=[])]
    problems += _problems(source, founds[0], None)
    for folder in top.folders:
        found = walk(folder, seen=seen)
        founds.append(found)
        class_clips, class_notes = _class_clips(source, folder.name, found)
        clips += class_clips
        notes += class_notes
        problems += _problems(source, found, folder.name)
        if not (class_clips or found.videos or found.problems):
            reason = "a class folder without any usable video: left out"
            problems.append(Problem(readable(folder.name), STAGE, reason, folder.name))
    notes += ignored_notes(founds)
    check_classes(source, clips, least=least_classes)
    problems.sort(key=lambda problem: problem.source)
    return Scan(tuple(clips), tuple(problems), tuple(notes))


def _class_clips(source: Path, class_name: str, found: Found) -> tuple[list[SourceClip], list[str]]:
    clips: list[SourceClip] = []
    notes: list[str] = []
    taken: dict[str, str] = {}
    for path in found.videos:
        relative = path.relative_to(source)
        if not is_text(str(relative)):
            continue
        parts = relative.parts[1:]
        stem = clip_stem(parts, taken)
        clip_id = f"{class_name}/{stem}"
        if stem != PurePath("__".join(parts)).stem:
            usual = clip_stem(parts, ())
            first = f"{class_name}/{usual} is the clip of {taken[usual]}" if usual in taken else ""
            reason = first or "its name is too long for a file"
            notes.append(f"{relative.as_posix()} is called {clip_id} in the data set: {reason}")
        taken[stem] = relative.as_posix()
        group, tags = group_and_tags(clip_id, class_name=class_name, stem=path.stem)
        clips.append(SourceClip(clip_id, class_name, path, relative.as_posix(), group, tags))
    return clips, notes


def _problems(source: Path, found: Found, class_name: str | None) -> list[Problem]:
    odd = "the name is not UTF-8: rename the file or its folder"
    unnamed = [path for path in found.videos if not is_text(str(path.relative_to(source)))]
    return [
        Problem(readable(path.relative_to(source).as_posix()), STAGE, reason, class_name)
        for path, reason in (*((path, odd) for path in unnamed), *found.problems)
    ]


def ignored_notes(founds: Iterable[Found]) -> list[str]:
    """Sentences on what folders hold that is no video, counted by its extension."""
    hidden = links = temporary = 0
    others: Counter[str] = Counter()
    for found in founds:
        hidden += found.hidden
        links += found.links
        temporary += found.temporary
        others.update(found.others)
    notes = []
    if others:
        files = counted(others.total(), "file")
        notes.append(f"ignored {files} without a video extension ({_kinds(others)})")
    if hidden:
        names = counted(hidden, "hidden file or folder", "hidden files or folders")
        notes.append(f"ignored {names}")
    if temporary:
        notes.append(f"ignored {counted(temporary, 'temporary file')}")
    if links:
        notes.append(f"did not follow {counted(links, 'link')} to folders already searched")
    return notes


def _kinds(others: Counter[str]) -> str:
    """The most frequent extensions with their counts, in an order that depends on them alone."""
    ranked = sorted(others.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{count} {readable(name) or 'without any'}" for name, count in ranked[:5]]
    return ", ".join(shown + ["…"] * (len(ranked) > 5))


def check_classes(source: Path, clips: Sequence[SourceClip], *, least: int = 2) -> None:
    """Raise TwostreamError where `clips` are of fewer than `least` classes."""
    classes = sorted({clip.class_name for clip in clips})
    if len(classes) >= least:
        return
    if not classes:
        raise _error(
            source,
            found="class folders without any usable video",
            remedy=f"use videos with a usual extension, such as {_some_extensions()}",
        )
    nested = {clip.source.split("/")[1] for clip in clips if clip.source.count("/") > 1}
    raise _error(
        source,
        found=f"videos in one class folder only, {classes[0]}",
        remedy=f"did you mean {source / classes[0]}?"
        if len(nested) > 1
        else "add a second class folder",
    )


def _no_class_folders(source: Path, top: Found) -> TwostreamError:
    if top.videos:
        return _error(
            source,
            found=f"{counted(len(top.videos), 'video')} directly in it and no class folder",
            remedy="move the videos of each class into a sub-folder named after the class",
        )
    files = sum(top.others.values()) + top.temporary
    packed = sum(count for suffix, count in top.others.items() if suffix in ARCHIVES)
    if packed:
        return _error(
            source,
            found=f"no folder, but {counted(packed, 'archive')}",
            remedy="unpack them, each class into a folder of its name",
        )
    return _error(
        source,
        found=f"no folder, only {counted(files, 'other file')}" if files else "an empty folder",
        remedy="give the folder that holds the class folders",
    )


def _some_extensions() -> str:
    return ", ".join(name for name in (".avi", ".mp4", ".mkv", ".webm") if is_video("a" + name))


def _error(source: Path, *, found: str, remedy: str) -> TwostreamError:
    return TwostreamError(readable(str(source)), expected=EXPECTED, found=found, remedy=remedy)
