"""How the state of the iteration lies in memory.

An image row is cut into blocks of `LANES` pixels. A block holds ten vectors one after the other: the
flow, its dual variables and the linearised data term of the same sixteen pixels. An iteration thus
reads one stream of memory front to back, at constant offsets from one pointer; ten separate images
would be ten streams whose addresses collide in the cache.

Flow and distances are in units of θ/τ pixels here, which saves products in every iteration.

Lanes beyond the image's width are zero and stay zero.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twostream.flow.tv_l1.compilation import inlined
from twostream.flow.tv_l1.vectors import LANES, Lanes, load, splat, store

Floats = NDArray[np.float32]

U1, U2 = 0 * LANES, 1 * LANES  # flow
P11, P12 = 2 * LANES, 3 * LANES  # dual variable of u1: x and y component
P21, P22 = 4 * LANES, 5 * LANES  # dual variable of u2
N1, N2 = 6 * LANES, 7 * LANES  # unit normal of the line on which the images agree
OFFSET = 8 * LANES  # signed distance of u = 0 from that line
REACH = 9 * LANES  # how far the data term can move u in one step
BLOCK = 10 * LANES


def padded(width: int) -> int:
    """The floats of a row of `width` pixels in whole blocks.

    >>> padded(16), padded(17)
    (16, 32)
    """
    return -(-width // LANES) * LANES


@inlined
def get_plane(plane: Floats, state: Floats, field: int, factor: Lanes) -> None:
    """Copy one field of the state, times `factor`, to an image with padded rows."""
    at = field
    for x in range(0, plane.size, LANES):
        store(plane, x, factor * load(state, at))
        at += BLOCK


@inlined
def begin(state: Floats, plane1: Floats, plane2: Floats, factor: Lanes) -> None:
    """Put a flow, two images with padded rows, times `factor` into the state; set its dual to zero."""
    zero = splat(np.float32(0))
    x = 0
    for at in range(0, state.size, BLOCK):
        store(state, at + U1, factor * load(plane1, x))
        store(state, at + U2, factor * load(plane2, x))
        store(state, at + P11, zero)
        store(state, at + P12, zero)
        store(state, at + P21, zero)
        store(state, at + P22, zero)
        x += LANES
