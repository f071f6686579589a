"""TV-L1 on one scale: warps, median filtering and the iteration with its stopping rule."""

from __future__ import annotations

import math

import numpy as np

from twostream.flow.tv_l1.blocks import BLOCK, U1, U2, Floats, begin, get_plane
from twostream.flow.tv_l1.compilation import inlined, kernel
from twostream.flow.tv_l1.iteration import CACHED_FLOATS, NEAR_FLOATS, advance
from twostream.flow.tv_l1.median import columns_floats, filter_rows, kept_floats
from twostream.flow.tv_l1.vectors import LANES, load, splat
from twostream.flow.tv_l1.warping import SCRATCH_ROWS, warp_row

LONGEST_WAVE = 12
_WAVE_BYTES = 384 * 1024  # rows in flight should fit beside other things in the second-level cache
_LEAST_ROWS, _MOST_ROWS = 3, 4


def longest_wave(blocks: int) -> int:
    """How many iterations may be in flight on rows of that many blocks.

    >>> longest_wave(20), longest_wave(120), longest_wave(10_000)
    (12, 4, 1)
    """
    return max(1, min(LONGEST_WAVE, _WAVE_BYTES // (4 * BLOCK * blocks) - 1))


def rows_at_once(blocks: int) -> int:
    """How many rows of that many blocks an iteration takes before the next one follows.

    Those and the one above them are what the first-level cache should hold; of longer ones a part.

    >>> rows_at_once(9), rows_at_once(16), rows_at_once(35)
    (4, 3, 3)
    """
    return max(_LEAST_ROWS, min(_MOST_ROWS, NEAR_FLOATS // (BLOCK * blocks) - 1))


def solver_scratch_floats(stride: int) -> int:
    """The length of `solve_scale`'s scratch space."""
    return 2 * kept_floats(stride) + columns_floats(stride) + SCRATCH_ROWS * stride


@inlined
def _next_count(done: int, first: int, before: float, after: float, longest: int) -> int:
    """How many iterations to run before looking at the change again, `done` of them behind it.

    A wave cannot stop in its middle, so it should end before the change is expected to fall below 1.
    The `first` wave knows nothing of it. Later, the change falls about as the power -1.25 of the iterations
    done, but not for much longer than it would if it fell geometrically as it last did, from `before`
    to `after`.
    """
    if done == 0:
        expected = float(first)
    else:
        expected = 1.2 * done * (after**0.8 - 1)
        if done > 1 and before > 1.0001 * after:
            expected = min(expected, 2 * math.log(after) / math.log(before / after))
    return max(1, min(longest, int(expected)))


@kernel
def solve_scale(
    image: Floats, texture: Floats, u1: Floats, u2: Floats, state: Floats, height: int, width: int,
    constants: Floats, scratch: Floats, longest: int, band: int,
    tau: float, lambda_: float, theta: float, warps: int, epsilon: float,
    inner_iterations: int, outer_iterations: int, median: int,
) -> tuple[int, int]:  # fmt: skip
    """Improve the flow `u1`, `u2` from `image` to the image in `texture`, in place.

    Images have padded rows and are flat. Returns how many iterations and median filterings it took. A
    wave has at most `longest` iterations, each of which takes `band` rows at once.

    Warping and the median filter go down the image with the wave that follows them, so that its rows
    come from memory once for all three.
    """
    cubic = constants[: 4 * LANES]
    ramp, valid, inner = load(constants, 64), load(constants, 80), load(constants, 96)
    tau_lanes = splat(np.float32(tau))
    per_pixel, pixels = splat(np.float32(tau / theta)), splat(np.float32(theta / tau))
    pull = splat(np.float32(lambda_ * tau))
    stride = image.size // height
    blocks = stride // LANES
    kept = kept_floats(stride)
    rows1, rows2, rest = scratch[:kept], scratch[kept : 2 * kept], scratch[2 * kept :]
    columns, positions = rest[: columns_floats(stride)], rest[columns_floats(stride) :]
    threshold = (epsilon * tau / theta) ** 2 * height * width
    iterations = medians = 0
    begin(state, u1, u2, per_pixel)
    # Each wave begins where the one before it has ended, whose rows may still be in the cache.
    upward = turning = state.size > CACHED_FLOATS
    usual = inner_iterations
    for _ in range(warps):
        # Mean square change of the flow over epsilon squared: the iteration ends at 1.
        change, outer = math.inf, 0
        while change > 1 and outer < outer_iterations:
            # Nearly all warps need more than a third of what the one before them needed.
            first = usual // 3 if outer == 0 else usual // 8
            done = 0
            before = 0.0
            while change > 1 and done < inner_iterations:
                limit = min(longest, inner_iterations - done)
                count = _next_count(done, first, before, change, limit)
                earlier, change, before = change, 0.0, 0.0
                for begun in range(0, height + count, band):
                    end = min(begun + band, height + count)
                    # The median filter takes two rows at once, when the wave reaches the first of them.
                    for front in range(begun + begun % 2, min(end, height) if done == 0 else 0, 2):
                        if outer == 0:
                            for row in range(front, min(front + 2, height)):
                                y = height - 1 - row if upward else row
                                warp_row(
                                    image, texture, state, y, height, width, stride, cubic, ramp,
                                    valid, pull, per_pixel, pixels, positions, upward,
                                )  # fmt: skip
                        if median > 1:
                            top = height - 2 - front if upward else front
                            filter_rows(
                                state, U1, top, height, width, stride, rows1, columns, valid, upward
                            )
                            filter_rows(
                                state, U2, top, height, width, stride, rows2, columns, valid, upward
                            )
                    last, last_but_one = advance(
                        state, begun, end, height, blocks, inner, tau_lanes, count, upward
                    )
                    change += last
                    before += last_but_one
                change /= threshold
                before /= threshold
                before = earlier if count == 1 else before
                done += count
                upward = turning and not upward
            usual = done if outer == 0 else usual
            iterations += done
            medians += median > 1
            outer += 1
    get_plane(u1, state, U1, pixels)
    get_plane(u2, state, U2, pixels)
    return iterations, medians
