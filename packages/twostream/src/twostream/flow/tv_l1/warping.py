"""Warping: image 1 and its gradient at x + u, and the data term linearised there.

Outside the image there is nothing: zero value and zero gradient, hence no data term, as in OpenCV.
"""

from __future__ import annotations

import numpy as np

from twostream.flow.tv_l1.blocks import BLOCK, N1, N2, OFFSET, REACH, Floats
from twostream.flow.tv_l1.compilation import inlined
from twostream.flow.tv_l1.texture import CHANNELS, MARGIN
from twostream.flow.tv_l1.vectors import (
    LANES,
    Lanes,
    even_lanes,
    floor,
    halves_added,
    load,
    maximum,
    minimum,
    odd_lanes,
    quarters_added,
    splat,
    square_root,
    store,
)

_SAMPLED = 7  # rows of positions in the scratch space, before what is found there
SCRATCH_ROWS = _SAMPLED + CHANNELS

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
def _positions(
    y: int, height: int, width: int, u1: Floats, u2: Floats, at: int, stride: int, ramp: Lanes,
    scratch: Floats,
) -> None:  # fmt: skip
    """Where one row of pixels looks in image 1, as seven rows of `scratch`.

    Left pixel, fraction in x, upper pixel, weights of the four rows of pixels. Positions farther
    outside than the cubic kernel reaches are all alike.
    """
    outside = splat(np.float32(-3))
    right, bottom = splat(np.float32(width + 1)), splat(np.float32(height + 1))
    row = splat(np.float32(y))
    for k in range(0, stride, LANES):
        x = ramp + splat(np.float32(k)) + load(u1, at + k)
        x = minimum(maximum(x, outside), right)
        left = floor(x)
        store(scratch, k, left)
        store(scratch, k + stride, x - left)
        down = minimum(maximum(row + load(u2, at + k), outside), bottom)
        top = floor(down)
        store(scratch, k + 2 * stride, top)
        weight0, weight1, weight2, weight3 = _row_weights(down - top)
        store(scratch, k + 3 * stride, weight0)
        store(scratch, k + 4 * stride, weight1)
        store(scratch, k + 5 * stride, weight2)
        store(scratch, k + 6 * stride, weight3)


@inlined
def _row_weights(t: Lanes) -> tuple[Lanes, Lanes, Lanes, Lanes]:
    """The cubic weights of four pixels for sixteen positions between the middle two."""
    one, a = splat(np.float32(1)), splat(np.float32(_A))
    from_right = one - t
    weight0 = a * t * from_right * from_right
    weight3 = a * t * t * from_right
    weight1 = one + t * t * (splat(np.float32(_A + 2)) * t - splat(np.float32(_A + 3)))
    return weight0, weight1, one - weight0 - weight1 - weight3, weight3


@inlined
def _sample(
    texture: Floats, row_floats: int, scratch: Floats, stride: int, x: int,
    c0: Lanes, c1: Lanes, c2: Lanes, c3: Lanes,
) -> Lanes:  # fmt: skip
    """Four weighted columns (I, Ix, Iy, 0) around the position of pixel `x`, yet to be added."""
    left = np.int64(np.int32(scratch[np.uint64(x)]))
    top = np.int64(np.int32(scratch[np.uint64(x + 2 * stride)]))
    at = (top + (MARGIN - 1)) * row_floats + (left + (MARGIN - 1)) * CHANNELS
    total = splat(scratch[np.uint64(x + 3 * stride)]) * load(texture, at)
    at += row_floats
    total = total + splat(scratch[np.uint64(x + 4 * stride)]) * load(texture, at)
    at += row_floats
    total = total + splat(scratch[np.uint64(x + 5 * stride)]) * load(texture, at)
    at += row_floats
    total = total + splat(scratch[np.uint64(x + 6 * stride)]) * load(texture, at)
    t = splat(scratch[np.uint64(x + stride)])
    return total * (c0 + t * (c1 + t * (c2 + t * c3)))


@inlined
def _sample_row(
    texture: Floats, row_floats: int, scratch: Floats, stride: int, cubic: Floats
) -> None:
    """I, Ix, Iy and 0 at the positions of one row, interleaved, behind the positions in `scratch`."""
    c0, c1 = load(cubic, 0), load(cubic, LANES)
    c2, c3 = load(cubic, 2 * LANES), load(cubic, 3 * LANES)
    to = _SAMPLED * stride
    for x in range(0, stride, 4):
        a = _sample(texture, row_floats, scratch, stride, x, c0, c1, c2, c3)
        b = _sample(texture, row_floats, scratch, stride, x + 1, c0, c1, c2, c3)
        c = _sample(texture, row_floats, scratch, stride, x + 2, c0, c1, c2, c3)
        d = _sample(texture, row_floats, scratch, stride, x + 3, c0, c1, c2, c3)
        store(scratch, to, quarters_added(halves_added(a, b), halves_added(c, d)))
        to += 4 * CHANNELS


@inlined
def _linearise(
    scratch: Floats, sampled: int, image: Floats, u1: Floats, u2: Floats, at: int,
    state: Floats, to: int, pull: Lanes, valid: Lanes,
) -> None:  # fmt: skip
    """The data term of sixteen pixels: ρ(u) = I1w + ∇I1w · (u - u0) - I0, in units of distance.

    Divided by the length of the gradient, ρ is the signed distance of u from the line on which the
    two images agree, and one step along the unit normal (n1, n2) reaches it.
    """
    first, second = load(scratch, sampled), load(scratch, sampled + LANES)
    third, fourth = load(scratch, sampled + 2 * LANES), load(scratch, sampled + 3 * LANES)
    low, high = even_lanes(first, second), even_lanes(third, fourth)
    warped, slope_y = even_lanes(low, high), odd_lanes(low, high) * valid
    slope_x = even_lanes(odd_lanes(first, second), odd_lanes(third, fourth)) * valid
    # The smallest gradient keeps flat regions finite; they move by nothing, for their reach is 0.
    length = square_root(slope_x * slope_x + slope_y * slope_y + splat(np.float32(1e-12)))
    inverse = splat(np.float32(1)) / length
    n1, n2 = slope_x * inverse, slope_y * inverse
    residual = (warped - load(image, at)) * valid * inverse
    store(state, to + N1, n1)
    store(state, to + N2, n2)
    store(state, to + OFFSET, residual - (n1 * load(u1, at) + n2 * load(u2, at)))
    store(state, to + REACH, pull * length)


@inlined
def warp_and_linearise(
    image: Floats, texture: Floats, u1: Floats, u2: Floats, state: Floats,
    height: int, width: int, stride: int, cubic: Floats, ramp: Lanes, valid: Lanes,
    pull: Lanes, scratch: Floats,
) -> None:  # fmt: skip
    """Warp image 1 with the flow and put the data term of every pixel into the state.

    `pull` is λθ, the largest step per grey level and pixel of gradient; `valid` has ones where the
    last block has pixels; `scratch` takes `SCRATCH_ROWS` rows.
    """
    row_floats = (width + 2 * MARGIN) * CHANNELS
    everywhere = splat(np.float32(1))
    to = 0
    for y in range(height):
        _positions(y, height, width, u1, u2, y * stride, stride, ramp, scratch)
        _sample_row(texture, row_floats, scratch, stride, cubic)
        for x in range(0, stride, LANES):
            inside = everywhere if x + LANES < stride else valid
            sampled = _SAMPLED * stride + x * CHANNELS
            at = y * stride + x
            _linearise(scratch, sampled, image, u1, u2, at, state, to, pull, inside)
            to += BLOCK
