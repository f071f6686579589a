"""Audiences alone, of the sizes of the published graph, for measuring speed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def simulate_audiences(
    *, streamers: int, seed: int, part: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.int32]]:
    """Entries (streamer, viewer, samples); each pair once, streamers ascending.

    Log-normal sizes with the published median (231) and mean (about 1,660 distinct chatters);
    half of an audience comes from one of twenty communities of viewers. Every further `part` has other
    viewers of the same streamers, as many as the first one: so any number of entries is made in parts.
    """
    rng = np.random.default_rng(seed)
    sizes = np.clip(rng.lognormal(np.log(231), 1.985, streamers), 10, 150_000).astype(np.int64)
    viewers = max(1000, 330 * streamers)
    if part:
        rng = np.random.default_rng([seed, part])
    audiences = []
    for s, size in enumerate(sizes):
        at_home = rng.integers(viewers // 20, size=size // 2) * 20 + s % 20
        # Some watch everybody: squares of uniform numbers prefer small ones.
        anywhere = (rng.random(size - size // 2) ** 2 * viewers).astype(np.int64)
        audiences.append(np.unique(np.concatenate([at_home, anywhere])))
    streamer = np.repeat(np.arange(streamers), [len(audience) for audience in audiences])
    viewer = (np.concatenate(audiences) + part * viewers).astype(np.uint64)
    samples = rng.integers(1, 20, size=len(viewer)).astype(np.int32)
    return streamer, viewer, samples
