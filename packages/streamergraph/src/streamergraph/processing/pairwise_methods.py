"""Ways to the common viewers of all pairs, each measured in a process of its own.

`python -m streamergraph.processing.pairwise_methods METHOD ENTRIES.parquet PAIRS.npy OUT.npz MEMORY_GIB`
prints what it took as JSON and leaves the counts of the pairs in OUT, so that memory and caches of one
way are not those of another. `… entries ENTRIES.parquet STREAMERS SEED` makes the entries, in no order.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from streamergraph.processing.peak_memory import forget_peak, memory_gib, peak_memory_gib

Ints = NDArray[np.int64]
OURS, SETS, PRODUCT, SELF_JOIN, RELATIONS = "ours", "sets", "product", "self_join", "relations"
ROUNDS = 5


def drawn_pairs(streamers: int, pairs: int, seed: int) -> Ints:
    """`pairs` different pairs a < b at random, or all of them (0); two columns."""
    every = streamers * (streamers - 1) // 2
    if not pairs or pairs >= every:
        return np.column_stack(np.triu_indices(streamers, 1)).astype(np.int64)
    rng = np.random.default_rng(seed)
    drawn = np.empty(0, np.int64)
    while len(drawn) < pairs:
        a, b = rng.integers(streamers, size=(2, pairs))
        keys = (np.minimum(a, b) * streamers + np.maximum(a, b))[a != b]
        drawn = np.unique(np.concatenate([drawn, keys]))
    chosen = np.sort(rng.permutation(drawn)[:pairs])
    return np.column_stack([chosen // streamers, chosen % streamers])


def write_entries(path: Path, *, streamers: int, seed: int) -> None:
    """Audiences of the published sizes, their entries in no order."""
    from streamergraph.simulation.audience_sets import simulate_audiences

    streamer, viewer, samples = simulate_audiences(streamers=streamers, seed=seed)
    mixed = np.random.default_rng(seed).permutation(len(viewer))
    pl.DataFrame(
        {
            "streamer": streamer[mixed].astype(np.int32),
            "viewer": viewer[mixed].astype(np.int64),
            "minutes": 15 * samples[mixed],
        }
    ).write_parquet(path)


def read_entries(path: Path) -> tuple[NDArray[np.int32], Ints, NDArray[np.int32], int]:
    """Columns streamer, viewer, minutes; and how many streamers there are."""
    frame = pl.read_parquet(path)
    streamer, viewer, minutes = (frame[name].to_numpy() for name in frame.columns)
    return streamer, viewer, minutes, int(streamer.max()) + 1


def timed(work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """The result of `work`, its seconds by processor and clock."""
    wall, processor = time.perf_counter(), time.process_time()
    result = work()
    return result, {
        "processor_seconds": time.process_time() - processor,
        "wall_seconds": time.perf_counter() - wall,
    }


def measured(work: Callable[[], Any]) -> tuple[Any, dict[str, float | None]]:
    """The result of `work`, its seconds, and the memory it added at most."""
    forget_peak()
    before = memory_gib()
    result, seconds = timed(work)
    peak = peak_memory_gib()
    added = None if peak is None or before is None else peak - before
    return result, {**seconds, "memory_gib": added}


def ours(entries: Path, pairs: Ints) -> tuple[Ints, dict[str, Any]]:
    """All pairs by `shared_audience`; compiled beforehand, and the median of some rounds."""
    from streamergraph.processing.audiences import audiences_of_arrays
    from streamergraph.processing.memory import limits_within
    from streamergraph.processing.shared_audience import SharedAudience, join, shared_audience

    streamer, viewer, minutes, streamers = read_entries(entries)

    def work(some: slice) -> SharedAudience:
        audiences = audiences_of_arrays(
            streamer[some], viewer[some], minutes[some], n_streamers=streamers
        )
        return join(list(shared_audience(audiences, limits_within(4.0, audiences))))

    work(slice(9))
    rounds = [measured(lambda: work(slice(None)))[1] for _ in range(ROUNDS)]
    rounds.sort(key=lambda took: float(took["processor_seconds"] or 0))
    shared = work(slice(None))
    return _counts(shared.a, shared.b, shared.common, pairs, streamers, rounds[ROUNDS // 2])


def product(entries: Path, pairs: Ints) -> tuple[Ints, dict[str, Any]]:
    """All pairs by SciPy's sparse product M·Mᵀ, which counts persons only."""
    from scipy import sparse

    streamer, viewer, _, streamers = read_entries(entries)

    def work() -> Any:
        numbers, column = np.unique(viewer, return_inverse=True)
        ones = np.ones(len(viewer), np.int32)
        matrix = sparse.csr_array((ones, (streamer, column)), shape=(streamers, len(numbers)))
        return sparse.triu(matrix @ matrix.T, 1).tocoo()

    result, took = measured(work)
    return _counts(result.row, result.col, result.data, pairs, streamers, took)


def self_join(entries: Path, pairs: Ints) -> tuple[Ints, dict[str, Any]]:
    """All pairs by a join of the audiences with themselves in DuckDB, persons only."""
    import duckdb

    from streamergraph.cores import available_cores

    *_, streamers = read_entries(entries)
    with duckdb.connect(config={"threads": available_cores()}) as connection:
        connection.execute(f"CREATE TABLE audience AS FROM read_parquet('{entries}')")
        columns, took = measured(
            lambda: connection.execute(
                "SELECT a.streamer AS a, b.streamer AS b, count(*) AS common "
                "FROM audience a JOIN audience b USING (viewer) "
                "WHERE a.streamer < b.streamer GROUP BY ALL"
            ).fetchnumpy()
        )
    return _counts(columns["a"], columns["b"], columns["common"], pairs, streamers, took)


def sets(entries: Path, pairs: Ints) -> tuple[Ints, dict[str, Any]]:
    """The original's way: a Python set of logins for each streamer, an intersection for each pair.

    Only the intersections are timed; the memory is that of the sets too.
    """
    streamer, viewer, _, streamers = read_entries(entries)
    order = np.argsort(streamer, kind="stable")
    ends = np.searchsorted(streamer[order], np.arange(streamers + 1))
    forget_peak()
    before = memory_gib()
    made = [
        {f"viewer_{v}" for v in viewer[order[ends[s] : ends[s + 1]]].tolist()}
        for s in range(streamers)
    ]
    after = memory_gib()
    chosen = pairs.tolist()
    counts, took = measured(lambda: [len(made[a] & made[b]) for a, b in chosen])
    if took["memory_gib"] is not None and before is not None and after is not None:
        took["memory_gib"] += after - before
    return np.array(counts, dtype=np.int64), dict(took)


def relations(entries: Path, memory: float) -> dict[str, Any]:
    """From a table of the database to relations, as `process` does it; the peak of all the process."""
    from streamergraph.processing.audiences import audiences_of_arrays
    from streamergraph.processing.database import database
    from streamergraph.processing.memory import limits_within
    from streamergraph.processing.relations import (
        RelationRules,
        find_relations,
        relations_between,
    )

    rules = RelationRules(measure="overlap", threshold=10.0, least_common_viewers=1)
    few = audiences_of_arrays(
        np.array([0, 1], np.int32), np.zeros(2, np.int64), np.ones(2, np.int32), n_streamers=2
    )
    relations_between(few, rules, limits_within(memory, few))  # compiled beforehand
    with database(memory_gib=memory, spill=entries.parent) as connection:
        connection.execute(f"CREATE TABLE audience AS FROM read_parquet('{entries}')")
        row = connection.execute("SELECT max(streamer) + 1, count(*) FROM audience").fetchone()
        streamers, count = row or (0, 0)
        found, took = timed(
            lambda: find_relations(connection, rules, n_streamers=streamers, memory_gib=memory)
        )
    return {
        **took,
        "peak_memory_gib": peak_memory_gib(),
        "memory_gib": memory,
        "entries": count,
        "counts": found.counts,
    }


def _counts(
    a: Ints, b: Ints, common: Ints, pairs: Ints, streamers: int, took: dict[str, float | None]
) -> tuple[Ints, dict[str, Any]]:
    """The counts of `pairs`; and how many pairs share how many viewers in all."""
    nowhere = np.iinfo(np.int64).max  # so that there is a key at or after every pair
    keys = np.append(a.astype(np.int64) * streamers + b, nowhere)
    wanted = pairs[:, 0] * streamers + pairs[:, 1]
    order = np.argsort(keys)
    found = order[np.searchsorted(keys, wanted, sorter=order)]
    counts = np.where(keys[found] == wanted, np.append(common, 0)[found], 0)
    return counts, {**took, "sharing_pairs": len(a), "common": int(common.sum(dtype=np.int64))}


def main(method: str, entries: str, *rest: str) -> None:
    """Measure one method, or make the entries; prints JSON."""
    path = Path(entries)
    if method == "entries":
        streamers, seed = rest
        write_entries(path, streamers=int(streamers), seed=int(seed))
        return
    pairs, out, memory = rest
    if method == RELATIONS:
        facts = relations(path, float(memory))
    else:
        way = {OURS: ours, PRODUCT: product, SELF_JOIN: self_join, SETS: sets}[method]
        counts, facts = way(path, np.load(pairs))
        np.savez(out, counts=counts)
    sys.stdout.write(json.dumps(facts))


if __name__ == "__main__":
    main(*sys.argv[1:])
