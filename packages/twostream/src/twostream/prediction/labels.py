"""What is found in videos, as files of labels of other tools."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from twostream.choices import LabelFormat
from twostream.datasets.names import counted
from twostream.errors import TwostreamError
from twostream.events import say
from twostream.labelling.writers.written import WrittenSegment, WrittenVideo
from twostream.labelling.writing import check_target, file_name, holds_several, write_labels
from twostream.paths import require_place
from twostream.prediction.naming import Source
from twostream.prediction.results import Prediction
from twostream.timelines.intervals import Interval
from twostream.video.decode import open_video
from twostream.video.expected import length_seconds


def check_labels(sources: Sequence[Source], to: LabelFormat | None, target: Path | None) -> None:
    """Raise TwostreamError where labels of all sources cannot be written there in that format.

    In most formats a file is of one video, so that of several ones it is a folder. What is there is looked
    at too: hours of work shall not end at a file that may not be written.
    """
    if to is None and target is None:
        return
    if to is None:
        raise TwostreamError(
            "--labels", expected="--to FORMAT beside it", found="none", remedy="such as --to elan"
        )
    if target is not None:
        require_place(target, flag="--labels", is_file=_is_file(target))
    names = [WrittenVideo(one.name.rpartition("/")[2] or one.name, 25.0) for one in sources]
    if target is None or not _is_file(target):
        for video in names:
            check_target((target or Path()) / file_name(video, to), to, video)
        return
    if len(sources) > 1 and not holds_several(to):
        raise TwostreamError(
            "--labels",
            expected=f"a folder, for there are {counted(len(sources), 'source')}",
            found=f"a file, {target}",
            remedy=f"name a folder, such as {target.with_suffix('')}",
        )
    check_target(target, to, names[0])


def write_predicted_labels(
    found: Sequence[Prediction], to: LabelFormat, target: Path | None
) -> None:
    """Write the intervals of each source: into the file `target`, or files in that folder (default: here).

    A clip without a timeline has its best class from its beginning to its end. What others wrote in files
    that are there stays (`write_labels`, which says what it raises). Where they are, and what the format
    does not hold, is told.
    """
    taken: set[Path] = set()
    for one in found:
        video = _video(one)
        place = target if target is not None and _is_file(target) else None
        if place is None:
            place = (target or Path()) / file_name(video, to)
            number = 1
            while place in taken and not holds_several(to):
                number += 1
                place = place.with_stem(f"{video.stem}-{number}")
        taken.add(place)
        notes = write_labels(place, segments_of(one, video), to, video)
        say(f"{place}: {'; '.join(notes)}" if notes else f"{place}: written")


def segments_of(one: Prediction, video: WrittenVideo) -> list[WrittenSegment]:
    """What labels of a prediction say of its video."""
    found = intervals_of(one, video.length_s)
    return [WrittenSegment(i.label, i.start_s, i.end_s, i.score) for i in found]


def intervals_of(one: Prediction, length_s: float | None = None) -> tuple[Interval, ...]:
    """The intervals of a prediction; of a clip its best class, or its labels, from beginning to end.

    The end is `length_s`, or that of the last window.
    """
    if one.is_timeline:
        return tuple(one.intervals)
    end = length_s or float(one.windows.windows_s[:, 1].max(initial=0.0))
    found = one.holding if one.thresholds is not None else one.fused[:1]
    background = None if one.thresholds is not None else one.windows.background
    return tuple(
        Interval(0.0, end, i.label, i.score) for i in found if end > 0 and i.label != background
    )


def _video(one: Prediction) -> WrittenVideo:
    """The facts of a file; of another source what the windows tell."""
    path = Path(one.source)
    windows = one.windows.windows_s
    seen_s = float(windows[:, 1].max()) if len(windows) else 0.0
    names = tuple(name for name in one.windows.class_names if name != one.windows.background)
    if not path.is_file():
        name = one.source.rpartition("/")[2] or one.source
        return WrittenVideo(name, one.windows.fps, None, seen_s, labels=names)
    try:
        with open_video(path) as video:
            seconds = length_seconds(video) or seen_s
            frames = video.header_frames or round(seconds * video.fps)
            image = next(iter(video.frames()), None)
            height, width = (0, 0) if image is None else image.shape[:2]
            return WrittenVideo(path.name, video.fps, frames, seconds, width, height, names)
    except TwostreamError:  # ready frames, which have no rate of their own
        return WrittenVideo(path.name, one.windows.fps, None, seen_s, labels=names)


def _is_file(target: Path) -> bool:
    return bool(target.suffix) and not target.is_dir()
