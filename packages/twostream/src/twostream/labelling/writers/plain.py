"""Texts without a place for anybody's mark: WebVTT, SRT, Audacity's labels, a label a frame, DeepEthogram.

A file of these that is there and says something else is never replaced.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from twostream.datasets.names import counted
from twostream.labelling.writers.written import (
    Text,
    WrittenSegment,
    WrittenVideo,
    in_order,
    labels_of,
    one_line,
)

NOTHING = "background"


def webvtt(segments: Sequence[WrittenSegment], video: WrittenVideo) -> Text:
    """Cues of a track of subtitles; signs of markup as entities."""
    del video
    cues = [
        f"{_time(one.start_s, '.')} --> {_time(one.end_s, '.')}\n{_escaped(one_line(one.label))}\n"
        for one in in_order(segments)
    ]
    return Text("\n".join(["WEBVTT\n", *cues]))


def srt(segments: Sequence[WrittenSegment], video: WrittenVideo) -> Text:
    """Numbered cues; the format knows no entities."""
    del video
    cues = [
        f"{number}\n{_time(one.start_s, ',')} --> {_time(one.end_s, ',')}\n{one_line(one.label)}\n"
        for number, one in enumerate(in_order(segments), start=1)
    ]
    return Text("\n".join(cues))


def _time(seconds: float, point: str) -> str:
    """``hh:mm:ss.mmm``.

    >>> _time(3725.0404, ".")
    '01:02:05.040'
    """
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02d}:{minute:02d}:{second:02d}{point}{thousandths:03d}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def audacity(segments: Sequence[WrittenSegment], video: WrittenVideo) -> Text:
    """A line an interval; tabs and line breaks in labels become blanks."""
    del video
    lines = [
        f"{one.start_s:.6f}\t{one.end_s:.6f}\t{one_line(one.label)}\n" for one in in_order(segments)
    ]
    return Text("".join(lines))


def frame_by_frame(segments: Sequence[WrittenSegment], video: WrittenVideo) -> Text:
    """A line a frame, as MS-TCN reads it: one class, the higher score winning; blanks become ``_``."""
    frames = ["" for _ in range(_frames(segments, video))]
    covered = 0
    for one in sorted(segments, key=lambda one: one.score or 0.0):
        first, end = video.span(one)
        covered += end - first
        for frame in range(first, min(end, len(frames))):
            frames[frame] = "_".join(one.label.split())
    lost = covered - sum(label != "" for label in frames)
    notes = []
    if lost > 0:
        notes.append(
            f"one label a frame: {counted(lost, 'frame')} with that of the higher score alone"
        )
    if any(" " in one.label for one in segments):
        notes.append("blanks in labels became _")
    if any(one.subject for one in segments):
        notes.append("subjects have no place in labels frame by frame")
    # MS-TCN's reader drops what is after the last line feed.
    return Text("".join(f"{label or NOTHING}\n" for label in frames), tuple(notes))


def deepethogram(segments: Sequence[WrittenSegment], video: WrittenVideo) -> Text:
    """A row a frame and a column a label, that of the background first."""
    names = [name for name in labels_of(segments, video) if name != NOTHING]
    total = _frames(segments, video)
    columns = {name: bytearray(total) for name in names}
    for one in segments:
        first, end = video.span(one)
        for frame in range(first, min(end, total)):
            if one.label != NOTHING:
                columns[one.label][frame] = 1
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["", NOTHING, *names])
    for frame in range(total):
        row = [columns[name][frame] for name in names]
        writer.writerow([frame, int(not any(row)), *row])
    lost = any(one.subject for one in segments)
    return Text(
        text.getvalue(), ("subjects have no place in DeepEthogram's labels",) if lost else ()
    )


def _frames(segments: Sequence[WrittenSegment], video: WrittenVideo) -> int:
    if video.frames is not None:
        return video.frames
    last = max((video.span(one)[1] for one in segments), default=0)
    return max(last, round((video.seconds or 0.0) * video.fps))
