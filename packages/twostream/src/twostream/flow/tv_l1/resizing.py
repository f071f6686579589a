"""Bilinear resizing, with pixel centres aligned as in OpenCV's INTER_LINEAR."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from twostream.flow.tv_l1.compilation import kernel


class Taps(NamedTuple):
    """Along one axis, for each target pixel: the first of two source pixels, and the second's share."""

    first: NDArray[np.int32]
    share: NDArray[np.float32]


def taps(source: int, target: int, spacing: float) -> Taps:
    """Where `target` pixels lie that are `spacing` source pixels apart.

    Beyond the centres of the outermost source pixels the image continues with their values.

    >>> first, share = taps(4, 2, 2.0)
    >>> first.tolist(), share.tolist()
    ([0, 2], [0.5, 0.5])
    """
    position = np.clip((np.arange(target) + 0.5) * spacing - 0.5, 0, source - 1)
    first = np.clip(np.floor(position), 0, max(source - 2, 0))
    return Taps(first.astype(np.int32), (position - first).astype(np.float32))


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

    `line` is scratch space of one source row.
    """
    source_width, width = size
    below = min(1, source.shape[0] - 1)
    right = np.uint64(min(1, source_width - 1))
    for y in range(target.shape[0]):
        upper = source[rows.first[y]]
        lower = source[rows.first[y] + below]
        share = rows.share[y]
        for x in range(source_width):
            line[x] = factor * (upper[x] + share * (lower[x] - upper[x]))
        for x in range(width):
            k = np.uint64(columns.first[x])  # as unsigned, none is asked if it is negative
            target[y, x] = line[k] + columns.share[x] * (line[k + right] - line[k])
