"""One pass through a video for the segments that one process cuts out of it, one after another."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from twostream.datasets.clips import Segment
from twostream.video.decode import Video, open_video


class _Held(threading.local):
    """The video that this thread stands in the middle of, waiting for its next segment."""

    def __init__(self) -> None:
        self.stack = ExitStack()
        self.video: Video | None = None
        self.stamp: tuple[Path, int, int] | None = None


_held = _Held()


@contextmanager
def open_part(path: Path, segment: Segment | None) -> Iterator[Video]:
    """As `open_video`, and for a `segment` go on from where this thread's last one of the file ended.

    So it is where the file cannot be entered in its middle and the segment begins later; else the file is
    opened anew. It stays open until another is, or `leave_video` is called. The frames of a segment, and
    what is told of them, are the same either way.
    """
    if segment is None:
        with open_video(path) as video:
            yield video
        return
    video = _at_or_before(path, segment)
    try:
        yield video
    except BaseException:
        leave_video()
        raise
    if video.can_be_entered:
        leave_video()


def leave_video() -> None:
    """Close the video that this thread stands in the middle of, if there is one."""
    _held.video, _held.stamp = None, None
    _held.stack.close()


def _at_or_before(path: Path, segment: Segment) -> Video:
    try:
        status = path.stat()
        stamp = path, status.st_size, status.st_mtime_ns
    except OSError:
        stamp = path, -1, -1  # opening it says what is wrong
    there = _held.video
    if (
        there is None
        or _held.stamp != stamp
        or there.passed_seconds >= round(segment.start_seconds, 6)
    ):
        leave_video()
        there = _held.stack.enter_context(open_video(path))
        _held.video, _held.stamp = there, stamp
    return there
