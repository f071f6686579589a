"""Pictures as wide as players show them, where the pixels of a file are not square."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.video.resize import resize

# Closer to square than this is a rounding of some program; further away than four, a damaged header.
AS_GOOD_AS_SQUARE = 0.01
MOST_ASPECT = 4.0


def pixel_aspect(stream: Any) -> float:
    """Width of a pixel by its height, as a PyAV video stream states it; 1 where it is silent or absurd."""
    stated = stream.sample_aspect_ratio
    aspect = float(stated) if stated else 1.0
    absurd = not 1 / MOST_ASPECT <= aspect <= MOST_ASPECT
    return 1.0 if absurd or abs(aspect - 1) <= AS_GOOD_AS_SQUARE else aspect


def squared(image: npt.NDArray[np.uint8], aspect: float) -> npt.NDArray[np.uint8]:
    """The image (H, W, 3) with square pixels: its height stays.

    >>> squared(np.zeros((576, 720, 3), np.uint8), 16 / 15).shape
    (576, 768, 3)
    """
    height, width = image.shape[:2]
    return resize(image, width=max(1, round(width * aspect)), height=height)
