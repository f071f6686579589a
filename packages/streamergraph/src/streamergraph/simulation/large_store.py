"""A store of any number of presences, written by DuckDB without making files of a collector."""

from __future__ import annotations

import datetime
from pathlib import Path

import duckdb

from streamergraph.cores import available_cores
from streamergraph.observations.days import make_private_folder
from streamergraph.observations.schema import CHANNELS, MEMBERS, OBSERVATIONS
from streamergraph.observations.store import Store
from streamergraph.privacy import Pseudonyms

CHATTERS = 50
STREAMS = 1400
LOOKS_OF_A_DAY = 96
FIRST_DAY = datetime.date(2022, 5, 1)


def write_large_store(
    folder: Path, *, rows: int, viewers_of_a_channel: int = 2000, seed: int = 0
) -> Store:
    """Write about `rows` viewer-channel rows: 1,400 streams a look, some fifty chatters each.

    Viewers come back to a streamer: chatters are drawn from so many viewers of a channel, which seven
    channels share. A look stands for a quarter of an hour.
    """
    store = Store.create(folder, Pseudonyms(key=bytes(32)))
    moments = max(1, round(rows / (STREAMS * CHATTERS)))
    with duckdb.connect(config={"threads": available_cores()}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for number in range(-(-moments // LOOKS_OF_A_DAY)):
            count = min(LOOKS_OF_A_DAY, moments - number * LOOKS_OF_A_DAY)
            date = FIRST_DAY + datetime.timedelta(days=number)
            day = store.day(date.isoformat())
            make_private_folder(day.folder)
            time = f"timestamptz '{date} 00:00:00+00' + to_minutes(15 * t::INTEGER)"
            looks = f"range({count}) a(t), range({STREAMS}) b(s)"
            tables = {
                OBSERVATIONS: f"""
                    SELECT {time} AS time, s + 1 AS channel_id, 60::BIGINT AS viewers,
                           (s % 300) + 1 AS category_id, NULL::VARCHAR AS language,
                           'large' AS source, 'full' AS coverage, 15.0::DOUBLE AS width_minutes
                    FROM {looks}""",
                MEMBERS: f"""
                    SELECT DISTINCT {time} AS time, s + 1 AS channel_id,
                           (hash(s % 200, hash(i, s, t, {number}, {seed}) % {viewers_of_a_channel})::HUGEINT
                            - 9223372036854775808)::BIGINT AS viewer
                    FROM {looks}, range({CHATTERS}) c(i) ORDER BY channel_id, time""",
                CHANNELS: f"""
                    SELECT s + 1 AS channel_id, 'streamer' || s AS login, 'streamer' || s AS name,
                           timestamptz '{date} 00:00:00+00' AS valid_from,
                           timestamptz '{date} 23:45:00+00' AS valid_until
                    FROM range({STREAMS}) b(s)""",
            }
            files = []
            for table, query in tables.items():
                path = day.folder / f"{table}-0.parquet"
                target = str(path).replace("'", "''")
                connection.execute(
                    f"COPY ({query}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
                )
                files.append((table, path))
            day.commit({}, files=files)
    return store
