"""The bicubic kernel: how much each of four neighbouring pixels counts between the middle two."""

from __future__ import annotations

import numpy as np

from twostream.flow.tv_l1.blocks import Floats
from twostream.flow.tv_l1.compilation import inlined
from twostream.flow.tv_l1.texture import CHANNELS
from twostream.flow.tv_l1.vectors import LANES, Lanes, splat

_A = -0.75  # the slope that OpenCV's bicubic kernel has; Catmull-Rom would be -0.5


def cubic_coefficients() -> Floats:
    """Weights of four neighbouring pixels as polynomials of the position between the middle two.

    Float32, four powers times sixteen lanes: lane 4 k + c belongs to pixel k, channel c.

    >>> cubic_coefficients().reshape(4, 4, 4)[:, :, 0].sum(axis=1).tolist()  # weights sum to one
    [1.0, 0.0, 0.0, 0.0]
    """
    by_pixel = [
        [0, _A, -2 * _A, _A],
        [1, 0, -(_A + 3), _A + 2],
        [0, -_A, 2 * _A + 3, -(_A + 2)],
        [0, 0, _A, -_A],
    ]
    return np.repeat(np.array(by_pixel, np.float32), CHANNELS, axis=0).T.flatten()


@inlined
def row_weights(t: Lanes) -> tuple[Lanes, Lanes, Lanes, Lanes]:
    """The cubic weights of four pixels for sixteen positions between the middle two."""
    one, a = splat(np.float32(1)), splat(np.float32(_A))
    from_right = one - t
    weight0 = a * t * from_right * from_right
    weight3 = a * t * t * from_right
    weight1 = one + t * t * (splat(np.float32(_A + 2)) * t - splat(np.float32(_A + 3)))
    return weight0, weight1, one - weight0 - weight1 - weight3, weight3


@inlined
def column_weights(cubic: Floats, t: Lanes) -> tuple[Lanes, Lanes, Lanes, Lanes]:
    """The cubic weights of four pixels in x, each as the polynomial that `cubic_coefficients` has."""
    weight0 = _polynomial(cubic, 0, t)
    weight1 = _polynomial(cubic, CHANNELS, t)
    weight2 = _polynomial(cubic, 2 * CHANNELS, t)
    return weight0, weight1, weight2, _polynomial(cubic, 3 * CHANNELS, t)


@inlined
def _polynomial(cubic: Floats, pixel: int, t: Lanes) -> Lanes:
    c0, c1 = splat(cubic[np.uint64(pixel)]), splat(cubic[np.uint64(pixel + LANES)])
    c2 = splat(cubic[np.uint64(pixel + 2 * LANES)])
    c3 = splat(cubic[np.uint64(pixel + 3 * LANES)])
    return c0 + t * (c1 + t * (c2 + t * c3))
