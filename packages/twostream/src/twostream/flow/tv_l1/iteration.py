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
one follows, which then finds all but one of the rows that it needs in the first-level cache. Where rows
are too long for that, all iterations of the wave take a part of these rows, and then the part to the right
of it, each a block behind the one before. Where the whole image does not fit the second-level cache, the
rows behind the first ask for those that it reaches next, a cache line of each block in turn, so that it
need not wait for memory.

The other way round, from the last row to the first, row y of u still needs p of rows y and y - 1 as they
were, and row y of p the new u of rows y and y + 1, so that both are of one row. This takes a little
longer, but where the image does not fit the cache, a wave that turns back finds there what the one before
it has left.
"""

from __future__ import annotations

from twostream.flow.tv_l1.blocks import BLOCK, Floats
from twostream.flow.tv_l1.compilation import inlined
from twostream.flow.tv_l1.rows import first_row, last_row, row, row_upward
from twostream.flow.tv_l1.vectors import LANES, Lanes

CACHED_FLOATS = 384 * 1024  # a state that second-level caches may hold: no row need be asked for
NEAR_FLOATS = 12 * 1024  # a first-level cache
_FEW = 2  # a wave of no more iterations gains nothing from being in that one


@inlined
def _part_blocks(blocks: int, rows: int, count: int) -> int:
    """How many blocks of so many rows to work on at once, so that all iterations find them near."""
    most = max(1, NEAR_FLOATS // (BLOCK * (rows + 1)))
    if blocks <= most or count <= _FEW:
        return blocks + count
    reached = blocks + count - 1
    parts = (reached + most - 1) // most
    return (reached + parts - 1) // parts


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
    part = _part_blocks(blocks, end - begin, count)
    last = before = 0.0
    for right in range(part, blocks + count + part - 1, part):
        for k in range(max(0, begin - height), min(count, end)):
            # What is right of this part for one iteration is left for the next one, a block more each.
            first, stop = max(right - part - k, 0), min(right - k, blocks)
            if first >= stop:
                continue
            measured = k >= count - 2
            changed = 0.0
            for front in range(max(begin, k), min(end, height + k + 1)):
                y = front - k
                ahead = -1
                next_row = front + end - begin
                if asked and 0 < k <= BLOCK // LANES and next_row < height:
                    next_row = height - 1 - next_row if upward else next_row
                    ahead = next_row * row_floats + first * BLOCK + (k - 1) * LANES
                if upward and y < height - 1:
                    y = height - 1 - y
                    changed += row_upward(
                        state, y * row_floats, first, stop, blocks, False, y == height - 1,
                        inner, tau, measured, ahead,
                    )  # fmt: skip
                elif upward and y == height - 1:
                    changed += row_upward(
                        state, 0, first, stop, blocks, True, height == 1, inner, tau, measured, -1
                    )
                elif upward:
                    pass
                elif y == 0:
                    changed += first_row(state, first, stop, tau, measured)
                elif y < height:
                    above = (y - 1) * row_floats
                    changed += row(state, above, first, stop, blocks, inner, tau, measured, ahead)
                else:
                    at = (height - 1) * row_floats
                    last_row(state, at, first, stop, blocks, inner)
            if k == count - 1:
                last += changed
            else:
                before += changed
    return last, before
