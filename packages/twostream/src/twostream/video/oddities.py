"""What was odd about a video whose frames are used all the same."""

from __future__ import annotations

import math

from twostream.datasets.clips import Segment
from twostream.datasets.names import counted
from twostream.video.decode import Video

# A header may promise a frame or two more than can be decoded (packed B-frames do); a clip that
# yields less than this share of them was cut off.
LIKELY_TRUNCATED_BELOW = 0.9


def decoding_warning(video: Video, decoded: int, segment: Segment | None = None) -> str:
    """What was odd about a clip that is used all the same; empty where nothing was."""
    if segment is not None:
        # What the header promises is the whole video's.
        return _missing_part(video, decoded, segment)
    remarks = []
    if video.damaged_packets:
        remarks.append(counted(video.damaged_packets, "damaged packet"))
    # Frames at irregular times are fewer than a duration promises, and yet they reach its end.
    reached = video.shown.last_seconds >= LIKELY_TRUNCATED_BELOW * (
        video.stated_seconds or math.inf
    )
    few = decoded < LIKELY_TRUNCATED_BELOW * (video.header_frames or 0)
    if few and not reached:
        remarks.append(f"header promises {video.header_frames} frames: probably cut off")
    return f"{'; '.join(remarks)}; the {decoded} decodable frames are used" if remarks else ""


def _missing_part(video: Video, decoded: int, segment: Segment) -> str:
    damaged = video.damaged_packets
    remarks = [counted(damaged, "damaged packet")] if damaged else []
    if segment.end_seconds is not None:
        promised = (segment.end_seconds - segment.start_seconds) * video.fps
        if decoded < LIKELY_TRUNCATED_BELOW * promised - 1:
            remarks.append(f"the segment should have about {promised:.0f} frames")
    return f"{'; '.join(remarks)}; the {decoded} decodable frames are used" if remarks else ""
