"""Bilinear resizing, with pixel centres aligned as in OpenCV's INTER_LINEAR.

Where one instruction picks sixteen of 32 floats, sixteen neighbouring pixels are made at once, which look
at no more than 32 unless the image shrinks to less than half.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from twostream.flow.tv_l1.compilation import kernel
from twostream.flow.tv_l1.vectors import HAS_PERMUTES, LANES, load, picked, plain_sum, splat, store

SPARE = 2 * LANES
"""How much longer than a source row the scratch space is."""


class Taps(NamedTuple):
    """Along one axis, for each target pixel: the first of two source pixels, and the second's share.

    `place` is how far the first one is from that of the first target pixel in its block; `near` says that
    all sixteen of a block find both in 32.
    """

    first: NDArray[np.int32]
    share: NDArray[np.float32]
    place: NDArray[np.float32]
    near: bool


def taps(source: int, target: int, spacing: float) -> Taps:
    """Where `target` pixels lie that are `spacing` source pixels apart.

    Beyond the centres of the outermost source pixels the image continues with their values.

    >>> first, share, place, near = taps(4, 2, 2.0)
    >>> first.tolist(), share.tolist(), place.tolist(), near
    ([0, 2], [0.5, 0.5], [0.0, 2.0], True)
    """
    position = np.clip((np.arange(target) + 0.5) * spacing - 0.5, 0, source - 1)
    first = np.clip(np.floor(position), 0, max(source - 2, 0))
    place = first - first[np.arange(target) // LANES * LANES]
    near = source > 1 and int(place.max()) + 1 < 2 * LANES
    share = (position - first).astype(np.float32)
    return Taps(first.astype(np.int32), share, place.astype(np.float32), near)


@kernel
def resize(
    source: NDArray[np.float32],
    target: NDArray[np.float32],
    rows: Taps,
    columns: Taps,
    size: tuple[int, int],
    factor: np.float32,
    line: NDArray[np.float32],
) -> None:
    """Resize `source` times `factor` into `target`; `size` is their widths without padding.

    `line` is scratch space of one source row and `SPARE`.
    """
    source_width, width = size
    stride, flat = target.shape[1], target.reshape(-1)
    whole = width // LANES * LANES if columns.near else 0
    one = splat(np.float32(1))
    below = min(1, source.shape[0] - 1)
    right = np.uint64(min(1, source_width - 1))
    for y in range(target.shape[0]):
        upper = source[rows.first[y]]
        lower = source[rows.first[y] + below]
        share = rows.share[y]
        for x in range(source_width):
            line[x] = factor * (upper[x] + share * (lower[x] - upper[x]))
        if HAS_PERMUTES:
            for x in range(0, whole, LANES):
                start, place = np.int64(columns.first[x]), load(columns.place, x)
                low, high = load(line, start), load(line, start + LANES)
                here = picked(low, high, place)
                apart = picked(low, high, place + one) - here
                store(flat, y * stride + x, plain_sum(here, load(columns.share, x) * apart))
        for x in range(whole if HAS_PERMUTES else 0, width):
            k = np.uint64(columns.first[x])  # as unsigned, none is asked if it is negative
            target[y, x] = line[k] + columns.share[x] * (line[k + right] - line[k])
