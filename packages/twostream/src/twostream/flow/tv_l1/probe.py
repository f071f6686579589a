"""What one iteration costs on this machine, apart from everything around it."""

from __future__ import annotations

import os
import time

import numpy as np

from twostream.flow.tv_l1.blocks import BLOCK, Floats
from twostream.flow.tv_l1.compilation import kernel
from twostream.flow.tv_l1.iteration import advance, advance_upward
from twostream.flow.tv_l1.pyramid import aligned_zeros, scales_of
from twostream.flow.tv_l1.solver import longest_wave
from twostream.flow.tv_l1.vectors import LANES, load, splat


@kernel
def iterate_only(
    state: Floats,
    height: int,
    constants: Floats,
    theta: float,
    tau: float,
    count: int,
    upward: bool = False,
) -> float:
    """Run `count` iterations on a state, nothing else; return the last one's squared changes."""
    blocks = state.size // BLOCK // height
    inner = load(constants, 6 * LANES)
    theta_lanes, step = splat(np.float32(theta)), splat(np.float32(tau / theta))
    change = 0.0
    for front in range(height + count):
        if upward:
            last, _ = advance_upward(state, front, height, blocks, inner, theta_lanes, step, count)
        else:
            last, _ = advance(state, front, height, blocks, inner, theta_lanes, step, count)
        change += last
    return change


def iteration_nanoseconds(height: int = 240, width: int = 320, *, repeats: int = 25) -> float:
    """The median time of one iteration per pixel, in nanoseconds, on images of that size."""
    scale = scales_of(height, width, 1, 0.5)[0]
    blocks = scale.stride // LANES
    state = aligned_zeros(height * blocks * BLOCK)
    # Small numbers that are neither zero nor denormal; padded lanes do not matter here.
    state[:] = np.random.default_rng(0).uniform(0.1, 0.2, state.size)
    count = longest_wave(blocks)
    clock = time.process_time if os.name == "posix" else time.perf_counter
    seconds = []
    for _ in range(repeats + 1):
        start = clock()
        iterate_only(state, height, scale.constants, 0.3, 0.25, count)
        seconds.append(clock() - start)
    return float(np.median(seconds[1:])) / (count * height * width) * 1e9
