"""Rows that name clips, of a table or made of labels, become the clips of a data set."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from twostream.datasets.class_folders import STAGE, Scan
from twostream.datasets.clips import FrameFolder, Problem, Segment, SourceClip
from twostream.datasets.crops import Crop
from twostream.datasets.folder_names import folder_names
from twostream.datasets.groups import group_and_tags
from twostream.datasets.listing import UNUSED
from twostream.datasets.names import clip_stem, counted, readable
from twostream.datasets.ready_frames import flow_of_one_kind, folder_of_frames
from twostream.datasets.spellings import Spellings, base_folder, note_found
from twostream.errors import TwostreamError

_NUMBERS_BEHIND = re.compile(r"(?P<name>.+?)(?:[\s,;]+[0-9.]+)+")
SEVERAL_NUMBERS = (
    "for several labels write a table with a row for each, and give --multi-label; for parts of a video "
    "give it the columns start_seconds and end_seconds"
)


@dataclass(frozen=True)
class TableRow:
    """One row as it was read; `where` names the file and the line (of Parquet, the row).

    `labels` are all labels that hold at once, where several may (see `label_sets`). `remark` says how its
    table was read where that is not as usual. `frames` is how many it says that the clip has.
    """

    where: str
    path: str
    label: str
    side: str | None
    group: str | None
    segment: Segment | None
    crop: Crop | None
    subject: str | None = None
    fps: float | None = None
    labels: tuple[str, ...] | None = None
    remark: str = ""
    frames: int | None = None


@dataclass(frozen=True)
class SpelledRows:
    """Rows whose paths are as files are called, sentences on that, and paths that may mean several."""

    rows: tuple[TableRow, ...]
    notes: tuple[str, ...]
    unclear: Mapping[str, Sequence[Path]]


def as_spelled(rows: Iterable[TableRow], *, folder: Path) -> SpelledRows:
    """The `rows`, their paths, relative to `folder`, spelled as the files on disk are called.

    A path that none or several files may mean stays as it is.
    """
    spellings = Spellings()
    called: dict[str, str] = {}
    unclear: dict[str, Sequence[Path]] = {}
    found: list[tuple[str, str, str]] = []
    listed = list(rows)
    base = base_folder((row.path for row in listed), folder=folder, spellings=spellings)
    for row in listed:
        if row.path in called:
            continue
        called[row.path] = row.path
        path = base / row.path
        meant = spellings.alike(path)
        if len(meant) > 1:
            unclear[row.path] = meant
        elif meant:
            called[row.path] = row.path if base == folder else _relative(path, folder)
        if len(meant) == 1 and meant[0] != path:
            called[row.path] = _relative(meant[0], folder)
            found.append((row.where.rpartition(": ")[2], row.path, called[row.path]))
    notes = note_found(found)
    if base != folder:
        notes = (
            f"paths are relative to {_relative(base, folder)}, not to the list's folder",
            *notes,
        )
    spelled = tuple(
        row if called[row.path] == row.path else replace(row, path=called[row.path])
        for row in listed
    )
    return SpelledRows(spelled, notes, unclear)


def _relative(path: Path, folder: Path) -> str:
    """A path as seen from a folder; the same where it was absolute."""
    if path.is_relative_to(folder):
        return path.relative_to(folder).as_posix()
    return Path(os.path.relpath(path, folder)).as_posix()


def scan_rows(
    named: Path,
    rows: Iterable[TableRow],
    *,
    folder: Path,
    what: str = "a table",
    write: str = "",
    several_subjects: bool = False,
    least_classes: int = 2,
) -> Scan:
    """The clips that the `rows` of `named` name; relative paths are relative to `folder`.

    A clip that is named twice is one, and must have one label unless there are `several_subjects`. Raises
    TwostreamError as `scan_table` does; `write` says what would have been right where there is no row.
    """
    spelled = as_spelled(rows, folder=folder)
    rows = spelled.rows
    clips: list[SourceClip] = []
    sides: dict[str, str] = {}
    problems: list[Problem] = []
    taken: dict[str, set[str]] = {}
    folders = folder_names(row.label for row in rows)
    first: dict[tuple[Path, Segment | None, Crop | None, str], TableRow] = {}
    real: dict[str, Path] = {}
    frames: dict[str, FrameFolder | None] = {}
    repeated = 0
    for row in rows:
        path = folder / row.path
        if row.path not in real:
            real[row.path] = path.resolve()
            frames[row.path] = folder_of_frames(path)
        # However it is spelled.
        among = row.label if several_subjects else ""
        same = first.setdefault((real[row.path], row.segment, row.crop, among), row)
        if same is not row:
            _check_same(same, row, subjects=not several_subjects)
            repeated += 1
            continue
        frames_in = frames[row.path]
        if frames_in is None and not path.is_file():
            place = row.where.rpartition(": ")[2]
            found = "it is a folder" if path.is_dir() else "it is absent"
            if row.path in spelled.unclear:
                found = "it may be " + " or ".join(one.name for one in spelled.unclear[row.path])
            elif has_numbers_behind(path):
                found = f"numbers stand behind the path; {SEVERAL_NUMBERS}"
            reason = f"{place} of the table names it, but {found}"
            problems.append(Problem(row.path, STAGE, reason, row.label))
            continue
        if frames_in is not None:
            frames_in = replace(frames_in, fps=row.fps)
        clip = replace(
            _clip(row, path, folders[row.label], taken.setdefault(row.label, set())),
            frames_in=frames_in,
        )
        if frames_in is not None and frames_in.has_flow:
            _check_parts(row)
        clips.append(clip)
        sides[clip.clip_id] = row.side or UNUSED
    if not clips:
        raise TwostreamError(
            named,
            expected="videos at the paths in it, relative to its folder",
            found=f"none of {len(problems)}" if problems else "no row",
            remedy=_first_remedy(problems[0], folder) if problems else write,
        )
    classes = sorted({name for clip in clips for name in clip.names})
    if len(classes) < least_classes:
        raise TwostreamError(
            named,
            expected="clips of at least two classes",
            found=f"one class only, {classes[0]!r}",
            remedy="add another, or make one of what is unlabelled by --background largest",
        )
    clips = flow_of_one_kind(clips)
    clips.sort(key=lambda clip: (clip.class_name, clip.source, _start(clip)))
    notes = [*dict.fromkeys(row.remark for row in rows if row.remark), *spelled.notes]
    if repeated:
        notes.append(f"{counted(repeated, 'row')} with a clip that was listed already")
    cut = sum(clip.segment is not None for clip in clips)
    kind = f"{what} of {counted(len(clips), 'clip')}"
    if cut:
        videos = _count_files({clip.path for clip in clips if clip.segment is not None})
        kind += f", {cut} of them segments of {counted(videos, 'video')}"
    has_sides = any(row.side is not None for row in rows)
    return Scan(
        tuple(clips),
        tuple(problems),
        tuple(notes),
        sides if has_sides else None,
        kind,
        val_part="validation",  # who writes val into a table means it
    )


def _count_files(paths: Iterable[Path]) -> int:
    """How many files there are at `paths`, whose links and other spellings count once."""
    return len({(status.st_dev, status.st_ino) for status in map(os.stat, paths)})


def has_numbers_behind(path: Path) -> bool:
    """Whether there is a file or folder at `path` but for numbers behind it: labels or times."""
    match = _NUMBERS_BEHIND.fullmatch(path.name)
    return match is not None and path.with_name(match["name"]).exists()


def _first_remedy(problem: Problem, folder: Path) -> str:
    if SEVERAL_NUMBERS in problem.reason:
        return SEVERAL_NUMBERS
    return f"check the first, {folder / problem.source}"


def _check_parts(row: TableRow) -> None:
    """Ready flow goes with whole pictures; raises TwostreamError for a row that asks for a part."""
    for column, part in (("start_seconds", row.segment), ("crop", row.crop)):
        if part is not None:
            raise bad_cell(
                row.where, column, part.name, "no part of ready frames, which are used whole,"
            )


def _clip(row: TableRow, path: Path, folder: str, taken: set[str]) -> SourceClip:
    cut = "".join(f"__{part.name}" for part in (row.segment, row.crop) if part is not None)
    ending = path.suffix if path.suffix and not path.is_dir() else ".video"
    stem = clip_stem((f"{path.name.removesuffix(ending)}{cut}{ending}",), taken)
    taken.add(stem)
    clip_id = f"{folder}/{stem}"
    named, tags = group_and_tags(clip_id, class_name=row.label, stem=path.stem)
    # Names of no known data set tell nothing, but parts of one file are of one source all the same.
    untold = row.path if cut and named == clip_id else named
    return SourceClip(
        clip_id,
        row.label,
        path,
        row.path,
        row.group or untold,
        tags,
        segment=row.segment,
        crop=row.crop,
        subject=row.subject,
        labels=row.labels,
        frames_listed=row.frames,
    )


def _start(clip: SourceClip) -> float:
    return clip.segment.start_seconds if clip.segment else 0.0


def _check_same(earlier: TableRow, row: TableRow, *, subjects: bool) -> None:
    for name, one, other in (
        ("label", earlier.label, row.label),
        ("side", earlier.side, row.side),
        ("group", earlier.group, row.group),
        ("subject", earlier.subject if subjects else None, row.subject if subjects else None),
    ):
        if one != other:
            raise TwostreamError(
                row.where,
                expected=f"one {name} for a clip",
                found=f"{other!r}, and {one!r} in {earlier.where.rpartition(': ')[2]}",
                remedy="remove one of the two",
            )


def bad_cell(where: str, column: str, found: str, expected: str) -> TwostreamError:
    """The error for a cell that cannot be understood."""
    shown = readable(found if len(found) <= 80 else f"{found[:77]}...")
    return TwostreamError(
        where,
        expected=f"{expected} in the column {column}",
        found=repr(shown) if found else "an empty cell",
        remedy="correct or remove the line",
    )
