"""A store of any number of presences, written by DuckDB without making files of a collector."""

from __future__ import annotations

from pathlib import Path

import duckdb

from streamergraph.cores import available_cores
from streamergraph.observations.store import Store
from streamergraph.privacy import Pseudonyms

CHATTERS = 50
STREAMS = 1400


def write_large_store(
    folder: Path, *, rows: int, viewers_of_a_channel: int = 2000, seed: int = 0
) -> Store:
    """Write about `rows` viewer-channel rows: 1,400 streams a snapshot, some fifty chatters each.

    Viewers come back to a streamer: chatters are drawn from so many viewers of a channel, which seven
    channels share.
    """
    store = Store.create(folder, Pseudonyms(key=bytes(32)))
    moments = max(1, round(rows / (STREAMS * CHATTERS)))
    by_day = 96
    with duckdb.connect(config={"threads": available_cores()}) as connection:
        for day in range(-(-moments // by_day)):
            count = min(by_day, moments - day * by_day)
            path = folder / "observations" / f"day=2022-{5 + day // 28:02d}-{1 + day % 28:02d}"
            path.mkdir(parents=True, exist_ok=True)
            target = str(path / "part.parquet").replace("'", "''")
            connection.execute(
                f"""
                COPY (
                    SELECT timestamptz '2022-05-01 00:00:00+00' + to_days({day})
                             + to_minutes(15 * t::INTEGER) AS time,
                           'streamer' || s AS streamer_key, 'streamer' || s AS name,
                           'Category ' || (s % 300) AS category, 60::BIGINT AS viewers,
                           list_distinct(list_transform(range({CHATTERS}), lambda i:
                               hash(s % 200, hash(i, s, t, {day}, {seed}) % {viewers_of_a_channel})))
                             AS chatters,
                           'full' AS coverage
                    FROM range({count}) a(t), range({STREAMS}) b(s)
                ) TO '{target}' (FORMAT parquet, COMPRESSION zstd)
                """
            )
    return store
