"""How long a source is, as far as it tells before it is read."""

from __future__ import annotations

from twostream.sources.video import VideoClip
from twostream.store.source import ClipSource
from twostream.video.decode import open_video
from twostream.video.expected import length_seconds


def seconds_of(clip: ClipSource) -> float:
    """Its length by its frames, or by what the header of its file says; 0 where nothing is said.

    Raises TwostreamError where a video cannot be opened.
    """
    if isinstance(clip, VideoClip):
        with open_video(clip.path) as video:
            return length_seconds(video)
    return (clip.facts.frames or 0) / clip.facts.fps
