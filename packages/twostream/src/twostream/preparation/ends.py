"""Segments that go past the end of their video, told from its header before any work."""

from __future__ import annotations

from collections.abc import Sequence

from twostream.datasets.clips import Problem, SourceClip
from twostream.errors import TwostreamError
from twostream.video.decode import open_video
from twostream.video.expected import expected_seconds

STAGE = "segment"
# Headers round, and leave out or count in the last frame.
TOLERANCE_SECONDS, TOLERANCE = 0.5, 0.01


def segments_past_the_end(clips: Sequence[SourceClip]) -> tuple[Problem, ...]:
    """A problem for each segment that begins or ends after its video does, as far as the headers tell.

    Each video is opened once. Those that cannot be opened are found when they are decoded.
    """
    lengths: dict[str, float | None] = {}
    problems = []
    for clip in clips:
        if clip.segment is None or clip.frames_in is not None:
            continue
        key = str(clip.path)
        if key not in lengths:
            lengths[key] = _length(clip)
        length = lengths[key]
        if length is None:
            continue
        start, end = clip.segment.start_seconds, clip.segment.end_seconds
        latest = length * (1 + TOLERANCE) + TOLERANCE_SECONDS
        said = [
            f"{word} at {seconds:g} s"
            for word, seconds in (("begins", start), ("ends", end))
            if seconds is not None and seconds > latest
        ]
        if said:
            reason = f"{' and '.join(said)}, but the video lasts {length:.3g} s by its header"
            problems.append(Problem(clip.described, STAGE, reason, clip.class_name))
    return tuple(problems)


def _length(clip: SourceClip) -> float | None:
    try:
        with open_video(clip.path) as video:
            return expected_seconds(video)
    except TwostreamError:
        return None
