"""Audacity's labels: start, end and text with tabs between.

A line that begins with a back-slash belongs to the one before and holds frequencies.
"""

from __future__ import annotations

import re

from twostream.labelling.collected import NO_TIME, Collected
from twostream.labelling.opened import LabelFile, mostly
from twostream.labelling.values import clock

_TELLING = re.compile(r"-?\d+[.,]\d+\t-?\d+[.,]\d+(?:\t[^\t]*)?")
_LINE = re.compile(r"(-?\d+(?:[.,]\d+)?)\t(-?\d+(?:[.,]\d+)?)(?:\t(.*))?")


def recognises(file: LabelFile) -> bool:
    """Whether its lines are of that form."""
    if not file.is_text or not file.lines:
        return False
    # Whole numbers alone are the milliseconds of another tool, and more columns are ELAN's.
    return mostly(_TELLING, [line for line in file.lines if not line.startswith("\\")])


def read(file: LabelFile, into: Collected) -> None:
    """Add every line; one whose end is its start is a moment."""
    video = into.default_video
    into.saw(video)
    for line in file.lines:
        if line.startswith("\\"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            into.tell(NO_TIME, line[:80], video=video)
            continue
        start, end, label = clock(match[1]), clock(match[2]), match[3] or ""
        if start == end:
            into.point(video, label, start)
        else:
            into.segment(video, label, start, end)
