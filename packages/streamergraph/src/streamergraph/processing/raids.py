"""Audiences that were carried over: people a raid brought, while they are only passing."""

from __future__ import annotations

import duckdb

from streamergraph.observations.widths import HOLE

RAID_SHARE = 0.3  # of the ended stream's last chatters that turn up elsewhere at once
LEAST_RAIDERS = 5


def find_raids(connection: duckdb.DuckDBPyConnection, *, minutes: int) -> dict[str, int]:
    """Fill the table `carried` (time, channel_id, viewer, minutes): presences after a raid.

    A raid is seen where a channel ends between two looks, with no hole between them, and at least
    `RAID_SHARE` of its last chatters (and `LEAST_RAIDERS` persons) are new in one other chat at the
    second look. They do not count there for `minutes` from then on. Returns the number of raids and of
    presences left out.
    """
    connection.execute(
        "CREATE TABLE carried (time TIMESTAMPTZ, channel_id BIGINT, viewer BIGINT, minutes DOUBLE)"
    )
    if minutes == 0:
        return {"raids": 0, "presences": 0}
    connection.execute(
        f"""
        CREATE TEMP TABLE ended AS
        SELECT DISTINCT o.channel_id AS origin, o.time AS last, l.next AS time
        FROM observed o JOIN looks l ON l.source = o.source AND l.time = o.time
        ANTI JOIN observed n ON n.channel_id = o.channel_id AND n.time = l.next
        WHERE epoch_us(l.next) - epoch_us(l.time) < {HOLE} * l.width * 60e6
        """
    )
    connection.execute(
        """
        CREATE TEMP TABLE raiders AS
        WITH people AS (
            SELECT e.*, p.viewer, count(*) OVER (PARTITION BY origin, e.time) AS total
            FROM ended e JOIN present p ON p.time = e.last AND p.channel_id = e.origin
            ANTI JOIN bots b ON b.viewer = p.viewer
        ),
        moved AS (
            SELECT p.origin, p.time, p.total, t.channel_id AS target, p.viewer
            FROM people p JOIN present t ON t.time = p.time AND t.viewer = p.viewer
            ANTI JOIN present b
              ON b.time = p.last AND b.channel_id = t.channel_id AND b.viewer = p.viewer
            WHERE p.total >= ?
        )
        SELECT *, count(*) OVER (PARTITION BY origin, time, target) AS arrived FROM moved
        QUALIFY arrived >= greatest(?, ? * total)
        """,
        [LEAST_RAIDERS, LEAST_RAIDERS, RAID_SHARE],
    )
    connection.execute(
        """
        INSERT INTO carried
        SELECT DISTINCT p.time, p.channel_id, p.viewer, p.minutes
        FROM raiders r JOIN present p ON p.channel_id = r.target AND p.viewer = r.viewer
         AND p.time >= r.time AND p.time < r.time + to_minutes(?)
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
