"""Where shots begin, found by PySceneDetect (the extra `cuts`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from twostream.models.engines.needs import require_package
from twostream.sources.video import VideoClip
from twostream.video.resize import resize

# The detector compares colours of pictures as a whole; a larger side costs time alone.
SIDE_PX = 128


def require_cuts() -> None:
    """Raise TwostreamError where the extra is not installed."""
    require_package("scenedetect", for_what="finding shot cuts", extra="cuts")


def find_cuts(
    clip: VideoClip, *, check: Callable[[], None] = lambda: None
) -> tuple[tuple[int, float], ...]:
    """The first frame of each shot but the first, and when it is shown; the video is decoded once for it.

    Raises TwostreamError as `clip` does, and where the extra is not installed.
    """
    require_cuts()
    from scenedetect.detectors import ContentDetector

    detector: Any = ContentDetector(min_scene_len=1)
    found: list[int] = []
    seconds: dict[int, float] = {}
    for k, image in enumerate(clip.raw_images()):
        check()
        height, width = image.shape[:2]
        scale = min(1.0, SIDE_PX / max(height, width))
        small = resize(
            image, width=max(1, round(width * scale)), height=max(1, round(height * scale))
        )
        for cut in detector.process_frame(k, np.ascontiguousarray(small[..., ::-1])):
            found.append(int(cut))
            seconds[int(cut)] = clip.seconds(int(cut)) or 0.0
    return tuple((cut, seconds[cut]) for cut in sorted(set(found)) if cut > 0)
