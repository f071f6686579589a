"""The primal-dual iteration: one pass over the image for both halves of it, several in flight.

One iteration of Zach, Pock and Bischof, for both components d of the flow:

    v  = u - clamp(ρ(u) / |∇I1|, ±λθ |∇I1|) ∇I1 / |∇I1|        pointwise, the data term
    u  = v + θ div p                                          total variation, primal
    p  = (p + τ/θ ∇u) / (1 + τ/θ |∇u|)                         total variation, dual

The state has τ/θ u in the place of u, and distances in the same unit. With that the last two are
u = v + τ div p and p = (p + ∇u) / (1 + |∇u|).

`div` takes backward and `∇` forward differences. Row y of u needs p of rows y and y - 1 as they
were; row y - 1 of p then needs the new u of rows y - 1 and y. So one pass down the image does both,
the dual variables one row behind, in place.

Of the next iteration, row y can follow as soon as this one is done with row y + 1. Several
iterations therefore run down the image as a wave, each a row behind the one before, while those rows
are in the cache; the result is the same to the last bit. Each takes a few rows at once before the next
one follows, which then finds all but one of the rows that it needs in the first-level cache. Where the
whole image does not fit the second one, the rows behind the first ask for those that it reaches next, a
cache line of each block in turn, so that it need not wait for memory.

The other way round, from the last row to the first, row y of u still needs p of rows y and y - 1 as they
were, and row y of p the new u of rows y and y + 1, so that both are of one row. This takes a little
longer, but where the image does not fit the cache, a wave that turns back finds there what the one before
it has left.
"""

from __future__ import annotations

import numpy as np

from twostream.flow.tv_l1.blocks import (
    BLOCK,
    N1,
    N2,
    OFFSET,
    P11,
    P12,
    P21,
    P22,
    REACH,
    U1,
    U2,
    Floats,
)  # fmt: skip
from twostream.flow.tv_l1.compilation import inlined
from twostream.flow.tv_l1.vectors import (
    LANES,
    Lanes,
    clamped,
    left_neighbours,
    load,
    prefetch,
    right_neighbours,
    rough_reciprocal,
    rough_reciprocal_sqrt,
    splat,
    store,
    total,
)

CACHED_FLOATS = 384 * 1024  # a state that second-level caches may hold: no row need be asked for


@inlined
def _primal(
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
def _dual(
    state: Floats, at: int, u1_x: Lanes, u1_y: Lanes, u2_x: Lanes, u2_y: Lanes,
    p12: Lanes, p22: Lanes,
) -> None:  # fmt: skip
    """Update p of one block from the gradient of u.

    With r = 1 / |∇u|, 1 / (1 + |∇u|) is 1 - 1 / (r + 1). Estimates are enough for both: they scale the
    bound of |p| by less than 8e-4, and leave p as it is where the gradient vanishes.
    """
    one = splat(np.float32(1))
    smallest = splat(np.float32(1e-30))  # keeps the estimate finite
    square1 = smallest + u1_y * u1_y + u1_x * u1_x
    square2 = smallest + u2_y * u2_y + u2_x * u2_x
    less1 = rough_reciprocal(rough_reciprocal_sqrt(square1) + one)
    less2 = rough_reciprocal(rough_reciprocal_sqrt(square2) + one)
    p11, p12 = load(state, at + P11) + u1_x, p12 + u1_y
    p21, p22 = load(state, at + P21) + u2_x, p22 + u2_y
    store(state, at + P11, p11 - p11 * less1)
    store(state, at + P12, p12 - p12 * less1)
    store(state, at + P21, p21 - p21 * less2)
    store(state, at + P22, p22 - p22 * less2)


@inlined
def _first_row(state: Floats, blocks: int, tau: Lanes, measured: bool) -> float:
    """Update u of row 0, above which p is zero; return the sum of squared changes."""
    zero = splat(np.float32(0))
    p11_before, p21_before, change = zero, zero, zero
    for at in range(0, blocks * BLOCK, BLOCK):
        p11, p21 = load(state, at + P11), load(state, at + P21)
        left1, left2 = left_neighbours(p11_before, p11), left_neighbours(p21_before, p21)
        _, _, change = _primal(state, at, left1, left2, zero, zero, tau, change, measured)
        p11_before, p21_before = p11, p21
    changed: float = total(change)
    return changed


@inlined
def _row(
    state: Floats, above: int, blocks: int, inner: Lanes, tau: Lanes, measured: bool,
    ahead: int,
) -> float:  # fmt: skip
    """Update u of one row and p of the row `above`; return the sum of squared changes.

    `inner` is zero in the last column and beyond, where the gradient in x is zero. The cache line at
    `ahead`, and the one at its place in each block that follows, is asked for; none if it is negative.
    """
    zero = splat(np.float32(0))
    p11_before, p21_before, change = zero, zero, zero
    u1, u2 = load(state, above + U1), load(state, above + U2)
    here = above + blocks * BLOCK
    for _ in range(blocks - 1):
        if ahead >= 0:
            prefetch(state, ahead)
            ahead += BLOCK
        p12, p22 = load(state, above + P12), load(state, above + P22)
        p11_here, p21_here = load(state, here + P11), load(state, here + P21)
        left1 = left_neighbours(p11_before, p11_here)
        left2 = left_neighbours(p21_before, p21_here)
        down1, down2, change = _primal(state, here, left1, left2, p12, p22, tau, change, measured)
        p11_before, p21_before = p11_here, p21_here
        next1, next2 = load(state, above + BLOCK + U1), load(state, above + BLOCK + U2)
        u1_x, u2_x = right_neighbours(u1, next1) - u1, right_neighbours(u2, next2) - u2
        _dual(state, above, u1_x, down1 - u1, u2_x, down2 - u2, p12, p22)
        u1, u2 = next1, next2
        above += BLOCK
        here += BLOCK
    p12, p22 = load(state, above + P12), load(state, above + P22)
    left1 = left_neighbours(p11_before, load(state, here + P11))
    left2 = left_neighbours(p21_before, load(state, here + P21))
    down1, down2, change = _primal(state, here, left1, left2, p12, p22, tau, change, measured)
    u1_x = (right_neighbours(u1, u1) - u1) * inner
    u2_x = (right_neighbours(u2, u2) - u2) * inner
    _dual(state, above, u1_x, down1 - u1, u2_x, down2 - u2, p12, p22)
    changed: float = total(change)
    return changed


@inlined
def _last_row(state: Floats, at: int, blocks: int, inner: Lanes) -> None:
    """Update p of the last row, where the gradient in y is zero."""
    zero = splat(np.float32(0))
    u1, u2 = load(state, at + U1), load(state, at + U2)
    for _ in range(blocks - 1):
        p12, p22 = load(state, at + P12), load(state, at + P22)
        next1, next2 = load(state, at + BLOCK + U1), load(state, at + BLOCK + U2)
        u1_x, u2_x = right_neighbours(u1, next1) - u1, right_neighbours(u2, next2) - u2
        _dual(state, at, u1_x, zero, u2_x, zero, p12, p22)
        u1, u2 = next1, next2
        at += BLOCK
    p12, p22 = load(state, at + P12), load(state, at + P22)
    u1_x = (right_neighbours(u1, u1) - u1) * inner
    u2_x = (right_neighbours(u2, u2) - u2) * inner
    _dual(state, at, u1_x, zero, u2_x, zero, p12, p22)


@inlined
def _row_upward(
    state: Floats, here: int, blocks: int, is_top: bool, is_bottom: bool, inner: Lanes, tau: Lanes,
    measured: bool, ahead: int,
) -> float:  # fmt: skip
    """Update u and p of one row, the row below being done; return the sum of squared changes."""
    zero = splat(np.float32(0))
    row_floats = blocks * BLOCK
    above = here - row_floats
    # The last row is its own neighbour, so that its gradient in y is zero.
    below = here if is_bottom else here + row_floats
    p11_before, p21_before = load(state, here + P11), load(state, here + P21)
    left1, left2 = left_neighbours(zero, p11_before), left_neighbours(zero, p21_before)
    above1 = zero if is_top else load(state, above + P12)
    above2 = zero if is_top else load(state, above + P22)
    u1, u2, change = _primal(state, here, left1, left2, above1, above2, tau, zero, measured)
    for _ in range(blocks - 1):
        if ahead >= 0:
            prefetch(state, ahead)
            ahead += BLOCK
        above += BLOCK
        there = here + BLOCK
        p11_there, p21_there = load(state, there + P11), load(state, there + P21)
        left1 = left_neighbours(p11_before, p11_there)
        left2 = left_neighbours(p21_before, p21_there)
        above1 = zero if is_top else load(state, above + P12)
        above2 = zero if is_top else load(state, above + P22)
        next1, next2, change = _primal(
            state, there, left1, left2, above1, above2, tau, change, measured
        )
        p11_before, p21_before = p11_there, p21_there
        u1_x, u2_x = right_neighbours(u1, next1) - u1, right_neighbours(u2, next2) - u2
        u1_y, u2_y = load(state, below + U1) - u1, load(state, below + U2) - u2
        p12, p22 = load(state, here + P12), load(state, here + P22)
        _dual(state, here, u1_x, u1_y, u2_x, u2_y, p12, p22)
        u1, u2 = next1, next2
        here = there
        below += BLOCK
    u1_x = (right_neighbours(u1, u1) - u1) * inner
    u2_x = (right_neighbours(u2, u2) - u2) * inner
    u1_y, u2_y = load(state, below + U1) - u1, load(state, below + U2) - u2
    p12, p22 = load(state, here + P12), load(state, here + P22)
    _dual(state, here, u1_x, u1_y, u2_x, u2_y, p12, p22)
    changed: float = total(change)
    return changed


@inlined
def advance(
    state: Floats, begin: int, end: int, height: int, blocks: int, inner: Lanes, tau: Lanes,
    count: int, upward: bool,
) -> tuple[float, float]:  # fmt: skip
    """Take a wave of `count` iterations on: its first one by the rows from `begin` to `end`.

    Rows are counted from the bottom where it goes `upward`. Returns what this adds to the sums of squared
    changes of the last iteration and of the one before. A wave is done when its first iteration has been
    everywhere in `range(height + count)`, of which the last `count` are beyond the image.
    """
    row_floats = blocks * BLOCK
    asked = height * row_floats > CACHED_FLOATS
    last = before = 0.0
    for k in range(max(0, begin - height), min(count, end)):
        measured = k >= count - 2
        changed = 0.0
        for front in range(max(begin, k), min(end, height + k + 1)):
            y = front - k
            ahead = -1
            next_row = front + end - begin
            if asked and 0 < k <= BLOCK // LANES and next_row < height:
                next_row = height - 1 - next_row if upward else next_row
                ahead = next_row * row_floats + (k - 1) * LANES
            if upward and y < height:
                y = height - 1 - y
                changed += _row_upward(
                    state,
                    y * row_floats,
                    blocks,
                    y == 0,
                    y == height - 1,
                    inner,
                    tau,
                    measured,
                    ahead,
                )
            elif upward:
                pass
            elif y == 0:
                changed += _first_row(state, blocks, tau, measured)
            elif y < height:
                above = (y - 1) * row_floats
                changed += _row(state, above, blocks, inner, tau, measured, ahead)
            else:
                _last_row(state, (height - 1) * row_floats, blocks, inner)
        if k == count - 1:
            last += changed
        else:
            before += changed
    return last, before
