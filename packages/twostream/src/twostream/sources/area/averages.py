"""Frames of large videos at the stored size."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from twostream.sources.area.conversions import KNOWN, Terms
from twostream.sources.area.taps import CHANNELS, Columns, Rows, columns_of, rows_of
from twostream.video.planes import FramePlanes, PlanesKind, noise
from twostream.video.resize import resize

Image = npt.NDArray[np.uint8]
Size = tuple[int, int]
# Smaller ones are done in a millisecond by OpenCV too, and need not wait for a kernel to be loaded.
LARGE_PIXELS = 500_000
LEAST_SIDE = 16


def shrunk(image: Image, *, width: int, height: int) -> Image:
    """`resize` of an image (H, W, 3) uint8, bit by bit; of large images in a fraction of the time."""
    source = image.shape[1], image.shape[0]
    if image.shape[0] * image.shape[1] < LARGE_PIXELS or not _has_kernel(source, (width, height)):
        return resize(image, width=width, height=height)
    return _averaged(image, width, height)


def shrunk_planes(planes: FramePlanes, *, width: int, height: int) -> Image | None:
    """`shrunk` of the RGB image that FFmpeg makes of a frame, bit by bit, without making it.

    None where that cannot be done: the frame is small, it shall not be shrunk by averages of areas, or
    FFmpeg makes RGB of it in a way that is not known here.
    """
    if planes.kind.width * planes.kind.height < LARGE_PIXELS:
        return None
    terms = _terms(planes.kind, (width, height))
    return None if terms is None else _averaged_planes(planes, terms, width, height)


@lru_cache(maxsize=16)
def _has_kernel(source: Size, target: Size) -> bool:
    """Whether OpenCV adds up areas one by one at these sizes, and the kernel makes the same of noise."""
    (width, height), (to_width, to_height) = source, target
    shrinks = width >= to_width and height >= to_height and source != target
    # Whole blocks OpenCV adds up in whole numbers, which is fast.
    blocks = width % to_width == 0 and height % to_height == 0
    if not shrinks or blocks or min(width, height) < LEAST_SIDE:
        return False
    image = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    return np.array_equal(
        _averaged(image, to_width, to_height), resize(image, width=to_width, height=to_height)
    )


@lru_cache(maxsize=16)
def _terms(kind: PlanesKind, target: Size) -> Terms | None:
    """By which terms the kernel makes of planes of noise what FFmpeg and OpenCV make of them, if by any."""
    source = kind.width, kind.height
    if kind.width % 2 or kind.height % 2 or not _has_kernel(source, target):
        return None
    planes, image = noise(kind)
    if planes is None:
        return None
    expected = resize(image, width=target[0], height=target[1])
    for conversion in KNOWN:
        terms = conversion.terms()
        if np.array_equal(_averaged_planes(planes, terms, *target), expected):
            return terms
    return None


@lru_cache(maxsize=16)
def _tables(source: Size, target: Size) -> tuple[Columns, Rows]:
    from twostream.flow.tv_l1.vectors import LANES

    return columns_of(source[0], target[0], lanes=LANES), rows_of(source[1], target[1])


def _averaged(image: Image, width: int, height: int) -> Image:
    from twostream.sources.area.kernel import averaged  # numba takes its time to load

    columns, rows = _tables((image.shape[1], image.shape[0]), (width, height))
    out = np.empty(height * CHANNELS * len(columns.first), np.uint8)
    flat = np.ascontiguousarray(image).reshape(-1)
    averaged(flat, CHANNELS * image.shape[1], image.shape[0], columns, rows, out)
    return _without_padding(out, width, height)


def _averaged_planes(planes: FramePlanes, terms: Terms, width: int, height: int) -> Image:
    from twostream.sources.area.kernel import averaged_planes

    source = planes.kind.width, planes.kind.height
    columns, rows = _tables(source, (width, height))
    out = np.empty(height * CHANNELS * len(columns.first), np.uint8)
    strides = planes.y_stride, planes.uv_stride
    averaged_planes(planes.y, planes.u, planes.v, *strides, terms, *source, columns, rows, out)
    return _without_padding(out, width, height)


def _without_padding(out: Image, width: int, height: int) -> Image:
    return np.ascontiguousarray(out.reshape(height, -1)[:, : CHANNELS * width]).reshape(
        height, width, CHANNELS
    )
