"""Who labelled what: by the name that a file of labels gives, else by the file itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from twostream.labelling.segments import LabelledPoint, LabelledSegment

# Times are rounded to thousandths, and to frames.
TOUCHING_SECONDS = 0.02
Pair = tuple[LabelledSegment, LabelledSegment]


def is_of(one: LabelledSegment | LabelledPoint, asked: str) -> bool:
    """Whether a label is that of a person: by name, or by the name of a file or of a folder.

    >>> is_of(LabelledSegment("a.mp4", "run", 0, 1, file="ann/a.csv"), "ann")
    True
    """
    if asked == one.annotator:
        return True
    if not one.file:
        return False
    path = PurePosixPath(one.file)
    return asked in (one.file, path.stem, *path.parts)


def everyone(labels: Sequence[LabelledSegment | LabelledPoint]) -> list[str]:
    """The people who labelled, and the files where these name nobody."""
    of_files = {one.file for one in labels if one.file and not one.annotator}
    names = {PurePosixPath(file).with_suffix("").as_posix() for file in of_files}
    return sorted(names | {one.annotator for one in labels if one.annotator})


def labelled_twice(segments: Sequence[LabelledSegment]) -> Pair | None:
    """Two labels that two people gave one stretch of one subject in a video; None where nobody did.

    People are those named. Two files are those of two people, too, unless they share no label: one may
    hold postures and the other looks.
    """
    labels: dict[str, set[str]] = {}
    for one in segments:
        labels.setdefault(one.file, set()).add(one.label)

    def are_two(one: LabelledSegment, other: LabelledSegment) -> bool:
        if one.subject != other.subject:
            return False
        if one.annotator and other.annotator and one.annotator != other.annotator:
            return True
        if not one.file or not other.file or one.file == other.file:
            return False
        return bool(labels[one.file] & labels[other.file])

    running: list[LabelledSegment] = []
    for one in sorted(segments, key=lambda one: (one.start_s, end_of(one))):
        running = [other for other in running if end_of(other) > one.start_s + TOUCHING_SECONDS]
        for other in running:
            if are_two(other, one):
                return other, one
        running.append(one)
    return None


def apart(one: LabelledSegment, other: LabelledSegment) -> tuple[str, str]:
    """Names that tell the people of two labels apart; both empty where nothing does.

    >>> first, second = (LabelledSegment("v", "run", 0, 1, file=f"{who}/v.csv") for who in ("ann", "bob"))
    >>> apart(first, second)
    ('ann', 'bob')
    """
    if one.annotator and other.annotator and one.annotator != other.annotator:
        return one.annotator, other.annotator
    paths = PurePosixPath(one.file), PurePosixPath(other.file)
    if paths[0].with_suffix("") == paths[1].with_suffix(""):
        return one.file, other.file
    return next(
        (
            pair
            for pair in zip(*(path.with_suffix("").parts for path in paths), strict=False)
            if pair[0] != pair[1]
        ),
        (one.file, other.file),
    )


def end_of(one: LabelledSegment) -> float:
    """Its end in seconds; infinite for the end of the video."""
    return float("inf") if one.end_s is None else one.end_s
