"""Labels on the videos that are there: found, and restricted to subjects and people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from twostream.datasets.names import counted
from twostream.errors import TwostreamError
from twostream.labelling.collected import AFTER_END, CUT_AT_END
from twostream.labelling.observers import (
    TOUCHING_SECONDS,
    everyone,
    is_of,
)
from twostream.labelling.options import EACH, ClipLabelOptions, LabelOptions
from twostream.labelling.segments import LabelledPoint, LabelledSegment, Labels, Told, VideoFacts
from twostream.labelling.videos import AmbiguousVideoError, VideoIndex

MISSING = "a video that is not there"
AMBIGUOUS = "a name that several videos have"
POINTS = "a label of one moment; --point-seconds S makes a clip of it"
OTHER_SUBJECT = "a label of a subject that --subject does not name"
OTHER_ANNOTATOR = "a label of somebody else than --annotator"
SEVERAL_FILES = "a video that several files label, which count together"
# Headers round, and leave out or count in the last frame.
TOLERANCE_SECONDS, TOLERANCE = 0.5, 0.01


@dataclass(frozen=True)
class PlacedLabels:
    """Labels by the video on disk; `told` holds what was left out on the way too.

    `missing` are names of videos that are not there, with how many labels each has.
    """

    segments: dict[Path, list[LabelledSegment]]
    unsure: dict[Path, list[tuple[float, float]]]
    looked_at: tuple[Path, ...]
    missing: dict[str, int]
    told: tuple[Told, ...]
    recordings: dict[Path, str] = field(default_factory=dict)


def place(
    labels: Labels, videos: VideoIndex, options: ClipLabelOptions, lengths: dict[Path, VideoFacts]
) -> PlacedLabels:
    """Put labels on the videos that are there; moments become segments where that is asked for.

    `lengths` are the facts of the videos on disk, as far as they are known.
    """
    told = list(labels.told)
    missing: Counter[str] = Counter()
    placed: dict[Path, list[LabelledSegment]] = {}
    ambiguous: dict[str, str] = {}

    def found(name: str) -> Path | None:
        try:
            return videos.find(name)
        except AmbiguousVideoError as error:
            ambiguous.setdefault(name, str(error))
            return None

    looked_at: dict[Path, None] = {}
    for name in labels.videos:
        path = found(name)
        if path is not None:
            looked_at.setdefault(path)
        elif name not in ambiguous:
            missing[name] += 0
    for one in chosen(_with_points(labels, options, told), options, told, labels.points):
        path = found(one.video)
        if path is None:
            if one.video not in ambiguous:
                missing[one.video] += 1
            continue
        length = lengths.get(path, VideoFacts()).seconds
        slack = 0.0 if length is None else length * TOLERANCE + TOLERANCE_SECONDS
        beyond = beyondend_of(one, length, slack)
        if beyond is not None:
            told.append(beyond)
            if beyond.lost:
                continue
        placed.setdefault(path, []).append(one)
    for name, text in ambiguous.items():
        count = sum(one.video == name for one in labels.segments)
        told.append(Told(AMBIGUOUS, f"{text}; {counted(count, 'label')}"))
    told += in_several_files({videos.relative(path): some for path, some in placed.items()})
    unsure: dict[Path, list[tuple[float, float]]] = {}
    for stretch in labels.unsure:
        path = found(stretch.video)
        if path is not None:
            unsure.setdefault(path, []).append((stretch.start_s, stretch.end_s))
    recordings = {
        path: one.recording for path, of_one in placed.items() for one in of_one if one.recording
    }
    return PlacedLabels(placed, unsure, tuple(looked_at), dict(missing), tuple(told), recordings)


def beyondend_of(one: LabelledSegment, length_s: float | None, slack_s: float) -> Told | None:
    """What to tell of a label that begins or ends after its video by more than `slack_s`.

    `lost` where it begins there, and nothing of it can be kept. None where all of it is inside, or where
    the length of the video is not known.
    """
    if length_s is None:
        return None
    begins_after = one.start_s >= length_s + slack_s
    if not begins_after and (one.end_s or 0.0) <= length_s + slack_s:
        return None
    return Told(
        AFTER_END if begins_after else CUT_AT_END,
        f"the video lasts {length_s:.4g} s",
        one.video,
        one.label,
        one.start_s,
        one.end_s,
        lost=begins_after,
    )


def inside(
    one: LabelledSegment, length_s: float | None, told: list[Told]
) -> LabelledSegment | None:
    """What of a label lies in its video, exactly; None where nothing does. What was cut is `told`.

    Nothing that `beyond_end` of a clip allows for is allowed here: of an hour that is half a minute.
    """
    is_moment = one.end_s == one.start_s
    # The last frame may be labelled, and times are rounded.
    beyond = beyondend_of(one, length_s, TOUCHING_SECONDS)
    if length_s is not None and not is_moment and one.start_s >= length_s:
        beyond = beyondend_of(one, length_s, 0.0)
    if beyond is not None:
        told.append(beyond)
        if beyond.lost:
            return None
    if length_s is None or is_moment or one.end_s is None or one.end_s <= length_s:
        return one
    return replace(one, end_s=length_s, frames=None)


def _with_points(
    labels: Labels, options: ClipLabelOptions, told: list[Told]
) -> Iterable[LabelledSegment]:
    yield from labels.segments
    half = (options.point_seconds or 0) / 2
    for one in labels.points:
        if options.point_seconds is None:
            told.append(Told(POINTS, "", one.video, one.label, one.time_s))
        else:
            start = max(0.0, one.time_s - half)
            yield LabelledSegment(
                one.video,
                one.label,
                round(start, 6),
                round(one.time_s + half, 6),
                one.subject,
                one.annotator,
                one.recording,
                file=one.file,
            )


def chosen(
    segments: Iterable[LabelledSegment],
    options: LabelOptions,
    told: list[Told],
    moments: Sequence[LabelledPoint] = (),
) -> list[LabelledSegment]:
    """The segments of the subjects and of the person that are asked for; the others are `told`.

    Raises TwostreamError for a subject or a person that none of the segments and `moments` is of.
    """
    segments = list(segments)
    asked = options.annotator
    _check_annotator(asked, [*segments, *moments])
    subjects = options.subjects
    left_out: Counter[tuple[str, str]] = Counter()
    seen = {one.subject for one in moments}
    kept = []
    for one in segments:
        seen.add(one.subject)
        if asked is not None and not is_of(one, asked):
            left_out[OTHER_ANNOTATOR, one.annotator or one.file] += 1
        elif subjects is not None and one.subject not in subjects:
            left_out[OTHER_SUBJECT, one.subject] += 1
        else:
            kept.append(one)
    for (reason, who), count in sorted(left_out.items()):
        told.append(Told(reason, f"{count} of {who or 'nobody in particular'!r}", lost=False))
    absent = [name for name in subjects or () if name not in seen]
    if absent:
        raise TwostreamError(
            "--subject",
            expected=f"{EACH}, or subjects of the labels: {', '.join(sorted(seen - {''})) or 'none'}",
            found=", ".join(absent),
            remedy="name one of them, or leave it out",
        )
    return kept


def _check_annotator(asked: str | None, labels: Sequence[LabelledSegment | LabelledPoint]) -> None:
    if asked is None or not labels or any(is_of(one, asked) for one in labels):
        return
    names = everyone(labels)
    raise TwostreamError(
        f"annotator {asked!r}",
        expected="somebody who labelled",
        found=f"annotators {', '.join(names[:10])}{', …' if len(names) > 10 else ''}"
        if names
        else "labels that do not say whose they are",
        remedy="name one of them" if names else "leave the name out",
    )


def in_several_files(
    of_video: Mapping[str, Sequence[LabelledSegment]],
) -> list[Told]:
    """What to tell of videos whose labels stand in several files."""
    told = []
    for video, segments in of_video.items():
        files = sorted({one.file for one in segments if one.file})
        if len(files) > 1:
            names = ", ".join(files[:3]) + (", …" if len(files) > 3 else "")
            told.append(Told(SEVERAL_FILES, names, video, lost=False))
    return told


def counted_by_reason(told: Iterable[Told], *, lost: bool) -> list[str]:
    """A sentence for each reason, with how often and the first case."""
    reasons: dict[str, list[Told]] = {}
    for one in told:
        if one.lost is lost:
            reasons.setdefault(one.reason, []).append(one)
    return [
        f"{len(cases)} x {reason}" + (f"; {first}" if (first := cases[0].case) else "")
        for reason, cases in reasons.items()
    ]
