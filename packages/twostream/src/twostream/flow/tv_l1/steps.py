"""The two halves of the iteration on one block of sixteen pixels, the second one in two stages."""

from __future__ import annotations

import numpy as np

from twostream.flow.tv_l1.blocks import N1, N2, OFFSET, P11, P12, P21, P22, REACH, U1, U2, Floats
from twostream.flow.tv_l1.compilation import inlined
from twostream.flow.tv_l1.vectors import (
    Lanes,
    clamped,
    load,
    rough_reciprocal,
    rough_reciprocal_sqrt,
    splat,
    store,
)

Ascent = tuple[Lanes, Lanes, Lanes, Lanes, Lanes, Lanes]
"""p + ∇u of both components, x and y each, and before them |∇u|² of both."""


@inlined
def primal(
    state: Floats, at: int, p11_left: Lanes, p21_left: Lanes, p12_above: Lanes, p22_above: Lanes,
    tau: Lanes, change: Lanes, measured: bool,
) -> tuple[Lanes, Lanes, Lanes]:  # fmt: skip
    """Update u of one block; return it and, where `measured`, `change` plus the squares of changes."""
    u1, u2 = load(state, at + U1), load(state, at + U2)
    n1, n2 = load(state, at + N1), load(state, at + N2)
    reach = load(state, at + REACH)
    distance = load(state, at + OFFSET) + n1 * u1 + n2 * u2
    step = clamped(distance, reach)
    divergence1 = load(state, at + P11) - p11_left + (load(state, at + P12) - p12_above)
    divergence2 = load(state, at + P21) - p21_left + (load(state, at + P22) - p22_above)
    new1 = u1 - step * n1 + tau * divergence1
    new2 = u2 - step * n2 + tau * divergence2
    store(state, at + U1, new1)
    store(state, at + U2, new2)
    if measured:
        change1, change2 = new1 - u1, new2 - u2
        change = change + change1 * change1 + change2 * change2
    return new1, new2, change


@inlined
def nothing_ascended() -> Ascent:
    """What stands for an ascent before there is one."""
    zero = splat(np.float32(0))
    return zero, zero, zero, zero, zero, zero


@inlined
def ascended(state: Floats, at: int, u1_x: Lanes, u1_y: Lanes, u2_x: Lanes, u2_y: Lanes) -> Ascent:
    """The first stage of the update of p of one block, from the gradient of u."""
    smallest = splat(np.float32(1e-30))  # keeps the estimate finite
    square1 = smallest + u1_y * u1_y + u1_x * u1_x
    square2 = smallest + u2_y * u2_y + u2_x * u2_x
    p11, p12 = load(state, at + P11) + u1_x, load(state, at + P12) + u1_y
    p21, p22 = load(state, at + P21) + u2_x, load(state, at + P22) + u2_y
    return square1, square2, p11, p12, p21, p22


@inlined
def bound(state: Floats, at: int, ascent: Ascent) -> None:
    """The second stage: p of the block at `at`, brought back within its bound.

    With r = 1 / |∇u|, 1 / (1 + |∇u|) is 1 - 1 / (r + 1). Estimates are enough for both: they scale the
    bound of |p| by less than 8e-4, and leave p as it is where the gradient vanishes.
    """
    square1, square2, p11, p12, p21, p22 = ascent
    one = splat(np.float32(1))
    less1 = rough_reciprocal(rough_reciprocal_sqrt(square1) + one)
    less2 = rough_reciprocal(rough_reciprocal_sqrt(square2) + one)
    store(state, at + P11, p11 - p11 * less1)
    store(state, at + P12, p12 - p12 * less1)
    store(state, at + P21, p21 - p21 * less2)
    store(state, at + P22, p22 - p22 * less2)
