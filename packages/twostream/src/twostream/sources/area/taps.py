"""Which pixels an area is the average of, and with what share: in single precision, as OpenCV has them."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]
# A pixel of which less is inside an area is left out of it.
LEAST_SHARE = 1e-3
CHANNELS = 3


class Taps(NamedTuple):
    """One axis: pixel `source[k]` is in area `target[k]` with `share[k]`; rising in both."""

    source: Whole
    target: Whole
    share: npt.NDArray[np.float32]


class Columns(NamedTuple):
    """For each area of a target row, padded: its first source byte, the first beyond it, and its taps."""

    first: Whole
    beyond: Whole
    tap: Whole
    taps: Whole
    share: npt.NDArray[np.float32]


class Rows(NamedTuple):
    """Taps down an image: those of source row y are `begin[y]` to `begin[y + 1]`.

    `begins` tells whether a tap is the first of its target row.
    """

    source: Whole
    target: Whole
    share: npt.NDArray[np.float32]
    begin: Whole
    begins: npt.NDArray[np.bool_]


def taps(source: int, target: int) -> Taps:
    """The taps of `target` areas along `source` pixels.

    >>> [part.tolist() for part in taps(3, 2)]
    [[0, 1, 1, 2], [0, 0, 1, 1], [0.6666666865348816, 0.3333333432674408, 0.3333333432674408, \
0.6666666865348816]]
    """
    scale = 1 / (target / source)
    found: list[tuple[int, int, float]] = []
    for area in range(target):
        start = area * scale
        end = start + scale
        width = min(scale, source - start)
        last = min(math.floor(end), source - 1)
        first = min(math.ceil(start), last)
        if first - start > LEAST_SHARE:
            found.append((first - 1, area, (first - start) / width))
        found += [(pixel, area, 1 / width) for pixel in range(first, last)]
        if end - last > LEAST_SHARE:
            found.append((last, area, min(end - last, 1.0, width) / width))
    pixels, areas, shares = zip(*found, strict=True)
    return Taps(
        np.asarray(pixels, np.int64), np.asarray(areas, np.int64), np.asarray(shares, np.float32)
    )


def columns_of(source: int, target: int, *, lanes: int) -> Columns:
    """The taps of target rows of `target` RGB pixels, padded to whole vectors of `lanes` areas."""
    found = taps(source, target)
    tap = np.searchsorted(found.target, np.arange(target))
    count = np.bincount(found.target, minlength=target)
    padding = (0, -target % lanes)
    first = CHANNELS * found.source[tap]
    return Columns(
        np.pad(first, padding, mode="edge"),
        np.pad(first + CHANNELS * count, padding, mode="edge"),
        np.pad(tap, padding).astype(np.int64),
        np.pad(count, padding).astype(np.int64),
        found.share,
    )


def rows_of(source: int, target: int) -> Rows:
    """The taps down an image of `source` rows."""
    found = taps(source, target)
    begin = np.searchsorted(found.source, np.arange(source + 1)).astype(np.int64)
    return Rows(*found, begin, np.diff(found.target, prepend=-1) != 0)
