"""How long a source is and at what rate its frames come, as far as it tells before it is read."""

from __future__ import annotations

from twostream.sources.video import VideoClip
from twostream.store.source import ClipSource
from twostream.video.decode import open_video
from twostream.video.expected import expected_frames, length_seconds

# Beyond what rounding in headers comes to.
OTHER_RATE = 0.05


def is_no_longer(clip: ClipSource, most_seconds: float) -> bool:
    """Whether a clip lasts no longer than that, to half a frame: times of files are rounded.

    What its file tells decides first, and then its frames, of which a header may say less than there are.
    Raises TwostreamError as `seconds_of` does.
    """
    if seconds_of(clip) > most_seconds + 1 / clip.facts.fps:
        return False
    frames = clip.count_frames()  # after which the true rate is known
    return frames - 0.5 <= most_seconds * clip.facts.fps


def seconds_of(clip: ClipSource) -> float:
    """Its length by its frames, or by what the header of its file says; 0 where nothing is said.

    Raises TwostreamError where a video cannot be opened.
    """
    if isinstance(clip, VideoClip):
        with open_video(clip.path) as video:
            return length_seconds(video)
    return (clip.facts.frames or 0) / clip.facts.fps


def frames_per_second(clip: ClipSource) -> float:
    """The mean rate of a clip's frames.

    A Matroska header knows one duration for all frames, however they come: where the packets of a file
    tell another mean, that counts, and the same pictures have as many windows in any container.
    """
    stated = clip.facts.fps
    if not isinstance(clip, VideoClip) or clip.segment is not None:
        return stated
    with open_video(clip.path, limits=clip.limits) as video:
        recorded, header = expected_frames(video)[1], video.fps
    if abs(recorded - header) <= OTHER_RATE * header:
        return stated
    asked = clip.specification.fps
    return recorded / clip.specification.step if asked is None else min(asked, recorded)
