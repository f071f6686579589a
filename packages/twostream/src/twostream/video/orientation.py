"""Frames as players show them: turned and mirrored by the display matrix of the file."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.video.colours import ToRgb, wide_colours
from twostream.video.planes import FramePlanes, planes_of
from twostream.video.square_pixels import squared

MATRIX_NAME = "DISPLAYMATRIX"
Matrix = tuple[int, int, int, int]


class Upright:
    """Turns the frames of one video upright; `aspect` is the width of its pixels by their height.

    The matrix is read once for each rotation that frames state: PyAV's side data hold their frame in a
    circle, and whole frames would wait for the garbage collector.
    """

    def __init__(self, rgb: ToRgb | None = None, *, aspect: float = 1.0) -> None:
        self._rgb = ToRgb() if rgb is None else rgb
        self._aspect = aspect
        self._matrices: dict[int, Matrix | None] = {}

    def __call__(self, frame: Any) -> npt.NDArray[np.uint8]:
        """The PyAV frame as (H, W, 3) uint8 RGB of square pixels, turned to the nearest quarter."""
        image = squared(self._rgb(frame), self._aspect)
        matrix = self._matrix_of(frame)
        return image if matrix is None else orient(image, matrix)

    def planes(self, frame: Any) -> FramePlanes | None:
        """The planes of a frame whose image is the RGB that is made of them, and no more; else None."""
        if self._aspect != 1 or wide_colours(frame) or self._matrix_of(frame) is not None:
            return None
        return planes_of(frame)

    def _matrix_of(self, frame: Any) -> Matrix | None:
        rotation = frame.rotation
        if rotation not in self._matrices:
            self._matrices[rotation] = _matrix(frame)
        return self._matrices[rotation]


def orient(image: npt.NDArray[np.uint8], matrix: Matrix) -> npt.NDArray[np.uint8]:
    """`image` where (x, y) is shown at (a·x + c·y, b·x + d·y), `matrix` being (a, b, c, d).

    >>> image = np.uint8([[1, 2], [3, 4]])
    >>> orient(image, (0, 1, -1, 0)).tolist()  # a quarter clockwise
    [[3, 1], [4, 2]]
    >>> orient(image, (-1, 0, 0, 1)).tolist()  # mirrored
    [[2, 1], [4, 3]]
    """
    a, b, c, d = matrix
    across, down = a, d
    if abs(b) + abs(c) > abs(a) + abs(d):
        image = image.swapaxes(0, 1)
        across, down = c, b
    if across < 0:
        image = image[:, ::-1]
    if down < 0:
        image = image[::-1]
    return np.ascontiguousarray(image)


def _matrix(frame: Any) -> Matrix | None:
    """The 2 x 2 part of the frame's display matrix (H.264 Annex E, ISO 14496-12 6.2.2)."""
    # By its name: iterating gives the data up to PyAV 18, their types from 19 on.
    data = frame.side_data.get(MATRIX_NAME)
    if data is None:
        return None
    values = struct.unpack("=9i", bytes(data)[:36])
    return values[0], values[1], values[3], values[4]
