"""What one iteration costs on this machine, apart from everything around it."""

from __future__ import annotations

import os
import time

import numpy as np

from twostream.flow.tv_l1.blocks import BLOCK, Floats
from twostream.flow.tv_l1.compilation import kernel
from twostream.flow.tv_l1.iteration import advance
from twostream.flow.tv_l1.pyramid import aligned_zeros, scales_of
from twostream.flow.tv_l1.solver import longest_wave, rows_at_once
from twostream.flow.tv_l1.vectors import LANES, load, splat


@kernel
def iterate_only(
    state: Floats,
    height: int,
    constants: Floats,
    tau: float,
    count: int,
    upward: bool = False,
    band: int = 1,
) -> float:
    """Run `count` iterations on a state, `band` rows at once, and nothing else.

    Returns the last one's squared changes.
    """
    blocks = state.size // BLOCK // height
    inner = load(constants, 6 * LANES)
    tau_lanes = splat(np.float32(tau))
    change = 0.0
    for begin in range(0, height + count, band):
        end = min(begin + band, height + count)
        last, _ = advance(state, begin, end, height, blocks, inner, tau_lanes, count, upward)
        change += last
    return change


def iteration_nanoseconds(height: int = 240, width: int = 320, *, repeats: int = 25) -> float:
    """The median time of one iteration per pixel, in nanoseconds, on images of that size."""
    scale = scales_of(height, width, 1, 0.5)[0]
    blocks = scale.stride // LANES
    state = aligned_zeros(height * blocks * BLOCK)
    # Small numbers that are neither zero nor denormal; padded lanes do not matter here.
    state[:] = np.random.default_rng(0).uniform(0.1, 0.2, state.size)
    count, band = longest_wave(blocks), rows_at_once(blocks)
    clock = time.process_time if os.name == "posix" else time.perf_counter
    seconds = []
    for _ in range(repeats + 1):
        start = clock()
        iterate_only(state, height, scale.constants, 0.25, count, False, band)
        seconds.append(clock() - start)
    return float(np.median(seconds[1:])) / (count * height * width) * 1e9
