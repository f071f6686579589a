"""Which snapshots count, and the rows of each."""

from __future__ import annotations

import duckdb
import polars as pl

from streamergraph.observations.store import Store
from streamergraph.processing.settings import ProcessSettings


def sample_observations(
    connection: duckdb.DuckDBPyConnection,
    store: Store,
    settings: ProcessSettings,
    *,
    renames: dict[str, str],
) -> dict[str, int]:
    """Fill the tables `ticks` (time, previous) and `samples`; returns counts.

    Samples stand on a grid of `grid_minutes` from the first UTC midnight: of each cell the first
    snapshot counts, so a hole removes samples and shifts none. `as_published` takes every n-th
    stored snapshot instead. `renames` maps an old name to a new one; a streamer keeps the key of
    the last name.
    """
    pattern = store.observations_pattern.replace("'", "''")
    connection.execute(
        f"CREATE VIEW observations AS SELECT * FROM read_parquet('{pattern}', "
        "hive_partitioning = false)"
    )
    connection.execute("CREATE TABLE moments (time TIMESTAMPTZ)")
    stored = store.snapshots().filter(pl.col("status") == "stored")["time"].drop_nulls().to_list()
    connection.execute("INSERT INTO moments SELECT unnest(?::TIMESTAMPTZ[])", [stored])
    connection.execute("INSERT INTO moments SELECT DISTINCT time FROM observations")
    connection.execute(
        "CREATE TABLE all_ticks AS SELECT time, lag(time) OVER (ORDER BY time) AS previous, "
        "row_number() OVER (ORDER BY time) - 1 AS position FROM (SELECT DISTINCT time FROM moments)"
    )
    if settings.as_published:
        step = settings.grid_minutes // settings.interval_minutes
        chosen = f"WHERE position % {step} = 0"
    else:
        cell = f"epoch(time)::BIGINT // {60 * settings.grid_minutes}"
        chosen = f"QUALIFY row_number() OVER (PARTITION BY {cell} ORDER BY time) = 1"
    connection.execute(f"CREATE TABLE ticks AS SELECT time, previous FROM all_ticks {chosen}")
    _rename_table(connection, {} if settings.as_published else renames)
    connection.execute(
        """
        CREATE TABLE samples AS
        SELECT o.time, coalesce(r.key, o.streamer_key) AS streamer_key, o.name, o.category,
               o.viewers, o.chatters, o.coverage
        FROM observations o JOIN ticks USING (time) LEFT JOIN renames r ON r.old = o.streamer_key
        QUALIFY row_number() OVER (
            PARTITION BY o.time, coalesce(r.key, o.streamer_key) ORDER BY o.viewers DESC NULLS LAST
        ) = 1
        """
    )
    return {
        "snapshots": _count(connection, "SELECT count(*) FROM all_ticks"),
        "samples": _count(connection, "SELECT count(*) FROM ticks"),
        "observations": _count(connection, "SELECT count(*) FROM samples"),
        "missing_chatters": _count(
            connection, "SELECT count(*) FROM samples WHERE chatters IS NULL"
        ),
        "presences": _count(connection, "SELECT coalesce(sum(len(chatters)), 0) FROM samples"),
    }


def _rename_table(connection: duckdb.DuckDBPyConnection, renames: dict[str, str]) -> None:
    connection.execute("CREATE TABLE renames (old VARCHAR, key VARCHAR)")
    for old in renames:
        key, seen = old, {old}
        while (next_key := renames.get(key)) is not None and next_key not in seen:
            key = next_key
            seen.add(key)
        if key != old:
            connection.execute("INSERT INTO renames VALUES (?, ?)", [old, key])


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
