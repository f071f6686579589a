"""Something-Something: whole files with a template, as JSON (version 2) or ``id;label`` (version 1)."""

from __future__ import annotations

import re

from twostream.labelling.collected import Collected
from twostream.labelling.opened import LabelFile, mostly
from twostream.labelling.values import mapping, sequence, text

_LINE = re.compile(r"(\d+);(\S.*)")
NO_LABELS = "a row of the test part, which has no label"


def recognises(file: LabelFile) -> bool:
    """Whether it is a list of that form."""
    first = mapping(next(iter(sequence(file.document)), None))
    if "id" in first and ("template" in first or first.keys() == {"id"}):
        return True
    return file.is_text and len(file.lines) > 1 and mostly(_LINE, file.lines)


def read(file: LabelFile, into: Collected) -> None:
    """Add every row: the whole file, its template without brackets."""
    rows = [mapping(one) for one in sequence(file.document)]
    found = [
        (text(row.get("id")), text(row.get("template")) or text(row.get("label"))) for row in rows
    ]
    if not rows:
        matches = [_LINE.fullmatch(line) for line in file.lines]
        found = [(match[1], match[2]) if match else ("", "") for match in matches]
    for video, template in found:
        label = template.replace("[", "").replace("]", "")
        if not video:
            into.tell("a row without the number of a video", label=label)
        elif not label:
            into.tell(NO_LABELS, video=video)
        else:
            into.segment(video, label, 0.0, None, whole_rest=True)
