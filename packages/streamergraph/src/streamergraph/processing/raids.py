"""Audiences that were carried over: people a raid brought, while they are only passing."""

from __future__ import annotations

import duckdb

RAID_SHARE = 0.3  # of the ended stream's last chatters that turn up elsewhere at once
LEAST_RAIDERS = 5


def find_raids(connection: duckdb.DuckDBPyConnection, *, minutes: int) -> dict[str, int]:
    """Fill the table `carried` (time, streamer_key, viewer): presences in raid minutes.

    A raid is seen where a stream ends between two snapshots and at least `RAID_SHARE` of its last
    chatters (and `LEAST_RAIDERS` persons) are new in one other chat at the second snapshot. They
    do not count there for `minutes` from then on. Works on all snapshots, not only on samples.
    Returns the number of raids and of presences left out.
    """
    connection.execute(
        "CREATE TABLE carried (time TIMESTAMPTZ, streamer_key VARCHAR, viewer UBIGINT)"
    )
    if minutes == 0:
        return {"raids": 0, "presences": 0}
    connection.execute(
        """
        CREATE TABLE ended AS
        SELECT o.streamer_key AS origin, t.time AS time, o.time AS last, o.chatters
        FROM observations o JOIN all_ticks t ON t.previous = o.time
        LEFT JOIN observations n ON n.time = t.time AND n.streamer_key = o.streamer_key
        WHERE n.time IS NULL AND len(o.chatters) >= ?
        """,
        [LEAST_RAIDERS],
    )
    connection.execute(
        """
        CREATE TABLE raiders AS
        WITH people AS (
            SELECT *, count(*) OVER (PARTITION BY origin, time) AS total
            FROM (SELECT origin, time, last, unnest(chatters) AS viewer FROM ended)
            ANTI JOIN bots USING (viewer)
        ),
        there AS (SELECT time, streamer_key, unnest(chatters) AS viewer FROM observations
                  WHERE time IN (SELECT time FROM ended)),
        before AS (SELECT time, streamer_key, unnest(chatters) AS viewer FROM observations
                   WHERE time IN (SELECT last FROM ended)),
        moved AS (
            SELECT p.origin, p.time, p.total, t.streamer_key AS target, p.viewer
            FROM people p JOIN there t ON t.time = p.time AND t.viewer = p.viewer
            ANTI JOIN before b
              ON b.time = p.last AND b.streamer_key = t.streamer_key AND b.viewer = p.viewer
        )
        SELECT *, count(*) OVER (PARTITION BY origin, time, target) AS arrived FROM moved
        QUALIFY arrived >= greatest(?, ? * total)
        """,
        [LEAST_RAIDERS, RAID_SHARE],
    )
    connection.execute(
        """
        INSERT INTO carried
        SELECT DISTINCT s.time, s.streamer_key, r.viewer
        FROM raiders r LEFT JOIN renames n ON n.old = r.target
        JOIN samples s ON s.streamer_key = coalesce(n.key, r.target)
         AND s.time >= r.time AND s.time < r.time + to_minutes(?)
         AND list_contains(s.chatters, r.viewer)
        """,
        [minutes],
    )
    raids = connection.execute(
        "SELECT count(*) FROM (SELECT DISTINCT origin, time, target FROM raiders)"
    ).fetchone()
    presences = connection.execute("SELECT count(*) FROM carried").fetchone()
    return {
        "raids": int(raids[0]) if raids else 0,
        "presences": int(presences[0]) if presences else 0,
    }
