"""Segments that go past the end of their video, told from its header."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from twostream.datasets.clips import Problem, Segment, SourceClip
from twostream.errors import TwostreamError
from twostream.video.decode import open_video
from twostream.video.expected import expected_seconds

STAGE = "segment"
# Headers round, and leave out or count in the last frame.
TOLERANCE_SECONDS, TOLERANCE = 0.5, 0.01
OTHER_CLOCK = (
    "; no part named of it begins before that: times count from its first frame, not from a clock"
)


def segments_past_the_end(clips: Sequence[SourceClip]) -> tuple[Problem, ...]:
    """A problem for each segment that begins or ends after its video does, as far as the headers tell.

    Each video is opened once. Those that cannot be opened are found when they are decoded.
    """
    found = _past_the_end(clips)
    return tuple(
        Problem(clip.described, STAGE, found[clip.clip_id].reason, clip.class_name)
        for clip in clips
        if clip.clip_id in found
    )


def why_without_frames(clips: Sequence[SourceClip], failed: Collection[str]) -> dict[str, str]:
    """By id, of the `failed` of the `clips`, why those have no frames that begin after their video ends.

    Only videos of which a segment failed are opened.
    """
    paths = {clip.path for clip in clips if clip.clip_id in failed}
    found = _past_the_end([clip for clip in clips if clip.path in paths])
    return {key: past.reason for key, past in found.items() if key in failed and past.begins}


@dataclass(frozen=True)
class _Past:
    """What of a segment is behind the end of its video: its end, or its beginning too."""

    reason: str
    begins: bool


def _past_the_end(clips: Sequence[SourceClip]) -> dict[str, _Past]:
    """By the ids of clips."""
    parts: dict[Path, list[tuple[str, Segment]]] = {}
    for clip in clips:
        if clip.segment is not None and clip.frames_in is None:
            parts.setdefault(clip.path, []).append((clip.clip_id, clip.segment))
    found: dict[str, _Past] = {}
    for path, segments in parts.items():
        length = _length(path)
        if length is None:
            continue
        latest = length * (1 + TOLERANCE) + TOLERANCE_SECONDS
        none_within = all(segment.start_seconds > latest for _, segment in segments)
        for clip_id, segment in segments:
            said = [
                f"{word} at {seconds:.10g} s"
                for word, seconds in (
                    ("begins", segment.start_seconds),
                    ("ends", segment.end_seconds),
                )
                if seconds is not None and seconds > latest
            ]
            if said:
                lasts = f"{round(length, 2):.10g} s"
                reason = f"{' and '.join(said)}, but the video lasts {lasts} by its header"
                reason += OTHER_CLOCK if none_within else ""
                found[clip_id] = _Past(reason, segment.start_seconds > latest)
    return found


def _length(path: Path) -> float | None:
    try:
        with open_video(path) as video:
            return expected_seconds(video)
    except TwostreamError:
        return None
