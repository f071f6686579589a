"""Charades: a row a video, with all of its actions as ``c106 0.00 5.20;c097 3.10 12.00``, in seconds."""

from __future__ import annotations

import re
from pathlib import Path

from twostream.labelling.collected import NO_TIME, Collected
from twostream.labelling.opened import LabelFile, mostly
from twostream.labelling.values import number

CLASS = re.compile(r"(c\d{3})\s+(\S.*)")
NO_NAMES = (
    "the names of Charades' classes are in another file, Charades_v1_classes.txt: labels are their codes; "
    "--label-config names it"
)


def recognises(file: LabelFile) -> bool:
    """Whether it is a table of Charades."""
    return {"id", "actions", "length", "scene"} <= set(file.header)


def is_names(file: LabelFile) -> bool:
    """Whether it is the list of the classes' names."""
    return file.is_text and mostly(CLASS, file.lines)


def read(file: LabelFile, into: Collected) -> None:
    """Add every action; a video without any is one of background."""
    names = _names(file.path, into)
    if not names:
        into.note(NO_NAMES)
    for row in file.rows:
        video, length = row.get("id", ""), number(row.get("length", ""))
        if not video:
            into.tell("a row without a video")
            continue
        into.saw(video)
        actions = [one.split() for one in row.get("actions", "").split(";") if one.strip()]
        if not actions:
            into.tell("has no action at all: a video of background", video=video, lost=False)
        for parts in actions:
            if len(parts) != 3:
                into.tell(NO_TIME, " ".join(parts)[:80], video=video)
                continue
            code, start, end = parts
            into.segment(
                video,
                names.get(code, code),
                number(start),
                number(end),
                subject=row.get("subject", ""),
                length_s=length,
            )


def _names(table: Path, into: Collected) -> dict[str, str]:
    """Code -> name, from the file that is given or lies beside the table."""
    given = into.options.label_config
    beside = sorted(table.parent.glob("*[cC]lasses*.txt")) if given is None else [given]
    for path in beside:
        file = LabelFile(path)
        found = {m[1]: m[2] for line in file.lines if (m := CLASS.fullmatch(line))}
        if found:
            return found
    return {}
