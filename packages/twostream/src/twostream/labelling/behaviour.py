"""Labels as bouts, by the videos that they are of, and how long these were observed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from twostream.datasets.names import without_extension
from twostream.errors import TwostreamError
from twostream.labelling.activitynet import PREFIX
from twostream.labelling.observers import apart, labelled_twice
from twostream.labelling.options import LabelOptions
from twostream.labelling.placed import chosen, counted_by_reason, in_several_files, inside
from twostream.labelling.segments import LabelledSegment, Labels, Told
from twostream.timelines.bouts import Bout, joined

KeyOf = Callable[[str], str]
SecondsOf = Callable[[str], float | None]


@dataclass(frozen=True)
class Behaviour:
    """Bouts by video, the names of the videos that were looked at, and sentences on what was left out."""

    bouts: tuple[Bout, ...]
    videos: tuple[str, ...]
    notes: tuple[str, ...]


def plain_key(video: str) -> str:
    """The video of any spelling of its path: its name in lower case, without folders, extension and ``v_``.

    >>> plain_key("C:/x/Kitchen.MP4"), plain_key("v_kitchen")
    ('kitchen', 'kitchen')
    """
    name = video.replace("\\", "/").rpartition("/")[2]
    return without_extension(name).casefold().removeprefix(PREFIX)


def unknown_length(video: str) -> float | None:
    """Nothing is known of how long any video lasts."""
    del video
    return None


def of_video(labels: Labels, video: str, key_of: KeyOf = plain_key) -> Labels:
    """The labels of one video, if it has any: of others, people may disagree as they like."""
    segments = tuple(one for one in labels.segments if key_of(one.video) == video)
    points = tuple(one for one in labels.points if key_of(one.video) == video)
    return replace(labels, segments=segments, points=points) if segments or points else labels


def behaviour_of(
    named: Path,
    labels: Labels,
    options: LabelOptions,
    key_of: KeyOf = plain_key,
    seconds_of: SecondsOf = unknown_length,
) -> Behaviour:
    """The bouts that `labels`, read from `named`, tell; moments are bouts without length.

    What lies after the end of a video, whose length `seconds_of` knows, is cut or left out, whatever the
    format. A segment without an end is left out. Raises TwostreamError where nothing is left, and for a
    stretch that several people labelled, unless one of them is chosen.
    """
    told = list(labels.told)
    moments = [
        LabelledSegment(p.video, p.label, p.time_s, p.time_s, p.subject, p.annotator, file=p.file)
        for p in labels.points
    ]
    kept = list(chosen([*labels.segments, *moments], options, told))
    of_video: dict[str, list[LabelledSegment]] = {}
    for one in kept:
        of_video.setdefault(key_of(one.video), []).append(one)
    _refuse_several_people(of_video)
    told += in_several_files(of_video)
    bouts = []
    for one in kept:
        if one.end_s is None:
            told.append(Told("is of a whole file, which has no bouts", "", one.video, one.label))
            continue
        kept_part = inside(one, seconds_of(one.video), told)
        if kept_part is not None and kept_part.end_s is not None:
            key = key_of(one.video)
            bouts.append(Bout(key, one.subject, one.start_s, kept_part.end_s, one.label))
    notes = [*labels.notes, *(f"left out: {text}" for text in counted_by_reason(told, lost=True))]
    notes += [f"told: {text}" for text in counted_by_reason(told, lost=False)]
    if not bouts:
        raise TwostreamError(
            named,
            expected="labels of actions",
            found=f"none is left: {'; '.join(notes)}" if notes else "none",
            remedy="see what was left out and why" if notes else "label something in it first",
        )
    videos = dict.fromkeys([*map(key_of, labels.videos), *(one.video for one in bouts)])
    return Behaviour(tuple(joined(bouts)), tuple(videos), tuple(notes))


def _refuse_several_people(of_video: dict[str, list[LabelledSegment]]) -> None:
    for segments in of_video.values():
        twice = labelled_twice(segments)
        if twice is not None:
            one, other = sorted(apart(*twice))
            raise TwostreamError(
                twice[0].video,
                expected="labels of one person",
                found=f"those of {one} and {other}",
                remedy=f"choose one by --annotator {one}; compare them by --against",
            )
