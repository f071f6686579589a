"""Fusion of two flows of one scale: around each pixel the one that explains the images better.

Coarse images take small things along with what is behind them, or follow what has left the picture; a
flow that starts further down, at zero, loses large motion instead. Each is right somewhere. Which one
where is told by TV-L1's own energy, summed over 3x3 pixels, as in the fusion moves of Lempitsky, Roth and
Rother (2008) and Xu, Jia and Matsushita (2012), with a majority vote in place of their graph cuts.

References
----------
Lempitsky, Roth, Rother: FusionFlow: Discrete-Continuous Optimization for Optical Flow Estimation. CVPR
2008. doi:10.1109/CVPR.2008.4587751

Xu, Jia, Matsushita: Motion Detail Preserving Optical Flow Estimation. IEEE Transactions on Pattern
Analysis and Machine Intelligence 34(9), 2012. doi:10.1109/TPAMI.2011.236
"""

from __future__ import annotations

import math

import numpy as np

from twostream.flow.tv_l1.blocks import Floats
from twostream.flow.tv_l1.compilation import inlined, kernel

FUSED_SCALES = 3
"""Scales on which the flow that starts at zero is carried on and fused again."""

# Tuned on generated scenes; docs/optical-flow.md says how. The second flow is found by the same
# minimisation without the coarser scales' help, so that it often has the lower energy by a little.
_CLEARLY_LOWER = 0.7
_DATA_WEIGHT = 2.0  # times λ
_MAJORITY = 13  # of 5x5 pixels


@inlined
def _energies(
    energy: Floats,
    image0: Floats,
    image1: Floats,
    u1: Floats,
    u2: Floats,
    width: int,
    weight: float,
) -> None:
    """λ |I1(x + u) - I0(x)| + |∇u1| + |∇u2| at every pixel; no data term where x + u is outside."""
    height = image0.shape[0]
    for y in range(height):
        below = min(y + 1, height - 1)
        for x in range(width):
            right = min(x + 1, width - 1)
            a, b = u1[y, x], u2[y, x]
            e = math.hypot(u1[y, right] - a, u1[below, x] - a)
            e += math.hypot(u2[y, right] - b, u2[below, x] - b)
            across, down = x + a, y + b
            if 0 <= across <= width - 1 and 0 <= down <= height - 1:
                left, top = int(across), int(down)
                s, t = across - left, down - top
                next_x, next_y = min(left + 1, width - 1), min(top + 1, height - 1)
                upper = image1[top, left] + s * (image1[top, next_x] - image1[top, left])
                lower = image1[next_y, left] + s * (image1[next_y, next_x] - image1[next_y, left])
                e += weight * abs(upper + t * (lower - upper) - image0[y, x])
            energy[y, x] = e


@inlined
def _sums(source: Floats, target: Floats, reach: int, columns: Floats) -> None:
    """The sums of the windows of `reach` pixels to each side, of what of them is in the image.

    `columns` is scratch space for a row.
    """
    height, width = source.shape
    for y in range(height):
        columns[:] = 0
        for k in range(max(y - reach, 0), min(y + reach + 1, height)):
            for x in range(width):
                columns[x] += source[k, x]
        for x in range(width):
            total = np.float32(0)
            for k in range(max(x - reach, 0), min(x + reach + 1, width)):
                total += columns[k]
            target[y, x] = total


@kernel
def fuse(
    image0: Floats, image1: Floats, width: int,
    u1: Floats, u2: Floats, second1: Floats, second2: Floats, lambda_: float,
) -> None:  # fmt: skip
    """Put the second flow into `u1`, `u2` where its energy is clearly lower. All are `(height, stride)`."""
    shape = image0.shape[0], width
    energy, first, second = (
        np.empty(shape, np.float32),
        np.empty(shape, np.float32),
        np.empty(shape, np.float32),
    )
    columns = np.empty(width, np.float32)
    _energies(energy, image0, image1, u1, u2, width, _DATA_WEIGHT * lambda_)
    _sums(energy, first, 1, columns)
    _energies(energy, image0, image1, second1, second2, width, _DATA_WEIGHT * lambda_)
    _sums(energy, second, 1, columns)
    for y in range(shape[0]):
        for x in range(width):
            energy[y, x] = second[y, x] < _CLEARLY_LOWER * first[y, x]
    _sums(energy, first, 2, columns)
    for y in range(shape[0]):
        for x in range(width):
            if first[y, x] >= _MAJORITY:
                u1[y, x], u2[y, x] = second1[y, x], second2[y, x]
