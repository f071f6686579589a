"""TV-L1 on one scale: warps, median filtering and the iteration with its stopping rule."""

from __future__ import annotations

import math

import numpy as np

from twostream.flow.tv_l1.blocks import BLOCK, U1, U2, Floats, clear_dual, get_plane, put_plane
from twostream.flow.tv_l1.compilation import inlined, kernel
from twostream.flow.tv_l1.iteration import iterate
from twostream.flow.tv_l1.median import median_filter
from twostream.flow.tv_l1.vectors import LANES, load, splat
from twostream.flow.tv_l1.warping import warp_and_linearise

LONGEST_WAVE = 12
_WAVE_BYTES = 256 * 1024  # rows in flight should fit beside other things in the second-level cache


def longest_wave(blocks: int) -> int:
    """How many iterations may be in flight on rows of that many blocks.

    >>> longest_wave(20), longest_wave(120), longest_wave(10_000)
    (12, 2, 1)
    """
    return max(1, min(LONGEST_WAVE, _WAVE_BYTES // (4 * BLOCK * blocks) - 1))


@inlined
def _next_count(count: int, before: float, after: float, longest: int) -> int:
    """How many iterations to run before looking at the change again.

    The last `count` iterations took the change from `before` to `after`. A wave cannot stop in its
    middle, so it must end before the change is expected to fall below 1. The change falls about
    geometrically, ever more slowly, so that this underestimates how many iterations are left.
    """
    if count == 0:
        expected = 1.0
    elif before == math.inf:
        expected = math.sqrt(after)
    elif before <= 1.0001 * after:
        expected = 3.0
    else:
        expected = count * math.log(after) / math.log(before / after)
    return max(1, min(longest, int(expected)))


@kernel
def solve_scale(
    image: Floats, texture: Floats, u1: Floats, u2: Floats, state: Floats, height: int, width: int,
    constants: Floats, columns: Floats, scratch: Floats, longest: int,
    tau: float, lambda_: float, theta: float, warps: int, epsilon: float,
    inner_iterations: int, outer_iterations: int, median: int,
) -> tuple[int, int]:  # fmt: skip
    """Improve the flow `u1`, `u2` from `image` to the image in `texture`, in place.

    Images have padded rows and are flat. Returns how many iterations and median filterings it took.
    """
    cubic = constants[: 4 * LANES]
    ramp, valid, inner = load(constants, 64), load(constants, 80), load(constants, 96)
    theta_lanes, step = splat(np.float32(theta)), splat(np.float32(tau / theta))
    pull = splat(np.float32(lambda_ * theta))
    stride = image.size // height
    blocks = stride // LANES
    iterations = medians = 0
    clear_dual(state)
    for _ in range(warps):
        warp_and_linearise(
            image, texture, u1, u2, state, height, width, stride, cubic, ramp, valid, pull, scratch
        )  # fmt: skip
        # Mean square change of the flow over epsilon squared: the iteration ends at 1.
        change, outer = math.inf, 0
        while change > 1 and outer < outer_iterations:
            if median > 1:
                median_filter(state, U1, u1, height, width, stride, columns, valid)
                median_filter(state, U2, u2, height, width, stride, columns, valid)
                medians += 1
            else:
                put_plane(state, U1, u1)
                put_plane(state, U2, u2)
            done = count = 0
            before = math.inf
            while change > 1 and done < inner_iterations:
                limit = min(longest, inner_iterations - done)
                count = _next_count(count, before, change, limit)
                before = change
                change = iterate(state, height, blocks, inner, theta_lanes, step, count)
                change /= epsilon * epsilon * height * width
                done += count
            iterations += done
            get_plane(u1, state, U1)
            get_plane(u2, state, U2)
            outer += 1
    return iterations, medians
