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
from streamergraph.processing.pairwise_methods import SETS, SPARSE
from streamergraph.processing.peak_memory import forget_peak, peak_memory_gib
from streamergraph.processing.process import process_store
from streamergraph.processing.settings import ProcessSettings
from streamergraph.progress import step
from streamergraph.simulation.large_store import write_large_store


def measure_overlap(*, streamers: int, pairs: int, seed: int) -> dict[str, Any]:
    """Time all pairs here, and pairs of Python sets of logins; both must count the same.

    Each runs in a process of its own. Ours starts from unordered (streamer, viewer) entries and
    includes building the matrix, but not compilation; the sets are built beforehand. Both run on
    one core. The times of `pairs` intersections (0: all) are scaled to all. Beside the seconds of the
    clock stand those of the processor, since a busy machine adds its own to the clock.
    """
    every = streamers * (streamers - 1) // 2
    with TemporaryDirectory(prefix="streamergraph-") as name:
        facts, counts = {}, {}
        for method in (SPARSE, SETS):
            out = Path(name) / f"{method}.npz"
            with step(method):
                facts[method] = _in_own_process(method, streamers, pairs, seed, out)
            with np.load(out) as arrays:
                counts[method] = arrays["counts"]
    if not np.array_equal(counts[SPARSE], counts[SETS]):
        raise AssertionError("the two methods disagree")
    entries = facts[SPARSE].pop("entries")
    del facts[SETS]["entries"]
    for seconds in ("processor_seconds", "wall_seconds"):
        facts[SETS][seconds] *= every / len(counts[SETS])
    return {
        "streamers": streamers,
        "entries": entries,
        "pairs": every,
        "pairs_measured": len(counts[SETS]),
        "ours": facts[SPARSE],
        "sets": facts[SETS],
        "times_faster": facts[SETS]["processor_seconds"] / facts[SPARSE]["processor_seconds"],
        "times_faster_by_the_clock": facts[SETS]["wall_seconds"] / facts[SPARSE]["wall_seconds"],
    }


def _in_own_process(
    method: str, streamers: int, pairs: int, seed: int, out: Path
) -> dict[str, Any]:
    module = "streamergraph.processing.pairwise_methods"
    words = [sys.executable, "-m", module, method, str(streamers), str(pairs), str(seed), str(out)]
    result = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
    facts: dict[str, Any] = json.loads(result.stdout)
    return facts


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
