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
    remarks = _of_any_part(video)
    # Frames at irregular times are fewer than a duration promises, and a trimmed file counts samples that
    # are not shown; and yet their times reach the end. The last of all frames may be shown for long.
    few = decoded < LIKELY_TRUNCATED_BELOW * (video.header_frames or 0)
    stated = video.stated_seconds or math.inf
    reached = video.shown.end_seconds(video.fps) + video.jumped_seconds
    if few and reached < LIKELY_TRUNCATED_BELOW * stated:
        remarks.append(f"header promises {video.header_frames} frames: probably cut off")
    return f"{'; '.join(remarks)}; the {decoded} decodable frames are used" if remarks else ""


def _of_any_part(video: Video) -> list[str]:
    remarks = [video.not_converted] if video.not_converted else []
    # Times that the frames themselves tell are another rate where it was assumed wrongly.
    if not video.is_rate_told and video.shown.fps(video.fps) == video.fps:
        remarks.append(f"it says no frame rate: {video.fps:g} frames a second assumed")
    if video.damaged_packets:
        remarks.append(counted(video.damaged_packets, "damaged packet"))
    return remarks


def _missing_part(video: Video, decoded: int, segment: Segment) -> str:
    remarks = _of_any_part(video)
    # A frame that comes after the segment tells that the last one before is shown until then.
    if segment.end_seconds is not None and video.ended and video.shown.count:
        asked = segment.end_seconds - segment.start_seconds
        reached = video.shown.end_seconds(video.fps) - segment.start_seconds
        if reached < LIKELY_TRUNCATED_BELOW * asked - 1 / video.fps:
            remarks.append(
                f"the segment should last {asked:.10g} s, its frames end after {reached:.3g} s"
            )
    return f"{'; '.join(remarks)}; the {decoded} decodable frames are used" if remarks else ""
