"""RandAugment, for frames only: a few operations drawn from a fixed list, all of one strength.

Cubuk et al. 2020: fourteen operations, each as likely as the others. Flow is left alone: its codes are
motion, and a rotated picture of it would still hold the vectors of the picture that was not. Frames are
never mirrored or turned upside down here: where left and right tell classes apart, a rotation by 30 degrees
leaves them what they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from twostream.transforms.colors import LUMA

Pixels = npt.NDArray[np.uint8]
Operation = Literal[
    "as it is",
    "autocontrast",
    "equalize",
    "posterize",
    "solarize",
    "colour",
    "contrast",
    "brightness",
    "sharpness",
    "rotate",
    "shear x",
    "shear y",
    "translate x",
    "translate y",
]
OPERATIONS: tuple[Operation, ...] = get_args(Operation)

# What the strongest does, as the search spaces that the paper took over have it.
STRONGEST = 10.0
LARGEST_FACTOR = 0.9  # colour, contrast, brightness, sharpness become 0.1 or 1.9 times as much
LARGEST_ROTATION_DEGREES = 30.0
LARGEST_SHEAR = 0.3
LARGEST_TRANSLATION = 100 / 331  # of a side
LOST_BITS = 4
OUTSIDE = (128, 128, 128)  # grey, where nothing of the frame is
# A smooth picture, from which sharpness goes away or to which it goes.
SMOOTH = np.asarray([[1, 1, 1], [1, 5, 1], [1, 1, 1]], np.float32) / 13


def rand_augment(
    frame: Pixels, *, strength: float, operations: int, rng: np.random.Generator
) -> Pixels:
    """A frame (H, W, 3) uint8 RGB after `operations` operations drawn with replacement.

    `strength` from 0 (nothing at all) to 10 is that of all of them; whether an operation turns, say, to the
    left or to the right is drawn.

    >>> grey = np.full((8, 8, 3), 100, np.uint8)
    >>> drawn = rand_augment(grey, strength=9, operations=2, rng=np.random.default_rng(0))
    >>> drawn.shape, drawn.dtype.name
    ((8, 8, 3), 'uint8')
    """
    if strength == 0.0:
        return frame
    names = rng.integers(len(OPERATIONS), size=operations)
    signs = rng.choice((-1.0, 1.0), size=operations)
    for name, sign in zip(names, signs, strict=True):
        frame = changed(frame, OPERATIONS[int(name)], amount=float(sign) * strength / STRONGEST)
    return frame


def changed(frame: Pixels, operation: Operation, *, amount: float) -> Pixels:
    """A frame (H, W, 3) after one operation of an `amount` from -1 to 1.

    Where an operation has no direction, its absolute value counts.
    """
    height, width = frame.shape[:2]
    match operation:
        case "as it is":
            return frame
        case "autocontrast":
            return _by_channel(frame, _stretched)
        case "equalize":
            return _by_channel(frame, _equalized)
        case "posterize":
            lost = round(LOST_BITS * abs(amount))
            return frame & np.uint8(256 - (1 << lost))
        case "solarize":
            threshold = 256 - round(256 * abs(amount))
            return np.where(frame >= threshold, 255 - frame, frame)
        case "brightness":
            return _blended(frame, np.zeros_like(frame), amount)
        case "contrast":
            mean = round(float(frame.reshape(-1, 3).mean(axis=0) @ LUMA))
            return _blended(frame, np.full_like(frame, mean), amount)
        case "colour":
            grey = np.rint(frame @ LUMA).astype(np.uint8)
            return _blended(frame, np.repeat(grey[..., None], 3, axis=2), amount)
        case "sharpness":
            import cv2

            smooth = cv2.filter2D(frame, -1, SMOOTH, borderType=cv2.BORDER_REFLECT_101)
            return _blended(frame, np.asarray(smooth, np.uint8), amount)
        case "rotate":
            return _rotated(frame, amount * LARGEST_ROTATION_DEGREES)
        case "shear x":
            slope = amount * LARGEST_SHEAR
            return _moved(frame, [[1, slope, -slope * (height - 1) / 2], [0, 1, 0]])
        case "shear y":
            slope = amount * LARGEST_SHEAR
            return _moved(frame, [[1, 0, 0], [slope, 1, -slope * (width - 1) / 2]])
        case "translate x":
            return _moved(frame, [[1, 0, amount * LARGEST_TRANSLATION * width], [0, 1, 0]])
        case "translate y":
            return _moved(frame, [[1, 0, 0], [0, 1, amount * LARGEST_TRANSLATION * height]])


def _blended(frame: Pixels, other: Pixels, amount: float) -> Pixels:
    """Away from `other` where `amount` is positive, towards it where it is negative."""
    import cv2

    factor = 1.0 + LARGEST_FACTOR * amount
    blended: Pixels = cv2.addWeighted(frame, factor, other, 1.0 - factor, 0.0)
    return blended


def _by_channel(frame: Pixels, table_of: Callable[[npt.NDArray[np.int64]], Pixels]) -> Pixels:
    """A frame whose channels went through the table that `table_of` makes of their histograms."""
    import cv2

    tables = [
        table_of(np.bincount(frame[..., k].ravel(), minlength=256)) for k in range(frame.shape[2])
    ]
    looked_up: Pixels = cv2.LUT(frame, np.stack(tables, axis=-1)[None])
    return looked_up


def _stretched(histogram: npt.NDArray[np.int64]) -> Pixels:
    """The table by which the darkest value becomes 0 and the brightest 255."""
    values = np.arange(256)
    used = np.flatnonzero(histogram)
    low, high = int(used[0]), int(used[-1])
    if low == high:
        return values.astype(np.uint8)
    table: Pixels = np.clip(np.rint((values - low) * (255.0 / (high - low))), 0, 255).astype(
        np.uint8
    )
    return table


def _equalized(histogram: npt.NDArray[np.int64]) -> Pixels:
    """The table by which all values become about as frequent."""
    total, last = int(histogram.sum()), int(histogram[np.flatnonzero(histogram)[-1]])
    step = (total - last) // 255
    if step == 0:
        return np.arange(256).astype(np.uint8)
    before = np.concatenate([[0], np.cumsum(histogram)[:-1]])
    table: Pixels = np.clip((before + step // 2) // step, 0, 255).astype(np.uint8)
    return table


def _rotated(frame: Pixels, degrees: float) -> Pixels:
    import cv2

    height, width = frame.shape[:2]
    centre = (width - 1) / 2, (height - 1) / 2
    return _moved(frame, cv2.getRotationMatrix2D(centre, degrees, 1.0))


def _moved(frame: Pixels, matrix: Any) -> Pixels:
    import cv2

    height, width = frame.shape[:2]
    moved: Pixels = cv2.warpAffine(
        frame,
        np.asarray(matrix, np.float64),
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=OUTSIDE,
    )
    return moved
