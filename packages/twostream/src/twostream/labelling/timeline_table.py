"""Our own tables of intervals: video, start, end and label a row, as `predict --intervals` writes them."""

from __future__ import annotations

from twostream.labelling.collected import Collected
from twostream.labelling.opened import LabelFile
from twostream.labelling.values import clock

VIDEO = ("video", "source", "recording", "path")
# Who says so: a person, or a stream of networks.
ANNOTATOR = ("annotator", "observer", "coder", "rater", "stream")
START = ("start_seconds", "start_s", "start", "begin", "start_time")
END = ("end_seconds", "end_s", "end", "stop_s", "stop_seconds", "stop", "end_time")


def recognises(file: LabelFile) -> bool:
    """Whether it has such columns."""
    header = set(file.header)
    return "label" in header and all(header & set(names) for names in (VIDEO, START, END))


def read(file: LabelFile, into: Collected) -> None:
    """Add every row."""
    video, start, end = (
        next(name for name in names if name in file.header) for names in (VIDEO, START, END)
    )
    for row in file.rows:
        into.segment(
            row.get(video, "") or into.default_video,
            row.get("label", ""),
            clock(row.get(start, "")),
            clock(row.get(end, "")),
            subject=row.get("subject", ""),
            annotator=next((row[name] for name in ANNOTATOR if row.get(name)), ""),
        )
