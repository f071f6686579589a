"""How the pairs of audiences grow with what was observed: time, memory, and other ways to the same table.

    python scripts/pairs_growth.py                          # 10^6 and 10^7 presences, all ways
    python scripts/pairs_growth.py --presences 100000000 --ways ours duckdb spark

3,000 streamers throughout. The simulator makes their viewers in parts, so that only the disk limits how
many presences there are: a viewer in a chat at one look. All of one viewer in one chat are an entry,
with the minutes watched; the simulator draws 1 to 19 of them, so that an entry stands for ten on average.

ours         our kernel from a table of DuckDB, within --memory-gib
duckdb       the self-join of the same table by DuckDB, with all the memory that it wants; persons only
spark        our kernel through Spark (local[N]), whose workers read Parquet, within --memory-gib in all
spark-sql    the same as `process` does it: of what Spark's SQL makes, which it puts down in files before
spark-rows   the same, of rows that Spark hands to workers, as where these share no folder
spark-join   Spark's own self-join of the same files; persons only

Each way runs in a process of its own, in turns, and must find the same pairs with the same counts.
Processor time and the most memory are those of all its processes. Of Spark the clock begins once it has
started and has counted a few entries, and for `spark-sql` has gone through all rows once, as `process`
has by then. The steps on that way are told beside it, each by ending after it: `pack` (with sums),
`shuffle`, `count`; and `keep`, that first time, by which Spark kept the rows in its own memory. At the end
stands the throughput of each way as a share of our kernel's.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

STREAMERS = 3000
WAYS = ("ours", "duckdb", "spark", "spark-sql", "spark-rows", "spark-join")
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
ODD = np.uint64(0x9E3779B97F4A7C15)
# Columns of entries as `process` has them before its thresholds.
AS_COUNTED = (
    "CAST(streamer AS BIGINT) AS channel_id",
    "viewer",
    "CAST(minutes AS DOUBLE) AS minutes",
)
SELF_JOIN = (
    "SELECT a.streamer AS a, b.streamer AS b, count(*) AS common "
    "FROM audience a JOIN audience b ON a.viewer = b.viewer AND a.streamer < b.streamer "
    "GROUP BY a.streamer, b.streamer"
)


@dataclass
class Watched:
    """Processor time and memory of this process and of those that it began."""

    processor: float = 0.0
    wall: float = 0.0
    peak_gib: float = 0.0
    steps: dict[str, float] = field(default_factory=dict)


def of_family() -> tuple[float, float]:
    """Seconds of processor time and GiB of memory of this process and all below it."""
    parents, seconds, pages = {}, {}, {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        process = int(entry.name)
        parents[process] = int(words[1])
        seconds[process] = sum(map(int, words[11:15])) / TICKS
        pages[process] = int(words[21])
    family = {os.getpid()}
    for _ in range(8):
        family |= {process for process, parent in parents.items() if parent in family}
    return sum(seconds[p] for p in family), sum(pages[p] for p in family) * PAGE / 2**30


@contextmanager
def watching() -> Iterator[Watched]:
    """Measure the body; shared pages count once for each process that has them."""
    watched, done = Watched(), threading.Event()

    def look() -> None:
        while not done.wait(0.2):
            watched.peak_gib = max(watched.peak_gib, of_family()[1])

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    processor, wall = of_family()[0], time.perf_counter()
    yield watched
    watched.wall = time.perf_counter() - wall
    watched.processor = of_family()[0] - processor
    done.set()
    thread.join()
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    watched.peak_gib = max(watched.peak_gib, own)


def make_entries(folder: Path, presences: int) -> int:
    """Write the entries of about so many presences, and say how many they are.

    A Parquet file for every part of viewers, and a table of DuckDB.
    """
    import duckdb
    from streamergraph.simulation.audience_sets import simulate_audiences

    folder.mkdir(parents=True)
    left, part, entries = presences, 0, 0
    while left > presences / 1000:
        streamer, viewer, samples = simulate_audiences(streamers=STREAMERS, seed=0, part=part)
        seen = int(samples.sum())
        if left < seen:  # a share of the viewers, wholly
            share = (viewer * ODD) >> np.uint64(40)
            chosen = share < np.uint64(left / seen * 2**24)
            streamer, viewer, samples = streamer[chosen], viewer[chosen], samples[chosen]
        mixed = np.random.default_rng(part).permutation(len(viewer))
        pl.DataFrame(
            {
                "streamer": streamer[mixed].astype(np.int32),
                "viewer": ((viewer[mixed] + np.uint64(1)) * ODD).view(np.int64),
                "minutes": 15 * samples[mixed],
            }
        ).write_parquet(folder / f"part-{part:04}.parquet")
        left, part, entries = left - seen, part + 1, entries + len(viewer)
    with duckdb.connect(str(folder / "entries.duckdb")) as connection:
        connection.execute(f"CREATE TABLE audience AS FROM read_parquet('{folder}/part-*.parquet')")
    return entries


def rules() -> Any:
    """All pairs with a common viewer."""
    from streamergraph.processing.relations import RelationRules

    return RelationRules(measure="count", threshold=1, least_common_viewers=1)


def ours(folder: Path, memory_gib: float, cores: int) -> tuple[pl.DataFrame, Watched]:
    """Our kernel, compiled beforehand, as `process` calls it."""
    import duckdb
    from streamergraph.processing.memory import database_alone_mib
    from streamergraph.processing.relations import find_relations

    with duckdb.connect(config={"temp_directory": str(folder / "few")}) as few:
        few.execute(
            "CREATE TABLE audience AS SELECT i::INTEGER AS streamer, 0::BIGINT AS viewer, "
            "1::INTEGER AS minutes FROM range(2) streamers(i)"
        )
        find_relations(few, rules(), n_streamers=2, memory_gib=memory_gib)
    config = {"threads": cores, "memory_limit": f"{database_alone_mib(memory_gib)}MiB"}
    with (
        duckdb.connect(str(folder / "entries.duckdb"), read_only=True, config=config) as connection,
        watching() as watched,
    ):
        found = find_relations(
            connection, rules(), n_streamers=STREAMERS, memory_gib=memory_gib
        ).pairs
    return found.select("a", "b", common="common_viewers"), watched


def duckdb_join(folder: Path, _: float, cores: int) -> tuple[pl.DataFrame, Watched]:
    """The self-join of the table."""
    import duckdb

    with (
        duckdb.connect(
            str(folder / "entries.duckdb"), read_only=True, config={"threads": cores}
        ) as connection,
        watching() as watched,
    ):
        columns = connection.execute(SELF_JOIN).fetchnumpy()
    return pl.DataFrame(dict(columns)), watched


def spark(folder: Path, memory_gib: float, cores: int) -> tuple[pl.DataFrame, Watched]:
    """Our kernel on Spark, from files that workers read."""
    return on_spark(folder, memory_gib, cores, kind="files")


def spark_sql(folder: Path, memory_gib: float, cores: int) -> tuple[pl.DataFrame, Watched]:
    """Our kernel on Spark, from what its SQL makes."""
    return on_spark(folder, memory_gib, cores, kind="sql")


def spark_rows(folder: Path, memory_gib: float, cores: int) -> tuple[pl.DataFrame, Watched]:
    """Our kernel on Spark, from rows that it hands to workers."""
    return on_spark(folder, memory_gib, cores, kind="rows")


def on_spark(
    folder: Path, memory_gib: float, cores: int, *, kind: str
) -> tuple[pl.DataFrame, Watched]:
    """Our kernel on Spark; the processor time of each step is found by ending after it."""
    from streamergraph.processing.spark_entries import InFiles, InRows
    from streamergraph.processing.spark_pairs import (
        counted,
        counted_where_they_lie,
        find_relations_on_spark,
        shuffled,
    )
    from streamergraph.processing.spark_session import connected

    with connected(f"local[{cores}]", memory_gib=memory_gib, spill=folder) as found:
        cluster = replace(found, shared=None) if kind == "rows" else found
        read = cluster.session.read.parquet
        files = sorted(folder.glob("part-*.parquet"))
        took: dict[str, float] = {}

        def timed(name: str, work: Callable[[], Any]) -> Any:
            began = of_family()[0]
            done = work()
            took[name] = of_family()[0] - began
            return done

        def found_in(paths: list[Path]) -> pl.DataFrame:
            if kind == "sql":
                return of_sql(cluster, read(*map(str, paths)))
            entries = (
                InFiles.of(cluster, paths) if kind == "files" else InRows(read(*map(str, paths)))
            )
            return find_relations_on_spark(cluster, entries, rules(), n_streamers=STREAMERS).pairs

        few = folder / "few.parquet"
        pl.scan_parquet(files[0]).head(1000).collect().write_parquet(few, row_group_size=500)
        found_in([few])
        took["start"] = of_family()[0]
        if kind == "sql":
            frame = read(*map(str, files)).selectExpr(*AS_COUNTED).persist()
            timed("keep", frame.count)
            frame.unpersist()
        with watching() as watched:
            pairs = found_in(files)
        if kind != "sql":
            entries = (
                InFiles.of(cluster, files) if kind == "files" else InRows(read(*map(str, files)))
            )
            with cluster.handing_on() as blobs:
                packed = timed(
                    "pack", lambda: entries.packed(cluster, blobs, n_streamers=STREAMERS)
                )
                if kind == "files":
                    timed("count", lambda: counted_where_they_lie(cluster, packed, blobs))
                else:
                    for name, frame in {
                        "shuffle": shuffled(packed),
                        "count": counted(packed, blobs),
                    }.items():
                        timed(name, frame.write.format("noop").mode("overwrite").save)
        watched.steps = took
    few.unlink()
    return pairs.select("a", "b", common="common_viewers"), watched


def of_sql(cluster: Any, entries: Any) -> pl.DataFrame:
    """Relations as `process` finds them, where Spark's SQL has made who watched whom."""
    import duckdb
    from streamergraph.processing.settings import ProcessSettings
    from streamergraph.processing.spark_place import OnSpark
    from streamergraph.processing.streamers import fill_audience

    entries.selectExpr(*AS_COUNTED).createOrReplaceTempView("seen")
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE kept AS SELECT i AS channel_id, i::INTEGER AS streamer "
            f"FROM range({STREAMERS}) streamers(i)"
        )
        place = OnSpark(cluster, connection)
        place.put_down("counted", "SELECT * FROM seen")
        fill_audience(place, ProcessSettings(min_watch_minutes=0))
        found = place.relations(rules(), n_streamers=STREAMERS).pairs
        place.give_up()
    return found


def spark_join(folder: Path, memory_gib: float, cores: int) -> tuple[pl.DataFrame, Watched]:
    """Spark's self-join."""
    from streamergraph.processing.spark_session import connected

    with connected(f"local[{cores}]", memory_gib=memory_gib, spill=folder) as cluster:
        files = map(str, sorted(folder.glob("part-*.parquet")))
        cluster.session.read.parquet(*files).createOrReplaceTempView("audience")
        with watching() as watched:
            table = cluster.session.sql(SELF_JOIN).toArrow()
    return pl.DataFrame(pl.from_arrow(table)), watched


METHODS: dict[str, Callable[[Path, float, int], tuple[pl.DataFrame, Watched]]] = {
    "ours": ours,
    "duckdb": duckdb_join,
    "spark": spark,
    "spark-sql": spark_sql,
    "spark-rows": spark_rows,
    "spark-join": spark_join,
}


def one(way: str, folder: Path, memory_gib: float, cores: int) -> None:
    """Run one way in this process; leaves its pairs and prints what it took."""
    found, watched = METHODS[way](folder, memory_gib, cores)
    kinds = {"a": pl.Int32, "b": pl.Int32, "common": pl.Int64}
    found.cast(kinds).sort("a", "b").write_parquet(folder / f"pairs-{way}.parquet")
    print(json.dumps(vars(watched)))


def measure(folder: Path, ways: list[str], asked: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """The ways in turns, each the median of its rounds by processor time; fails where pairs differ."""
    took: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}
    for _ in range(asked.rounds):
        for way in ways:
            words = ["--one", way, "--out", folder, "--memory-gib", asked.memory_gib]
            command = [sys.executable, __file__, *map(str, words), "--cores", str(asked.cores)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            took[way].append(json.loads(done.stdout.splitlines()[-1]))
            print(f"  {way}: {done.stdout.splitlines()[-1]}", flush=True)
    pairs = {way: pl.read_parquet(folder / f"pairs-{way}.parquet") for way in ways}
    for way in ways:
        if not pairs[way].equals(pairs[ways[0]]):
            raise SystemExit(f"{way} and {ways[0]} differ")
    print(f"  {pairs[ways[0]].height:,} pairs, the same by {', '.join(ways)}")
    middle = asked.rounds // 2
    return {w: sorted(rounds, key=lambda r: r["processor"])[middle] for w, rounds in took.items()}


def main() -> None:
    """Measure every size, and print what grows how."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--presences", type=int, nargs="+", default=[10**6, 10**7])
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--memory-gib", type=float, default=1.0)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("build/pairs-growth"))
    parser.add_argument("--one", choices=WAYS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one is not None:
        one(asked.one, asked.out, asked.memory_gib, asked.cores)
        return
    results, sizes = {}, {}
    for presences in asked.presences:
        folder = asked.out.absolute() / str(presences)
        shutil.rmtree(folder, ignore_errors=True)
        sizes[presences] = make_entries(folder, presences)
        print(f"{presences:,} presences, {sizes[presences]:,} entries", flush=True)
        results[presences] = measure(folder, asked.ways, asked)
        shutil.rmtree(folder)
    head = f"{'presences':>13} {'entries':>12}  {'way':10} {'processor, s':>13} {'clock, s':>9}"
    print(f"{head} {'of ours':>7} {'GiB':>6} {'growth':>7}")
    earlier: dict[str, float] = {}
    for presences, ways in results.items():
        local = ways.get("ours", {}).get("processor", float("nan"))
        for way, took in ways.items():
            grown = f"{took['processor'] / earlier[way]:7.1f}" if way in earlier else ""
            print(
                f"{presences:13,} {sizes[presences]:12,}  {way:10} {took['processor']:13.2f} "
                f"{took['wall']:9.2f} {local / took['processor']:7.2f} {took['peak_gib']:6.2f} {grown}"
            )
            earlier[way] = took["processor"]


if __name__ == "__main__":
    main()
