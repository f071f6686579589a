"""Two labels at once, of one person or of two: a clip can be of one class alone."""

from __future__ import annotations

from collections.abc import Sequence

from twostream.errors import TwostreamError
from twostream.labelling.observers import TOUCHING_SECONDS, apart, end_of, labelled_twice
from twostream.labelling.options import ClipLabelOptions
from twostream.labelling.placed import PlacedLabels
from twostream.labelling.segments import LabelledSegment


def refuse_overlaps(placed: PlacedLabels, options: ClipLabelOptions) -> None:
    """Raise TwostreamError where two labels hold at once, unless each subject is a sequence of its own.

    Two segments of one label may overlap, and with `--multi-label` any; the same stretch labelled by two
    people may not.
    """
    pairs: list[tuple[LabelledSegment, LabelledSegment]] = []
    for segments in placed.segments.values():
        _refuse_two_people(segments)
        sequences: dict[str, list[LabelledSegment]] = {}
        for one in segments:
            key = one.subject if options.subject is not None else ""
            sequences.setdefault(key, []).append(one)
        if options.multi_label:
            continue
        for sequence in sequences.values():
            pairs += at_once(sequence)
    if not pairs:
        return
    one, other = pairs[0]
    if one.subject != other.subject:
        remedy = (
            "`--subject each` makes one sequence of each subject, --subject NAME takes one; or learn both "
            "at once by --multi-label"
        )
    elif one.file != other.file:
        remedy = f"--annotator {apart(one, other)[0]} takes what one of the files says"
    else:
        remedy = f"{_ways_out(one, options)}; or learn both at once by --multi-label"
    raise TwostreamError(
        one.video or "labels",
        expected="one label at a time",
        found=f"{_in_words(one)} and {_in_words(other)}; {len(pairs)} such pairs",
        remedy=remedy,
    )


def _ways_out(one: LabelledSegment, options: ClipLabelOptions) -> str:
    """What parts two labels of one subject, but for an option that was given and cannot."""
    if options.subject is None:
        return "--tier, --attribute or --subject takes one of the two"
    if one.subject:
        return (
            "both are of one subject, so that --subject cannot part them: --tier or --attribute can"
        )
    return (
        "the labels name no subject, so that --subject cannot part them: --subject-from says which "
        "attribute of VIA or CVAT does, --tier or --attribute takes one of the two"
    )


def _refuse_two_people(segments: Sequence[LabelledSegment]) -> None:
    twice = labelled_twice(segments)
    if twice is None:
        return
    names = apart(*twice)
    found = " and ".join(
        f"{_in_words(one)} by {name}" for one, name in zip(twice, names, strict=True)
    )
    remedy = f"choose whose labels to use by --annotator {names[0]}"
    if twice[0].file != twice[1].file:
        remedy += ", which leaves all others out, or take one of the two files out of the folder"
    raise TwostreamError(
        twice[0].video or "labels",
        expected="labels of one person",
        found=found,
        remedy=remedy,
    )


def at_once(
    segments: Sequence[LabelledSegment],
) -> list[tuple[LabelledSegment, LabelledSegment]]:
    """Pairs that overlap with different labels.

    Each segment is paired with the last one that reaches into it.
    """
    ordered = sorted(segments, key=lambda one: (one.start_s, end_of(one)))
    pairs = []
    running: list[LabelledSegment] = []
    for one in ordered:
        running = [other for other in running if end_of(other) > one.start_s + TOUCHING_SECONDS]
        for other in running:
            if other.label != one.label:
                pairs.append((other, one))
                break
        running.append(one)
    return pairs


def _in_words(one: LabelledSegment) -> str:
    end = "the end" if one.end_s is None else f"{one.end_s:.10g} s"
    who = f" of {one.subject!r}" if one.subject else ""
    return f"{one.label!r}{who} {one.start_s:.10g} to {end}"
