"""Breakfast's coarse segmentations: ``16-45 take_cup``, frames from 1, both ends inside."""

from __future__ import annotations

import re

from twostream.labelling.collected import NO_TIME, REVERSED, Collected
from twostream.labelling.frame_by_frame import is_nothing, rate
from twostream.labelling.opened import LabelFile, mostly

_LINE = re.compile(r"\s*(\d+)\s*-\s*(\d+)\s+(\S.*?)\s*")


def recognises(file: LabelFile) -> bool:
    """Whether its lines are of that form."""
    return file.is_text and mostly(_LINE, file.lines)


def read(file: LabelFile, into: Collected) -> None:
    """Add every line but those of the class of nothing."""
    video = into.default_video
    into.saw(video)
    found = [(line, _LINE.fullmatch(line)) for line in file.lines]
    last = max((int(match[2]) for _, match in found if match), default=0)
    fps = rate(file, video, last, into)
    for line, match in found:
        if match is None:
            into.tell(NO_TIME, line[:80], video=video)
        elif int(match[2]) < int(match[1]):
            into.tell(REVERSED, line[:80], video=video, label=match[3])
        elif not is_nothing(match[3]):
            into.frames(video, match[3], max(int(match[1]), 1) - 1, int(match[2]), fps)
    nothing = sorted({match[3] for _, match in found if match and is_nothing(match[3])})
    if nothing:
        into.note(f"{', '.join(nothing)}: no class, but the lack of one")
