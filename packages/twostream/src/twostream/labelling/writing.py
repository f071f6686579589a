"""Writing intervals as other tools keep labels; what people wrote there is never lost."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from twostream.atomic import atomic_path, write_text
from twostream.choices import LabelFormat
from twostream.errors import TwostreamError
from twostream.labelling.opened import LabelFile
from twostream.labelling.writers import json_files, plain
from twostream.labelling.writers.boris import boris
from twostream.labelling.writers.cvat import cvat
from twostream.labelling.writers.elan import elan
from twostream.labelling.writers.label_studio import configuration, label_studio
from twostream.labelling.writers.written import Text, WrittenSegment, WrittenVideo

TARGETS: tuple[str, ...] = get_args(LabelFormat)
Merging = Callable[[Sequence[WrittenSegment], WrittenVideo, LabelFile | None], Text]


@dataclass(frozen=True)
class _Format:
    """How a format is written: its file's ending, and whether one file holds several videos."""

    ending: str
    write: Merging
    several: bool = False


def _alone(write: Callable[[Sequence[WrittenSegment], WrittenVideo], Text]) -> Merging:
    """A format in which nothing tells whose a label is: what is there is not replaced."""

    def merging(
        segments: Sequence[WrittenSegment], video: WrittenVideo, existing: LabelFile | None
    ) -> Text:
        made = write(segments, video)
        if existing is not None and existing.text != made.content:
            raise TwostreamError(
                existing.path,
                expected="a new file: in this format nothing tells what a person corrected",
                found="other labels there",
                remedy="choose another name, or remove it",
            )
        return made

    return merging


_FORMATS: dict[str, _Format] = {
    "label-studio": _Format(".json", label_studio, several=True),
    "cvat": _Format(".xml", cvat),
    "elan": _Format(".eaf", elan),
    "boris": _Format(".boris", boris, several=True),
    "activitynet": _Format(".json", json_files.activitynet, several=True),
    "frame-by-frame": _Format(".txt", _alone(plain.frame_by_frame)),
    "deepethogram": _Format("_labels.csv", _alone(plain.deepethogram)),
    "via": _Format(".json", json_files.via, several=True),
    "x-anylabeling": _Format(".json", json_files.x_anylabeling),
    "webvtt": _Format(".vtt", _alone(plain.webvtt)),
    "srt": _Format(".srt", _alone(plain.srt)),
    "audacity": _Format(".txt", _alone(plain.audacity)),
}


def holds_several(to: LabelFormat) -> bool:
    """Whether a file of the format holds labels of several videos."""
    return _FORMATS[to].several


def file_name(video: WrittenVideo, to: LabelFormat) -> str:
    """How the file of one video is called.

    >>> file_name(WrittenVideo("kitchen.mp4", 25.0), "elan")
    'kitchen.eaf'
    """
    return f"{video.stem}{_FORMATS[to].ending}"


def write_labels(
    target: Path, segments: Sequence[WrittenSegment], to: LabelFormat, video: WrittenVideo
) -> tuple[str, ...]:
    r"""Write intervals of `video` into the file `target`; sentences on what the format holds of them.

    Where the file is there, all that others wrote in it stays, and what we wrote is replaced only where
    nobody changed it; formats in which that cannot be told are refused then. Beside Label Studio's tasks
    their configuration is written, where there is none. Atomic. Raises TwostreamError for a file of
    another format, OSError where it cannot be written.

    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "labels.txt"
    >>> write_labels(target, [WrittenSegment("wave", 1, 2.5)], "audacity", WrittenVideo("a.mp4", 25.0))
    ()
    >>> target.read_text()
    '1.000000\t2.500000\twave\n'
    """
    made = _FORMATS[to].write(list(segments), video, _there(target))
    if target.suffix.lower() == ".gz":  # as BORIS keeps projects, too
        with atomic_path(target) as temporary:
            temporary.write_bytes(gzip.compress(made.content.encode("utf-8"), mtime=0))
    else:
        write_text(target, made.content)
    if to == "label-studio":
        beside = target.with_name(f"{target.stem}_config.xml")
        if not beside.exists():
            write_text(beside, configuration(segments, video))
    return made.notes


def check_target(target: Path, to: LabelFormat, video: WrittenVideo) -> None:
    """Raise TwostreamError where `write_labels` would refuse what is in `target`, before any work."""
    existing = _there(target)
    if existing is not None:
        _FORMATS[to].write([], video, existing)


def _there(target: Path) -> LabelFile | None:
    return LabelFile(target) if target.is_file() and target.stat().st_size else None
