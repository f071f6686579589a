"""How long a source is, as far as it tells before it is read."""

from __future__ import annotations

from twostream.sources.video import VideoClip
from twostream.store.source import ClipSource
from twostream.video.decode import open_video
from twostream.video.expected import expected_seconds


def seconds_of(clip: ClipSource) -> float:
    """Its length by its frames, or by what the header of its file says; 0 where nothing is said.

    Raises TwostreamError where a video cannot be opened.
    """
    if isinstance(clip, VideoClip):
        with open_video(clip.path) as video:
            counted = (video.header_frames or 0) / video.fps
            stated = max(video.stated_seconds or 0.0, video.container_seconds or 0.0, counted)
            return max(stated, expected_seconds(video) or 0.0)
    return (clip.facts.frames or 0) / clip.facts.fps
