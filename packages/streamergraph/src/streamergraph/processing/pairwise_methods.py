"""Two ways to the common viewers of all pairs, each measured in a process of its own.

`python -m streamergraph.processing.pairwise_methods METHOD STREAMERS PAIRS SEED OUT.npz` prints what
it took as JSON and leaves the counts in OUT, so that memory and caches of one way are not those of
the other.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamergraph.processing.peak_memory import forget_peak, memory_gib, peak_memory_gib
from streamergraph.simulation.audience_sets import simulate_audiences

SPARSE, SETS = "sparse", "sets"
SPARSE_ROUNDS = 5


def drawn_pairs(streamers: int, pairs: int, seed: int) -> list[tuple[int, int]]:
    """`pairs` different pairs a < b at random, or all of them (0)."""
    every = streamers * (streamers - 1) // 2
    if not pairs or pairs >= every:
        return list(combinations(range(streamers), 2))
    rng = np.random.default_rng(seed)
    drawn: set[tuple[int, int]] = set()
    while len(drawn) < pairs:
        a, b = rng.integers(streamers, size=2).tolist()
        if a != b:
            drawn.add((min(a, b), max(a, b)))
    return sorted(drawn)


def measured(work: Callable[[], Any]) -> tuple[Any, dict[str, float | None]]:
    """The result of `work`, its seconds by processor and clock, and the memory it added at most."""
    forget_peak()
    before = memory_gib()
    wall, processor = time.perf_counter(), time.process_time()
    result = work()
    seconds = {
        "processor_seconds": time.process_time() - processor,
        "wall_seconds": time.perf_counter() - wall,
    }
    peak = peak_memory_gib()
    added = None if peak is None or before is None else peak - before
    return result, {**seconds, "memory_gib": added}


def sparse(
    streamers: int, pairs: list[tuple[int, int]], seed: int
) -> tuple[NDArray[np.int64], dict[str, Any]]:
    """All pairs by `shared_audience`, from entries in no order; compiled beforehand.

    It is so short that the median of five rounds is taken.
    """
    from streamergraph.processing.audiences import audiences_of_arrays
    from streamergraph.processing.memory import limits_within
    from streamergraph.processing.shared_audience import SharedAudience, join, shared_audience

    def work(*columns: NDArray[Any]) -> SharedAudience:
        audiences = audiences_of_arrays(*columns, n_streamers=streamers)
        return join(list(shared_audience(audiences, limits_within(4.0, audiences))))

    streamer, viewer, samples = simulate_audiences(streamers=streamers, seed=seed)
    work(streamer[:9], viewer[:9], samples[:9])
    shuffled = np.random.default_rng(seed).permutation(len(viewer))
    columns = streamer[shuffled], viewer[shuffled], samples[shuffled]
    rounds = [measured(lambda: work(*columns)) for _ in range(SPARSE_ROUNDS)]
    rounds.sort(key=lambda one: float(one[1]["processor_seconds"] or 0))
    shared, took = rounds[SPARSE_ROUNDS // 2]
    counts = np.zeros((streamers, streamers), np.int64)
    counts[shared.a, shared.b] = shared.common
    chosen = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return counts[chosen[:, 0], chosen[:, 1]], {**took, "entries": len(viewer)}


def sets(
    streamers: int, pairs: list[tuple[int, int]], seed: int
) -> tuple[NDArray[np.int64], dict[str, Any]]:
    """The original's way: a Python set of logins for each streamer, an intersection for each pair.

    Only the intersections are timed; the memory is that of the sets too.
    """
    streamer, viewer, _ = simulate_audiences(streamers=streamers, seed=seed)
    ends = np.searchsorted(streamer, np.arange(streamers + 1))
    forget_peak()
    before = memory_gib()
    made = [
        {f"viewer_{v}" for v in viewer[ends[s] : ends[s + 1]].tolist()} for s in range(streamers)
    ]
    after = memory_gib()
    counts, took = measured(lambda: [len(made[a] & made[b]) for a, b in pairs])
    if took["memory_gib"] is not None and before is not None and after is not None:
        took["memory_gib"] += after - before
    return np.array(counts, dtype=np.int64), {**took, "entries": len(viewer)}


def main(method: str, streamers: str, pairs: str, seed: str, out: str) -> None:
    """Measure one method; prints JSON."""
    chosen = drawn_pairs(int(streamers), int(pairs), int(seed))
    way = {SPARSE: sparse, SETS: sets}[method]
    counts, facts = way(int(streamers), chosen, int(seed))
    np.savez(Path(out), counts=counts)
    sys.stdout.write(json.dumps(facts))


if __name__ == "__main__":
    main(*sys.argv[1:])
