"""Measurements of processing."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from streamergraph.errors import StreamergraphError
from streamergraph.processing.pairwise_methods import (
    OURS,
    PRODUCT,
    RELATIONS,
    SELF_JOIN,
    SETS,
    drawn_pairs,
)
from streamergraph.processing.peak_memory import forget_peak, peak_memory_gib
from streamergraph.processing.process import process_store
from streamergraph.processing.settings import ProcessSettings
from streamergraph.progress import step
from streamergraph.simulation.large_store import write_large_store

ALL_PAIRS_UP_TO = 3000  # streamers; the sets of more would take an hour
DRAWN_PAIRS = 100_000


def measure_overlap(
    *, streamers: int, pairs: int | None, memory_gib: float, seed: int, spill: Path | None
) -> dict[str, Any]:
    """Time four ways to the common viewers of all pairs, and `process`'s way from table to relations.

    Each runs in a process of its own and must count the same. `ours` is the kernel alone: it starts
    from unordered entries, in memory, without compilation; `product` (SciPy) and `self_join` (DuckDB)
    do likewise, but count persons only; `sets` of Python are built beforehand, and the time of `pairs`
    intersections (0: all; None: all of few streamers) is scaled to all. `relations` are found within
    `memory_gib`, and their peak is that of the whole process. Beside the seconds of the clock stand
    those of the processor, since a busy machine adds its own to the clock.
    """
    every = streamers * (streamers - 1) // 2
    if pairs is None:
        pairs = 0 if streamers <= ALL_PAIRS_UP_TO else DRAWN_PAIRS
    chosen = drawn_pairs(streamers, pairs, seed)
    facts, counts = {}, {}
    with TemporaryDirectory(prefix="streamergraph-", dir=spill) as name:
        entries, of_pairs, out = (
            Path(name) / file for file in ("entries.parquet", "pairs.npy", "counts.npz")
        )
        with step("simulate audiences"):
            _in_own_process("entries", entries, streamers, seed)
            np.save(of_pairs, chosen)
        for method in (OURS, SETS, PRODUCT, SELF_JOIN):
            with step(method):
                words = _in_own_process(method, entries, of_pairs, out, memory_gib)
                facts[method] = json.loads(words)
            with np.load(out) as arrays:
                counts[method] = arrays["counts"]
        with step(RELATIONS):
            words = _in_own_process(RELATIONS, entries, of_pairs, out, memory_gib)
            relations = json.loads(words)
    sums = {
        (facts[m].pop("sharing_pairs"), facts[m].pop("common")) for m in (OURS, PRODUCT, SELF_JOIN)
    }
    alike = all(np.array_equal(counts[OURS], found) for found in counts.values())
    if not alike or {relations["counts"]["with_a_common_viewer"]} != {pairs for pairs, _ in sums}:
        raise AssertionError("the methods disagree")
    for seconds in ("processor_seconds", "wall_seconds"):
        facts[SETS][seconds] *= every / len(chosen)
    return {
        "streamers": streamers,
        "entries": relations.pop("entries"),
        "pairs": every,
        "pairs_measured": len(chosen),
        **facts,
        "relations": relations,
        "times_as_long": {
            method: facts[method]["processor_seconds"] / facts[OURS]["processor_seconds"]
            for method in (SETS, PRODUCT, SELF_JOIN)
        },
    }


def _in_own_process(method: str, *words: object) -> str:
    module = "streamergraph.processing.pairwise_methods"
    command = [sys.executable, "-m", module, method, *map(str, words)]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def measure_large_store(
    *, rows: int, viewers_of_a_channel: int, memory_gib: float, spill: Path | None
) -> dict[str, Any]:
    """Process a store of about `rows` rows; the peak is that of the whole process meanwhile."""
    with TemporaryDirectory(prefix="streamergraph-", dir=spill) as name:
        with step("simulate a large store"):
            store = write_large_store(
                Path(name) / "store", rows=rows, viewers_of_a_channel=viewers_of_a_channel
            )
        settings = ProcessSettings(
            min_watch_minutes=30,
            min_live_minutes=0,
            least_common_viewers=1,
            bot_channels=200,
        )
        forget_peak()
        wall, processor = time.perf_counter(), time.process_time()
        try:
            result = process_store(store, settings, memory_gib=memory_gib, spill=spill)
        except StreamergraphError:
            raise AssertionError("the measured store must pass the thresholds") from None
        return {
            "rows": rows,
            "viewers_of_a_channel": viewers_of_a_channel,
            "wall_seconds": time.perf_counter() - wall,
            "processor_seconds": time.process_time() - processor,
            "peak_memory_gib": peak_memory_gib(),
            "written": result.summary["written"],
        }
