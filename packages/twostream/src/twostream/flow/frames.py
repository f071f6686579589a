"""What every flow algorithm accepts as a frame, checked in one place."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from twostream.errors import TwostreamError

Frame = NDArray[Any]
"""Grey `(H, W)` or RGB `(H, W, 3)`; uint8 in 0..255 or floating point in 0..1."""

Grey = NDArray[np.uint8] | NDArray[np.float32]
"""What `grey` makes of a frame: `(H, W)` on the scale 0..255."""

_FLOAT_SLACK = 1e-3  # interpolation may leave 0..1 by this much


def grey(frame: Frame, name: str = "frame") -> Grey:
    """`frame` as a grey image on the 0..255 scale: uint8 stays uint8, floats become float32.

    Floating-point images must lie in 0..1 and are multiplied by 255, as OpenCV's TV-L1 does: the
    weights of the flow's data term assume 0..255, so a range is never guessed. RGB becomes BT.601
    luma. Strides do not matter, and the frame is never written to.

    Raises
    ------
    TwostreamError
        Another shape or dtype, an empty image, NaN, infinity, or floats outside 0..1.

    Examples
    --------
    >>> grey(np.uint8([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]]))
    array([[ 76, 150,  29]], dtype=uint8)
    >>> grey(np.array([[0.5, 1.0]]))
    array([[127.5, 255. ]], dtype=float32)
    """
    image = np.asarray(frame)
    is_rgb = image.ndim == 3 and image.shape[2] == 3
    if not (image.ndim == 2 or is_rgb) or image.size == 0:
        raise TwostreamError(
            name,
            expected="a grey (H, W) or RGB (H, W, 3) image",
            found=f"shape {image.shape}",
            remedy="give one image with at least one pixel",
        )
    if image.dtype == np.uint8:
        if not is_rgb:
            return image
        import cv2

        luma: NDArray[np.uint8] = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        return luma
    if not np.issubdtype(image.dtype, np.floating):
        raise TwostreamError(
            name,
            expected="uint8 in 0..255 or floating point in 0..1",
            found=f"dtype {image.dtype}",
            remedy="convert with astype(np.uint8), or divide by the largest value",
        )
    low, high = float(image.min()), float(image.max())
    if not (low >= -_FLOAT_SLACK and high <= 1 + _FLOAT_SLACK):  # also refuses NaN
        raise TwostreamError(
            name,
            expected="floating-point values in 0..1, without NaN or infinity",
            found=f"values from {low:g} to {high:g}",
            remedy="divide a 0..255 image by 255, or give uint8",
        )
    scaled = image.astype(np.float32) * np.float32(255)
    if is_rgb:
        scaled = scaled @ np.array([0.299, 0.587, 0.114], np.float32)
    result: NDArray[np.float32] = scaled
    return result


def grey_pair(
    frame0: Frame, frame1: Frame
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]] | tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Both frames as grey images of one size and dtype; see `grey`.

    Raises
    ------
    TwostreamError
        What `grey` refuses, and frames of different sizes.
    """
    return same_kind(grey(frame0, "frame0"), grey(frame1, "frame1"))


def same_kind(
    first: Grey, second: Grey, name: str = "frame1"
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]] | tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Two images that `grey` made, both uint8, or both float32 where one is.

    Raises
    ------
    TwostreamError
        Images of different sizes; it names the second by `name`.
    """
    check_same_size(first, second, name)
    if first.dtype == np.uint8 and second.dtype == np.uint8:
        return first, second  # type: ignore[return-value]
    return first.astype(np.float32), second.astype(np.float32)


def check_same_size(first: Frame, second: Frame, name: str = "frame1") -> None:
    """Raise TwostreamError unless both images have one height and width."""
    if first.shape[:2] != second.shape[:2]:
        raise TwostreamError(
            name,
            expected=f"{first.shape[1]}x{first.shape[0]} pixels like the frame before",
            found=f"{second.shape[1]}x{second.shape[0]}",
            remedy="give frames of one size",
        )
