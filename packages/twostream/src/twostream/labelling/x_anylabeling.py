"""X-AnyLabeling's files of its video classifier: JSON beside each video.

Milliseconds count; the frames beside them only repeat them, rounded.
"""

from __future__ import annotations

from collections.abc import Mapping

from twostream.errors import TwostreamError
from twostream.labelling.collected import Collected
from twostream.labelling.marks import UNCHANGED, mark_of
from twostream.labelling.opened import LabelFile
from twostream.labelling.values import mapping, number, sequence, text, written

KIND = "video_classification"
VERSION = "1.0.0"


def recognises(file: LabelFile) -> bool:
    """Whether it is of the video classifier."""
    return text(mapping(file.document).get("type")) == KIND


def segment_mark(one: Mapping[str, object], start_ms: float, end_ms: float) -> str:
    """The name of a segment that we wrote with this label and this description."""
    return mark_of(text(one.get("label")), start_ms, end_ms, text(one.get("description")))


def read(file: LabelFile, into: Collected) -> None:
    """Add every segment."""
    document = mapping(file.document)
    version = text(document.get("version"))
    if version.partition(".")[0] not in ("", VERSION.partition(".")[0]):
        raise TwostreamError(
            file.path,
            expected=f"version {VERSION} of X-AnyLabeling's video classifier",
            found=f"version {version}",
            remedy="export the labels in another format",
        )
    video = text(document.get("video")) or into.default_video
    into.saw(video)
    length = number(document.get("duration_ms"))
    unchanged = 0
    for value in sequence(document.get("segments")):
        one = mapping(value)
        start, end = number(one.get("start_ms")), number(one.get("end_ms"))
        if start is not None and end is not None:
            unchanged += text(one.get("id")) == segment_mark(one, start, end)
        into.segment(
            video,
            written(one.get("label")),
            None if start is None else start / 1000,
            None if end is None else end / 1000,
            length_s=None if length is None else length / 1000,
        )
    if unchanged:
        into.tell(UNCHANGED, f"{unchanged}", video=video, lost=False)
