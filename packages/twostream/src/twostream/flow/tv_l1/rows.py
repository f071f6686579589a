"""One iteration on a part of a row: the blocks from `first` up to `end`.

u is updated in those blocks. p is one block behind, for it needs the u of the block to the right: it is
updated from the block before `first` on, up to the last one but one; in the row's last part up to the
end. So parts of a row may be worked on from left to right, whatever is done between them.

The two stages of the dual update are a block apart where the processor has registers enough: a chain of
some sixty cycles from u to p becomes three short ones, side by side, which a processor can look ahead of.
"""

from __future__ import annotations

import numpy as np

from twostream.flow.tv_l1.blocks import BLOCK, P11, P12, P21, P22, U1, U2, Floats
from twostream.flow.tv_l1.compilation import inlined
from twostream.flow.tv_l1.steps import ascended, bound, nothing_ascended, primal
from twostream.flow.tv_l1.vectors import (
    HAS_PERMUTES,
    Lanes,
    left_neighbours,
    load,
    prefetch,
    right_neighbours,
    splat,
    total,
)

STAGED = HAS_PERMUTES  # with AVX-512 there are 32 registers that hold a value each


@inlined
def first_row(state: Floats, first: int, end: int, tau: Lanes, measured: bool) -> float:
    """Update u of row 0, above which p is zero; return the sum of squared changes."""
    zero = splat(np.float32(0))
    p11_before, p21_before, change = zero, zero, zero
    if first > 0:
        before = (first - 1) * BLOCK
        p11_before, p21_before = load(state, before + P11), load(state, before + P21)
    for at in range(first * BLOCK, end * BLOCK, BLOCK):
        p11, p21 = load(state, at + P11), load(state, at + P21)
        left1, left2 = left_neighbours(p11_before, p11), left_neighbours(p21_before, p21)
        _, _, change = primal(state, at, left1, left2, zero, zero, tau, change, measured)
        p11_before, p21_before = p11, p21
    return total(change) if measured else 0.0


@inlined
def row(
    state: Floats, above: int, first: int, end: int, blocks: int, inner: Lanes, tau: Lanes,
    measured: bool, ahead: int,
) -> float:  # fmt: skip
    """Update u of one row and p of the row `above`; return the sum of squared changes.

    `inner` is zero in the last column and beyond, where the gradient in x is zero. The cache line at
    `ahead`, and the one at its place in each block that follows, is asked for; none if it is negative.
    """
    change = splat(np.float32(0))
    row_floats = blocks * BLOCK
    above += max(first - 1, 0) * BLOCK
    here = above + row_floats
    p11_before, p21_before = load(state, here + P11), load(state, here + P21)
    if first == 0:
        left1, left2 = left_neighbours(change, p11_before), left_neighbours(change, p21_before)
        above1, above2 = load(state, above + P12), load(state, above + P22)
        down1, down2, change = primal(
            state, here, left1, left2, above1, above2, tau, change, measured
        )
    else:
        down1, down2 = load(state, here + U1), load(state, here + U2)
    u1, u2 = load(state, above + U1), load(state, above + U2)
    ascent = nothing_ascended()
    following = end - max(first, 1)
    for k in range(following):
        if ahead >= 0:
            prefetch(state, ahead)
            ahead += BLOCK
        if STAGED and k > 0:
            bound(state, above - BLOCK, ascent)
        next1, next2 = load(state, above + BLOCK + U1), load(state, above + BLOCK + U2)
        u1_x, u2_x = right_neighbours(u1, next1) - u1, right_neighbours(u2, next2) - u2
        ascent = ascended(state, above, u1_x, down1 - u1, u2_x, down2 - u2)
        if not STAGED:
            bound(state, above, ascent)
        u1, u2 = next1, next2
        above += BLOCK
        here += BLOCK
        p11_here, p21_here = load(state, here + P11), load(state, here + P21)
        left1 = left_neighbours(p11_before, p11_here)
        left2 = left_neighbours(p21_before, p21_here)
        above1, above2 = load(state, above + P12), load(state, above + P22)
        down1, down2, change = primal(
            state, here, left1, left2, above1, above2, tau, change, measured
        )
        p11_before, p21_before = p11_here, p21_here
    if STAGED and following > 0:
        bound(state, above - BLOCK, ascent)
    if end == blocks:
        u1_x = (right_neighbours(u1, u1) - u1) * inner
        u2_x = (right_neighbours(u2, u2) - u2) * inner
        bound(state, above, ascended(state, above, u1_x, down1 - u1, u2_x, down2 - u2))
    return total(change) if measured else 0.0


@inlined
def last_row(state: Floats, at: int, first: int, end: int, blocks: int, inner: Lanes) -> None:
    """Update p of the last row, where the gradient in y is zero."""
    zero = splat(np.float32(0))
    at += max(first - 1, 0) * BLOCK
    u1, u2 = load(state, at + U1), load(state, at + U2)
    for _ in range(end - max(first, 1)):
        next1, next2 = load(state, at + BLOCK + U1), load(state, at + BLOCK + U2)
        u1_x, u2_x = right_neighbours(u1, next1) - u1, right_neighbours(u2, next2) - u2
        bound(state, at, ascended(state, at, u1_x, zero, u2_x, zero))
        u1, u2 = next1, next2
        at += BLOCK
    if end == blocks:
        u1_x = (right_neighbours(u1, u1) - u1) * inner
        u2_x = (right_neighbours(u2, u2) - u2) * inner
        bound(state, at, ascended(state, at, u1_x, zero, u2_x, zero))


@inlined
def row_upward(
    state: Floats, here: int, first: int, end: int, blocks: int, is_top: bool, is_bottom: bool,
    inner: Lanes, tau: Lanes, measured: bool, ahead: int,
) -> float:  # fmt: skip
    """Update u and p of one row, the row below being done; return the sum of squared changes."""
    zero = splat(np.float32(0))
    change = zero
    row_floats = blocks * BLOCK
    here += max(first - 1, 0) * BLOCK
    above = here - row_floats
    # The last row is its own neighbour, so that its gradient in y is zero.
    below = here if is_bottom else here + row_floats
    p11_before, p21_before = load(state, here + P11), load(state, here + P21)
    if first == 0:
        left1, left2 = left_neighbours(zero, p11_before), left_neighbours(zero, p21_before)
        above1 = zero if is_top else load(state, above + P12)
        above2 = zero if is_top else load(state, above + P22)
        u1, u2, change = primal(state, here, left1, left2, above1, above2, tau, change, measured)
    else:
        u1, u2 = load(state, here + U1), load(state, here + U2)
    ascent = nothing_ascended()
    following = end - max(first, 1)
    for k in range(following):
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
        next1, next2, change = primal(
            state, there, left1, left2, above1, above2, tau, change, measured
        )
        p11_before, p21_before = p11_there, p21_there
        if STAGED and k > 0:
            bound(state, here - BLOCK, ascent)
        u1_x, u2_x = right_neighbours(u1, next1) - u1, right_neighbours(u2, next2) - u2
        u1_y, u2_y = load(state, below + U1) - u1, load(state, below + U2) - u2
        ascent = ascended(state, here, u1_x, u1_y, u2_x, u2_y)
        if not STAGED:
            bound(state, here, ascent)
        u1, u2 = next1, next2
        here = there
        below += BLOCK
    if STAGED and following > 0:
        bound(state, here - BLOCK, ascent)
    if end == blocks:
        u1_x = (right_neighbours(u1, u1) - u1) * inner
        u2_x = (right_neighbours(u2, u2) - u2) * inner
        u1_y, u2_y = load(state, below + U1) - u1, load(state, below + U2) - u2
        bound(state, here, ascended(state, here, u1_x, u1_y, u2_x, u2_y))
    return total(change) if measured else 0.0
