"""THUMOS14: a text file a class, ``<class>_val.txt`` or ``_test.txt``, of videos and seconds."""

from __future__ import annotations

import re

from twostream.labelling.collected import NO_TIME, Collected
from twostream.labelling.opened import LabelFile, mostly

AMBIGUOUS = "Ambiguous"
UNSURE = "Ambiguous is no class: neither action nor background"
_NAME = re.compile(r"(?P<label>.+)_(?:val|test|train|validation)")
# Times have fractions here, which counts of frames and labels of other lists have not.
_TELLING = re.compile(r"\s*\S+\s+\d+\.\d+\s+\d+\.\d+\s*")
_LINE = re.compile(r"\s*(\S+)\s+(\d+(?:\.\d+)?)\s+(\d+(?:\.\d+)?)\s*")


def recognises(file: LabelFile) -> bool:
    """Whether it is a list of one class: the name says which, the lines say where."""
    if not file.is_text or _NAME.fullmatch(file.path.stem) is None or not file.lines:
        return False
    return mostly(_TELLING, file.lines)


def read(file: LabelFile, into: Collected) -> None:
    """Add every line as a segment of the file's class."""
    match = _NAME.fullmatch(file.path.stem)
    assert match is not None
    label = match["label"]
    for line in file.lines:
        found = _LINE.fullmatch(line)
        if found is None:
            into.tell(NO_TIME, line[:80], label=label)
        elif label == AMBIGUOUS:
            into.unsure(found[1], float(found[2]), float(found[3]), reason=UNSURE)
        else:
            into.segment(found[1], label, float(found[2]), float(found[3]))
