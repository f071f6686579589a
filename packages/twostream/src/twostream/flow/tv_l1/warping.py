"""Warping: image 1 and its gradient at x + u, and the data term linearised there.

Outside the image there is nothing: zero value and zero gradient, hence no data term, as in OpenCV.
"""

from __future__ import annotations

import numpy as np

from twostream.flow.tv_l1 import interleaved, planar
from twostream.flow.tv_l1.blocks import BLOCK, N1, N2, OFFSET, REACH, U1, U2, Floats
from twostream.flow.tv_l1.compilation import inlined
from twostream.flow.tv_l1.vectors import (
    HAS_PERMUTES,
    LANES,
    Lanes,
    load,
    reciprocal_sqrt,
    splat,
    store,
)

SCRATCH_ROWS = planar.SCRATCH_ROWS if HAS_PERMUTES else interleaved.SCRATCH_ROWS
sample_row = planar.sample_row if HAS_PERMUTES else interleaved.sample_row
sampled = planar.sampled if HAS_PERMUTES else interleaved.sampled


@inlined
def _linearise(
    warped: Lanes, slope_x: Lanes, slope_y: Lanes, here: Lanes, u1: Lanes, u2: Lanes,
    state: Floats, to: int, pull: Lanes, valid: Lanes, per_pixel: Lanes,
) -> None:  # fmt: skip
    """The data term of sixteen pixels: ρ(u) = I1w + ∇I1w · (u - u0) - I0, in units of distance.

    Divided by the length of the gradient, ρ is the signed distance of u from the line on which the
    two images agree, and one step along the unit normal (n1, n2) reaches it.
    """
    slope_x, slope_y = slope_x * valid, slope_y * valid
    # The smallest gradient keeps flat regions finite; they move by nothing, for their reach is 0.
    square = slope_x * slope_x + slope_y * slope_y + splat(np.float32(1e-12))
    inverse = reciprocal_sqrt(square)
    n1, n2 = slope_x * inverse, slope_y * inverse
    residual = (warped - here) * valid * inverse * per_pixel
    store(state, to + N1, n1)
    store(state, to + N2, n2)
    store(state, to + OFFSET, residual - (n1 * u1 + n2 * u2))
    store(state, to + REACH, pull * square * inverse)


@inlined
def warp_row(
    image: Floats, texture: Floats, state: Floats, y: int, height: int, width: int, stride: int,
    cubic: Floats, ramp: Lanes, valid: Lanes, pull: Lanes, per_pixel: Lanes, pixels: Lanes,
    scratch: Floats, upward: bool,
) -> None:  # fmt: skip
    """Warp image 1 with the flow in the state, and put the data term of row `y` there.

    `pull` is the largest step per grey level and pixel of gradient, λθ times `per_pixel`, how many units
    of the state make a pixel; `pixels` is what a unit is; `valid` has ones where the
    last block has pixels; `scratch` takes `SCRATCH_ROWS` rows. `upward` says whether the row above is next.
    """
    everywhere = splat(np.float32(1))
    at = y * (stride // LANES) * BLOCK
    # By itself, not with what follows: a processor looks ahead by little more than one block of it.
    sample_row(texture, y, height, width, state, at, stride, ramp, cubic, pixels, scratch, upward)
    for x in range(0, stride, LANES):
        inside = everywhere if x + LANES < stride else valid
        u1, u2 = load(state, at + U1), load(state, at + U2)
        warped, slope_x, slope_y = sampled(scratch, stride, x)
        here = load(image, y * stride + x)
        _linearise(warped, slope_x, slope_y, here, u1, u2, state, at, pull, inside, per_pixel)
        at += BLOCK
