"""OpenCV's flow algorithms behind the same shape as ours.

The algorithm objects keep buffers and are not safe to share, so each thread has its own.
"""

from __future__ import annotations

import threading
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twostream.flow.frames import Frame, Grey, grey_pair
from twostream.opencv import require_opencv

_DIS_SMALLEST = 32  # DIS fails below 12 to 16 pixels a side, depending on its preset
_FARNEBACK_SMALLEST = 16
_TVL1_SMALLEST = 2  # OpenCV's gradient writes beyond an image of one row or column

_objects = threading.local()


def dis(frame0: Frame, frame1: Frame) -> NDArray[np.float32]:
    """Dense inverse search flow (Kroeger et al. 2016), OpenCV's medium preset.

    Parameters
    ----------
    frame0, frame1
        Grey `(H, W)` or RGB `(H, W, 3)`, uint8 or floats in 0..1 (rounded to 8 bits).

    Returns
    -------
    float32 `(H, W, 2)`: pixels per frame step, x to the right, y down.

    Raises
    ------
    TwostreamError
        Frames of different sizes, or not images.

    Examples
    --------
    >>> dis(np.zeros((5, 7), np.uint8), np.zeros((5, 7), np.uint8)).shape
    (5, 7, 2)
    """
    return dis_of_grey(*grey_pair(frame0, frame1))


def dis_of_grey(first: Grey, second: Grey) -> NDArray[np.float32]:
    """`dis` of two images that `grey_pair` made, or `same_kind`."""
    cv2 = _cv2()
    algorithm = _own("dis", lambda: cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM))
    # A small image makes the object take other values, which it would keep for the next clip.
    algorithm.setFinestScale(1)
    algorithm.setPatchSize(8)
    algorithm.setPatchStride(3)
    return _run(algorithm.calc, first, second, smallest=_DIS_SMALLEST)


def farneback(frame0: Frame, frame1: Frame) -> NDArray[np.float32]:
    """Polynomial expansion flow (Farneback 2003), with the parameters of OpenCV's own sample.

    Pyramid scale 0.5, 3 levels, window 15, 3 iterations, neighbourhood 5, sigma 1.2. Shapes, dtypes
    and errors as in `dis`.

    Examples
    --------
    >>> farneback(np.zeros((5, 7), np.uint8), np.zeros((5, 7), np.uint8)).max()
    np.float32(0.0)
    """
    return farneback_of_grey(*grey_pair(frame0, frame1))


def farneback_of_grey(first: Grey, second: Grey) -> NDArray[np.float32]:
    """`farneback` of two images that `grey_pair` made, or `same_kind`."""
    cv2 = _cv2()

    def calc(earlier: Any, later: Any, flow: Any) -> Any:
        return cv2.calcOpticalFlowFarneback(earlier, later, flow, 0.5, 3, 15, 3, 5, 1.2, 0)

    return _run(calc, first, second, smallest=_FARNEBACK_SMALLEST)


def tvl1_opencv(frame0: Frame, frame1: Frame) -> NDArray[np.float32]:
    """OpenCV's own TV-L1 with its default parameters: the reference of `twostream.flow.tvl1`.

    Some twenty times slower than `tvl1`. Shapes, dtypes and errors as in `dis`, but
    floating-point frames are not rounded to 8 bits. Raises TwostreamError where another OpenCV
    was installed over the one that has it.

    Examples
    --------
    >>> tvl1_opencv(np.zeros((5, 7), np.uint8), np.zeros((5, 7), np.uint8)).max()
    np.float32(0.0)
    """
    return tvl1_opencv_of_grey(*grey_pair(frame0, frame1))


def tvl1_opencv_of_grey(first: Grey, second: Grey) -> NDArray[np.float32]:
    """`tvl1_opencv` of two images that `grey_pair` made, or `same_kind`."""
    require_opencv(contrib=True)
    cv2 = _cv2()
    algorithm = _own("tvl1", cv2.optflow.DualTVL1OpticalFlow_create)
    algorithm.setScalesNumber(5)  # it forgets scales for good when an image is too small for them
    return _run(algorithm.calc, first, second, smallest=_TVL1_SMALLEST, eight_bit=False)


def _cv2() -> Any:
    """OpenCV, imported when first needed; its own type stubs lack what is used here."""
    return import_module("cv2")


def _own(name: str, create: Any) -> Any:
    """The object of that name that belongs to the running thread."""
    if not hasattr(_objects, name):
        setattr(_objects, name, create())
    return getattr(_objects, name)


def _run(
    calc: Any, first: Grey, second: Grey, *, smallest: int, eight_bit: bool = True
) -> NDArray[np.float32]:
    """Call OpenCV on images that are large enough for it, and crop the answer."""
    height, width = first.shape
    if first.min() == first.max() and second.min() == second.max():
        # No texture, no motion; the algorithms answer noise here, or fail.
        return np.zeros((height, width, 2), np.float32)
    margin = ((0, max(0, smallest - height)), (0, max(0, smallest - width)))
    images = [_ready(np.pad(image, margin, mode="edge"), eight_bit) for image in (first, second)]
    flow = calc(images[0], images[1], None)
    cropped: NDArray[np.float32] = np.ascontiguousarray(flow[:height, :width], dtype=np.float32)
    return cropped


def _ready(image: NDArray[Any], eight_bit: bool) -> NDArray[Any]:
    if image.dtype == np.uint8:
        return np.ascontiguousarray(image)
    if eight_bit:
        rounded: NDArray[Any] = np.clip(np.rint(image), 0, 255).astype(np.uint8)
        return rounded
    return np.ascontiguousarray(image / np.float32(255))  # OpenCV scales floats by 255 itself
