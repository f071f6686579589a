"""EPIC-KITCHENS: a row a narrated action, ``HH:MM:SS.ff`` of the video.

The frames beside the times are those of pictures that were taken at 60 (or 50) a second, not of the video.
"""

from __future__ import annotations

from twostream.errors import TwostreamError
from twostream.labelling.collected import Collected
from twostream.labelling.opened import LabelFile
from twostream.labelling.values import clock

DEFAULT_COLUMN = "verb"
ACTION = "action"


def recognises(file: LabelFile) -> bool:
    """Whether it is a table of EPIC-KITCHENS."""
    return {"video_id", "start_timestamp", "stop_timestamp", "verb"} <= set(file.header)


def read(file: LabelFile, into: Collected) -> None:
    """Add every action, by its verb or the column asked for; `action` is verb and noun."""
    column = (into.options.attribute or DEFAULT_COLUMN).casefold()
    if column != ACTION and column not in file.header:
        raise TwostreamError(
            "--attribute",
            expected=f"{ACTION} or a column of {file.path.name}: {', '.join(file.header)}",
            found=column,
            remedy="name one of them",
        )
    if into.options.attribute is None:
        into.note("the label is the verb; --attribute takes noun, action (both) or another column")
    for row in file.rows:
        label = row.get(column, "")
        if column == ACTION:
            label = f"{row.get('verb', '')} {row.get('noun', '')}"
        into.segment(
            row.get("video_id", ""),
            label,
            clock(row.get("start_timestamp", "")),
            clock(row.get("stop_timestamp", "")),
            subject=row.get("participant_id", ""),
        )
