"""Labels as rows of a table of clips, which is how they become a data set."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from twostream.datasets.class_folders import Scan
from twostream.datasets.clip_rows import TableRow, scan_rows
from twostream.datasets.clips import Problem, Segment
from twostream.datasets.label_sets import scan_label_sets
from twostream.datasets.listing import TEST, VAL
from twostream.datasets.names import counted
from twostream.errors import TwostreamError
from twostream.labelling.elan import OTHER_TIER, REFERRING
from twostream.labelling.label_studio import PREDICTIONS
from twostream.labelling.options import ClipLabelOptions
from twostream.labelling.overlaps import refuse_overlaps
from twostream.labelling.placed import (
    MISSING,
    OTHER_ANNOTATOR,
    OTHER_SUBJECT,
    PlacedLabels,
    counted_by_reason,
    place,
)
from twostream.labelling.segments import LabelledSegment, Labels, VideoFacts
from twostream.labelling.videos import VideoIndex

STAGE = "labels"
# What was asked to be left aside, by which classes are lost all the same.
ASIDE = frozenset((OTHER_ANNOTATOR, OTHER_SUBJECT, OTHER_TIER, REFERRING, PREDICTIONS))


def scan_labels(
    named: Path,
    labels: Labels,
    videos: VideoIndex,
    options: ClipLabelOptions,
    facts: dict[Path, VideoFacts],
) -> tuple[Scan, PlacedLabels]:
    """The clips that `labels`, read from `named`, cut from the videos that are there.

    What was left out is counted by reason in the notes, and listed one by one in the problems. Raises
    TwostreamError where no label is left, where all are of one class, and for two labels at once.
    """
    placed = place(labels, videos, options, facts)
    lost = counted_by_reason(placed.told, lost=True)
    if not placed.segments:
        raise _nothing_left(named, labels, placed, [*lost, *_put_aside(placed)], videos)
    refuse_overlaps(placed, options)
    least_classes = 2 if options.background is None else 1
    _check_classes(named, placed, least_classes)
    scan_them = scan_label_sets if options.multi_label else scan_rows
    scan = scan_them(
        named,
        _rows(named, placed, videos, facts),
        folder=videos.folder,
        what=f"labels ({', '.join(labels.formats)})",
        several_subjects=options.subject is not None,
        least_classes=least_classes,
    )
    problems = [
        Problem(one.video or str(named), STAGE, f"{one.reason}: {one.case}", one.label or None)
        for one in placed.told
        if one.lost
    ]
    problems += [
        Problem(name, STAGE, f"{MISSING}, with {counted(count, 'label')}")
        for name, count in placed.missing.items()
    ]
    notes = [*labels.notes, *(f"left out: {text}" for text in lost)]
    notes += [f"told: {text}" for text in counted_by_reason(placed.told, lost=False)]
    notes += _not_there(placed)
    notes += _alike({name for clip in scan.clips for name in clip.names})
    sides = scan.sides
    if sides is not None and TEST not in sides.values() and VAL in sides.values():
        # The test parts of the field's challenges have no public labels.
        sides = {name: TEST if side == VAL else side for name, side in sides.items()}
        notes.append("the validation part of the labels is the test part here: there is no other")
    return (
        Scan(
            scan.clips,
            (*scan.problems, *problems),
            (*scan.notes, *notes),
            sides,
            scan.kind,
        ),
        placed,
    )


def _not_there(placed: PlacedLabels) -> list[str]:
    if not placed.missing:
        return []
    names = list(placed.missing)
    shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
    gone = counted(sum(placed.missing.values()), "label")
    return [f"{counted(len(names), 'video')} not there, with {gone}: {shown}"]


def _put_aside(placed: PlacedLabels) -> list[str]:
    return counted_by_reason((one for one in placed.told if one.reason in ASIDE), lost=False)


def _check_classes(named: Path, placed: PlacedLabels, least: int) -> None:
    """Raise TwostreamError where too few classes are left, with all that was left aside and why."""
    classes = {one.label for segments in placed.segments.values() for one in segments}
    if len(classes) >= least:
        return
    aside = [*counted_by_reason(placed.told, lost=True), *_not_there(placed), *_put_aside(placed)]
    found = f"one class only, {next(iter(classes))!r}"
    raise TwostreamError(
        named,
        expected="clips of at least two classes",
        found=found + (f"; left out: {'; '.join(aside)}" if aside else ""),
        remedy="add another, or make one of what is unlabelled by --background largest",
    )


def _alike(labels: set[str]) -> list[str]:
    """A sentence on labels that are probably one, spelled in two ways; they stay two classes."""
    spelled: dict[str, list[str]] = {}
    for label in sorted(labels):
        spelled.setdefault("".join(filter(str.isalnum, label.casefold())), []).append(label)
    pairs = [
        " and ".join(map(repr, same)) for key, same in spelled.items() if key and len(same) > 1
    ]
    return [f"classes of their own, though spelled alike: {'; '.join(pairs)}"] if pairs else []


def _rows(
    named: Path, placed: PlacedLabels, videos: VideoIndex, facts: dict[Path, VideoFacts]
) -> Iterator[TableRow]:
    for path, segments in placed.segments.items():
        relative = videos.relative(path)
        for one in segments:
            yield TableRow(
                where=f"{named}: {one.video or relative}",
                path=relative,
                label=one.label,
                side=one.side,
                group=placed.recordings.get(path),
                segment=segment_of(one, facts.get(path)),
                crop=None,
                subject=one.subject or None,
            )


def segment_of(one: LabelledSegment, facts: VideoFacts | None) -> Segment | None:
    """The part of the video; None for all of it.

    Frames of the video itself are told from the middle between two frames on, since times are rounded.

    >>> from twostream.labelling.segments import FrameSpan
    >>> span = FrameSpan(100, 155, 25.0)
    >>> one = LabelledSegment("a.mp4", "walk", 4.0, 6.2, frames=span)
    >>> segment_of(one, VideoFacts(fps=25.0)), segment_of(one, VideoFacts(fps=30.0))
    (Segment(start_seconds=3.98, end_seconds=6.18), Segment(start_seconds=4.0, end_seconds=6.2))
    """
    if one.end_s is None and not one.start_s:
        return None
    span = one.frames
    if span is not None and facts is not None and facts.counts_like(span.fps):
        start = facts.time_of(span.first - 0.5) if span.first else 0.0
        return Segment(round(start, 6), round(facts.time_of(span.end - 0.5), 6))
    return Segment(round(one.start_s, 6), None if one.end_s is None else round(one.end_s, 6))


def _nothing_left(
    named: Path, labels: Labels, placed: PlacedLabels, lost: list[str], videos: VideoIndex
) -> TwostreamError:
    if placed.missing and (labels.segments or labels.points):
        names = list(placed.missing)
        there = ", ".join(path.name for path in videos.paths[:3]) or "no video"
        found = f"labels of {', '.join(names[:3])}{', …' if len(names) > 3 else ''}; there: {there}"
        others = f"; left out besides: {'; '.join(lost)}" if lost else ""
        return TwostreamError(
            named,
            expected=f"labels of videos in {videos.folder}",
            found=found + others,
            remedy="give their folder by --videos, or the one video where labels name none",
        )
    return TwostreamError(
        named,
        expected="labels of actions",
        found="none is left" + (f": {'; '.join(lost)}" if lost else ""),
        remedy="see what was left out and why, and correct it in the tool",
    )
