"""The verb `bench process`: our speed and memory beside the original's method."""

from __future__ import annotations

from typing import Any

from streamergraph.paths import path_or_none
from streamergraph.verbs.paths import AnyPath, OutputFile, checks_paths


@checks_paths
def bench_process(
    *,
    streamers: int = 3000,
    pairs: int | None = None,
    rows: int = 0,
    viewers_of_a_channel: int = 2000,
    memory_gib: float = 3.0,
    spill: AnyPath | None = None,
    seed: int = 0,
    out: OutputFile | None = None,
) -> dict[str, Any]:
    """Measure shared audience of all pairs beside other ways to it, and `process` out of core.

    Parameters
    ----------
    streamers
        How many, with audiences of the published sizes.
    pairs
        Intersect so many pairs of Python sets, drawn at random, and scale the time to all; 0: all pairs.
        Default: all of up to 3,000 streamers, else 100,000.
    rows
        Also process a store of so many viewer-channel rows; 0: not.
    viewers_of_a_channel
        From how many viewers the chatters of each channel in that store are drawn: the more, the
        more different pairs of viewer and channel.
    memory_gib
        Memory of the process that finds relations, and of the one that processes that store.
    spill
        Where the entries, that store and the database's temporary files lie. Default: the system's.
    seed
        Seed of the audiences.
    out
        Also write the numbers as JSON.
    """
    from streamergraph.atomic import write_json
    from streamergraph.errors import StreamergraphError
    from streamergraph.events import say, say_table
    from streamergraph.processing.benchmark import measure_large_store, measure_overlap
    from streamergraph.processing.memory import LEAST_GIB

    spill, out = path_or_none(spill), path_or_none(out)
    for flag, value, least in (
        ("--streamers", streamers, 2),
        ("--pairs", pairs or 0, 0),
        ("--memory-gib", memory_gib, LEAST_GIB),
        ("--rows", rows, 0),
        ("--viewers-of-a-channel", viewers_of_a_channel, 1),
    ):
        if value < least:
            raise StreamergraphError(
                flag, expected=f"at least {least}", found=str(value), remedy="raise it"
            )
    if spill is not None and not spill.is_dir():
        raise StreamergraphError(
            "--spill", expected="a folder", found=str(spill), remedy="make it, or leave this out"
        )
    facts = measure_overlap(
        streamers=streamers, pairs=pairs, memory_gib=memory_gib, seed=seed, spill=spill
    )
    say_table(
        f"{facts['pairs']:,} pairs of {facts['streamers']:,} streamers with "
        f"{facts['entries']:,} audience entries",
        ["", "processor, s", "times", "clock, s", "memory added, GiB"],
        [
            [
                name,
                f"{facts[method]['processor_seconds']:.2f}",
                f"{facts['times_as_long'].get(method, 1):.1f}",
                f"{facts[method]['wall_seconds']:.2f}",
                _gib(facts[method]["memory_gib"]),
            ]
            for name, method in (
                ("streamergraph", "ours"),
                ("SciPy's M·Mᵀ", "product"),
                ("DuckDB's self-join", "self_join"),
                ("Python sets", "sets"),
            )
        ],
        numbers=(1, 2, 3, 4),
    )
    if facts["pairs_measured"] < facts["pairs"]:
        say(f"The time of sets is scaled from {facts['pairs_measured']:,} pairs.")
    relations = facts["relations"]
    say(
        f"from a table to {relations['counts']['kept']:,} relations within --memory-gib "
        f"{memory_gib:g}: {relations['processor_seconds']:.2f} s of processor time; the whole process "
        f"held at most {_gib(relations['peak_memory_gib'])} GiB"
    )
    if rows:
        facts["large"] = measure_large_store(
            rows=rows,
            viewers_of_a_channel=viewers_of_a_channel,
            memory_gib=memory_gib,
            spill=spill,
        )
        large = facts["large"]
        say(
            f"{large['rows']:,} rows: {large['wall_seconds']:.1f} s "
            f"({large['processor_seconds']:.1f} s of processor time), at most "
            f"{_gib(large['peak_memory_gib'])} GiB of memory"
        )
    if out is not None:
        write_json(out, facts)
    return facts


def _gib(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.2f}"
