"""Reading labels: one file, or all in a folder."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from twostream.datasets.names import counted, is_video
from twostream.errors import TwostreamError
from twostream.labelling.charades import is_names
from twostream.labelling.collected import Collected
from twostream.labelling.formats import FORMATS, format_of
from twostream.labelling.frame_by_frame import ENDING
from twostream.labelling.opened import LabelFile
from twostream.labelling.options import LabelOptions
from twostream.labelling.segments import FactsOf, Labels, no_facts

NOT_LABELS = "a file that is no labels of a known format"


def holds_labels(path: Path) -> bool:
    """Whether `path` is a file of labels in a known format."""
    return path.is_file() and format_of(LabelFile(path)) is not None


def read_labels(
    path: Path,
    options: LabelOptions | None = None,
    facts_of: FactsOf = no_facts,
    *,
    only_video: str = "",
) -> Labels:
    """All that the file `path`, or the files in the folder `path` and below, say.

    `facts_of` gives what is known of a video by the name that labels call it, for formats that count its
    frames or leave out its length. Labels that name no video are of that called as their file, or else of
    the `only_video` that there is. Nothing is left out in silence: see `Labels.told`.

    Raises TwostreamError for a file of no known format, of a version that is not known or damaged, for a
    folder without labels, and where a rate is needed that neither the labels nor `options` say.
    """
    options = options or LabelOptions()
    into = Collected(options, facts_of, only_video=only_video)
    if path.is_dir():
        _read_folder(path, into)
    else:
        file = LabelFile(path)
        form = format_of(file)
        if form is None:
            raise _unknown(file)
        _read_file(file, into)
    return into.labels


def _read_file(file: LabelFile, into: Collected, within: str = "") -> bool:
    form = format_of(file)
    if form is None:
        return False
    into.default_video = default_video(file.path, into)
    into.formats.setdefault(form.name)
    into.file = "" if form.in_parts else within
    if file.encoding == "iso-8859-1":
        into.note(f"{file.path.name} is no UTF-8: it was read as ISO-8859-1")
    form.read(file, into)
    return True


def default_video(path: Path, into: Collected) -> str:
    """The video of labels that name none: the one given, that called as the file, the only one."""
    videos = into.options.videos
    if videos is not None and videos.is_file():
        return videos.name
    known = any(into.facts_of(name) for name in (path.stem, path.stem.removesuffix(ENDING)))
    return path.stem if known or not into.only_video else into.only_video


def _read_folder(folder: Path, into: Collected) -> None:
    others: Counter[str] = Counter()
    first: dict[str, Path] = {}
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in found:
        if is_video(path.name) or any(
            part.startswith(".") for part in path.relative_to(folder).parts
        ):
            continue
        file = LabelFile(path)
        if path.name == "mapping.txt" or (file.is_small and is_names(file)):
            continue
        if not file.is_small or not _read_file(file, into, path.relative_to(folder).as_posix()):
            suffix = path.suffix.lower() or "no extension"
            others[suffix] += 1
            first.setdefault(suffix, path)
    if not into.formats:
        raise TwostreamError(
            folder,
            expected="files of labels in a known format",
            found=f"none among {counted(sum(others.values()), 'file')}",
            remedy=f"known are {', '.join(one.name for one in FORMATS)}",
        )
    for suffix, count in others.items():
        into.tell(NOT_LABELS, f"{count} of {suffix}, first {first[suffix]}")


def _unknown(file: LabelFile) -> TwostreamError:
    found = "JSON that is cut off or damaged" if file.is_cut_json else "another file"
    remedy = "export the labels in one of them"
    if not file.data:
        found = "an empty file"
    elif not file.is_text:
        found = "no text"
    elif len(file.header) > 1 and len(file.rows) > 0 and not file.is_cut_json:
        found = f"a table with the columns {', '.join(map(repr, file.header[:8]))}"
        remedy = "head its columns video, start_s, end_s and label"
    return TwostreamError(
        file.path,
        expected=f"labels in a known format: {', '.join(one.name for one in FORMATS)}",
        found=found,
        remedy=remedy,
    )
