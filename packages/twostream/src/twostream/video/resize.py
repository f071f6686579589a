"""The stored size of a clip's frames."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

DEFAULT_SHORT_SIDE_PX = 256


def stored_size(width: int, height: int, *, short_side_px: int | None = None) -> tuple[int, int]:
    """(width, height) in pixels at which a clip is stored; never larger than the source.

    The short side becomes `short_side_px` (default 256) where it is longer; the aspect is kept to
    the nearest pixel.

    >>> stored_size(320, 240), stored_size(1920, 1080), stored_size(1920, 1080, short_side_px=128)
    ((320, 240), (455, 256), (228, 128))
    """
    limit = DEFAULT_SHORT_SIDE_PX if short_side_px is None else short_side_px
    short = min(width, height)
    if short <= limit:
        return width, height
    return max(1, round(width * limit / short)), max(1, round(height * limit / short))


def resize(
    image: npt.NDArray[np.uint8],
    *,
    width: int,
    height: int,
    bilinear_to: float = 1.0,
    out: npt.NDArray[np.uint8] | None = None,
) -> npt.NDArray[np.uint8]:
    """`image` (H, W[, C]) uint8 at the given size: area averaging down, bilinear up.

    Bilinear down as well where no side becomes shorter than by the factor `bilinear_to`. It goes into
    `out`, a contiguous array of that size, if there is one.
    """
    import cv2

    if image.shape[:2] == (height, width):
        if out is None:
            return image
        out[:] = image
        return out
    shrinks = image.shape[0] >= height and image.shape[1] >= width
    little = image.shape[0] <= bilinear_to * height and image.shape[1] <= bilinear_to * width
    method = cv2.INTER_AREA if shrinks and not little else cv2.INTER_LINEAR
    resized: npt.NDArray[np.uint8] = cv2.resize(
        image, (width, height), dst=out, interpolation=method
    )
    return resized
