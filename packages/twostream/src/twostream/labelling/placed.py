"""Labels on the videos that are there: found, restricted to subjects, checked for two labels at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from twostream.errors import TwostreamError
from twostream.labelling.collected import AFTER_END, CUT_AT_END
from twostream.labelling.options import EACH, ClipLabelOptions, LabelOptions
from twostream.labelling.segments import LabelledSegment, Labels, Told, VideoFacts
from twostream.labelling.videos import AmbiguousVideoError, VideoIndex

MISSING = "a video that is not there"
AMBIGUOUS = "a name that several videos have"
POINTS = "a label of one moment; --point-seconds S makes a clip of it"
OTHER_SUBJECT = "a label of a subject that --subject does not name"
OTHER_ANNOTATOR = "a label of somebody else than --annotator"
# Times are rounded to thousandths, and to frames.
TOUCHING_SECONDS = 0.02
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
    for one in chosen(_with_points(labels, options, told), options, told):
        path = found(one.video)
        if path is None:
            if one.video not in ambiguous:
                missing[one.video] += 1
            continue
        length = lengths.get(path, VideoFacts()).seconds
        slack = 0.0 if length is None else length * TOLERANCE + TOLERANCE_SECONDS
        beyond = beyond_end(one, length, slack)
        if beyond is not None:
            told.append(beyond)
            if beyond.lost:
                continue
        placed.setdefault(path, []).append(one)
    for name, text in ambiguous.items():
        count = sum(one.video == name for one in labels.segments)
        told.append(Told(AMBIGUOUS, f"{text}; {count} labels"))
    unsure: dict[Path, list[tuple[float, float]]] = {}
    for stretch in labels.unsure:
        path = found(stretch.video)
        if path is not None:
            unsure.setdefault(path, []).append((stretch.start_s, stretch.end_s))
    recordings = {
        path: one.recording for path, of_one in placed.items() for one in of_one if one.recording
    }
    return PlacedLabels(placed, unsure, tuple(looked_at), dict(missing), tuple(told), recordings)


def beyond_end(one: LabelledSegment, length_s: float | None, slack_s: float) -> Told | None:
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
    beyond = beyond_end(one, length_s, TOUCHING_SECONDS)
    if length_s is not None and not is_moment and one.start_s >= length_s:
        beyond = beyond_end(one, length_s, 0.0)
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
            )


def chosen(
    segments: Iterable[LabelledSegment], options: LabelOptions, told: list[Told]
) -> Iterable[LabelledSegment]:
    """The segments of the subjects and of the person that are asked for; the others are `told`.

    Raises TwostreamError for a subject that nobody is.
    """
    subjects = options.subjects
    left_out: Counter[tuple[str, str]] = Counter()
    seen: set[str] = set()
    for one in segments:
        seen.add(one.subject)
        if options.annotator is not None and one.annotator != options.annotator:
            left_out[OTHER_ANNOTATOR, one.annotator] += 1
        elif subjects is not None and one.subject not in subjects:
            left_out[OTHER_SUBJECT, one.subject] += 1
        else:
            yield one
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


def refuse_overlaps(placed: PlacedLabels, options: ClipLabelOptions) -> None:
    """Raise TwostreamError where two labels hold at once, unless each subject is a sequence of its own.

    Two segments of one label may overlap; the same stretch labelled by two people may not.
    """
    pairs: list[tuple[LabelledSegment, LabelledSegment]] = []
    for segments in placed.segments.values():
        sequences: dict[str, list[LabelledSegment]] = {}
        for one in segments:
            key = one.subject if options.subject is not None else ""
            sequences.setdefault(key, []).append(one)
        for sequence in sequences.values():
            pairs += at_once(sequence)
    if not pairs:
        return
    one, other = pairs[0]
    several_people = {one.annotator, other.annotator}
    if len(several_people) > 1 and one.annotator and other.annotator:
        remedy = f"choose whose labels to use by --annotator {one.annotator}"
    elif one.subject != other.subject:
        remedy = "`--subject each` makes one sequence of each subject, --subject NAME takes one"
    else:
        remedy = (
            "--tier, --attribute or --subject takes one of the two; otherwise let one end where the other "
            "begins"
        )
    raise TwostreamError(
        one.video or "labels",
        expected="one label at a time",
        found=f"{_in_words(one)} and {_in_words(other)}; {len(pairs)} such pairs",
        remedy=remedy,
    )


def at_once(
    segments: Sequence[LabelledSegment],
) -> list[tuple[LabelledSegment, LabelledSegment]]:
    """Pairs that overlap with different labels, or that different people labelled.

    Each segment is paired with the last one that reaches into it.
    """
    ordered = sorted(segments, key=lambda one: (one.start_s, _end(one)))
    pairs = []
    running: list[LabelledSegment] = []
    for one in ordered:
        running = [other for other in running if _end(other) > one.start_s + TOUCHING_SECONDS]
        for other in running:
            if other.label != one.label or (
                other.annotator != one.annotator and other.annotator and one.annotator
            ):
                pairs.append((other, one))
                break
        running.append(one)
    return pairs


def _end(one: LabelledSegment) -> float:
    return float("inf") if one.end_s is None else one.end_s


def _in_words(one: LabelledSegment) -> str:
    end = "the end" if one.end_s is None else f"{one.end_s:.10g} s"
    who = f" of {one.subject!r}" if one.subject else ""
    return f"{one.label!r}{who} {one.start_s:.10g} to {end}"


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


def without_frames(one: LabelledSegment) -> LabelledSegment:
    """The segment by its seconds alone."""
    return replace(one, frames=None)
