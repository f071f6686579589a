"""Measurements of processing."""

from __future__ import annotations

import resource
import time
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from streamergraph.errors import StreamergraphError
from streamergraph.processing.process import process_store
from streamergraph.processing.settings import ProcessSettings
from streamergraph.processing.shared_audience import audiences, shared_audience
from streamergraph.simulation.audience_sets import simulate_audiences
from streamergraph.simulation.large_store import write_large_store


def measure_overlap(*, streamers: int, pairs: int, seed: int) -> dict[str, Any]:
    """Time all pairs here, and pairs of Python sets of logins; both must count the same.

    Ours starts from unordered (streamer, viewer) entries and includes building the matrix; the
    sets are built beforehand. Compilation is not measured. Seconds are those of the processor, since
    both run on one core and a busy machine would add its own.
    """
    streamer, viewer, samples = simulate_audiences(streamers=streamers, seed=seed)
    shared_audience(audiences(streamer[:9], viewer[:9], samples[:9], n_streamers=streamers))
    shuffled = np.random.default_rng(seed).permutation(len(viewer))
    columns = streamer[shuffled], viewer[shuffled], samples[shuffled]
    began = time.process_time()
    shared = shared_audience(audiences(*columns, n_streamers=streamers))
    ours = time.process_time() - began
    ends = np.searchsorted(streamer, np.arange(streamers + 1))
    sets = [
        {f"viewer_{v}" for v in viewer[ends[s] : ends[s + 1]].tolist()} for s in range(streamers)
    ]
    every = streamers * (streamers - 1) // 2
    chosen = combinations(range(streamers), 2) if not pairs else _drawn(streamers, pairs, seed)
    began = time.process_time()
    counts = {(a, b): len(sets[a] & sets[b]) for a, b in chosen}
    theirs = (time.process_time() - began) * every / len(counts)
    found = dict(
        zip(
            zip(shared.a.tolist(), shared.b.tolist(), strict=True),
            shared.common.tolist(),
            strict=True,
        )
    )
    if any(found.get(pair, 0) != count for pair, count in counts.items()):
        raise AssertionError("the two methods disagree")
    return {
        "streamers": streamers,
        "entries": len(viewer),
        "pairs": every,
        "pairs_measured": len(counts),
        "ours_seconds": ours,
        "sets_seconds": theirs,
        "times_faster": theirs / ours,
        "peak_memory_gib": _peak_memory_gib(),
    }


def measure_large_store(*, rows: int, memory_gib: float, spill: Path | None) -> dict[str, Any]:
    """Process a store of about `rows` rows; the peak is that of the whole process so far."""
    with TemporaryDirectory(prefix="streamergraph-", dir=spill) as name:
        store = write_large_store(Path(name) / "store", rows=rows)
        settings = ProcessSettings(
            interval_minutes=15, min_watch_minutes=30, min_live_minutes=0, bot_channels=200
        )
        began = time.perf_counter()
        try:
            result = process_store(store, settings, memory_gib=memory_gib, spill=spill)
        except StreamergraphError:
            raise AssertionError("the measured store must pass the thresholds") from None
        return {
            "rows": rows,
            "seconds": time.perf_counter() - began,
            "peak_memory_gib": _peak_memory_gib(),
            "written": result.summary["written"],
        }


def _drawn(streamers: int, pairs: int, seed: int) -> set[tuple[int, int]]:
    rng = np.random.default_rng(seed)
    wanted = min(pairs, streamers * (streamers - 1) // 2)
    drawn: set[tuple[int, int]] = set()
    while len(drawn) < wanted:
        a, b = rng.integers(streamers, size=2).tolist()
        if a != b:
            drawn.add((min(a, b), max(a, b)))
    return drawn


def _peak_memory_gib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
