"""Accounts that are no audience: by list and by behaviour, never those on the allow list."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from streamergraph.processing.kinds import AudienceChoice
from streamergraph.processing.slices import Slice
from streamergraph.processing.watching import reach_of_thinned_days

LIST, CHANNELS = "list", "channels"
PRESENCE_MINUTES = (
    15  # the unit in which presences of bots are told, whatever the collector's interval
)


def find_bots(
    connection: duckdb.DuckDBPyConnection,
    slice_: Slice,
    choice: AudienceChoice,
    *,
    listed: Iterable[int],
    allowed: Iterable[int],
    channels: int | None,
) -> dict[str, dict[str, int]]:
    """Fill the table `bots` (viewer, rule); returns accounts, presences and minutes removed, by rule.

    Rules: `list`, on the given list; `channels`, in more than `channels` chats at one moment. A presence
    is a person in a chat in a quarter of an hour.
    """
    _numbers(connection, "listed", listed)
    _numbers(connection, "allowed", allowed)
    connection.execute(
        f"CREATE TABLE bots AS SELECT DISTINCT viewer, '{LIST}' AS rule FROM listed "
        "ANTI JOIN allowed USING (viewer)"
    )
    if channels is not None:
        # Nobody is in more chats at once than in all.
        connection.execute(
            "CREATE TABLE suspects AS SELECT viewer FROM watched ANTI JOIN allowed USING (viewer) "
            "ANTI JOIN bots USING (viewer) GROUP BY viewer HAVING count(*) > ?",
            [channels],
        )
        connection.execute(
            f"""
            INSERT INTO bots
            SELECT DISTINCT viewer, '{CHANNELS}' FROM (
                SELECT viewer FROM present SEMI JOIN suspects USING (viewer)
                GROUP BY time, viewer HAVING count(DISTINCT channel_id) > ?
                UNION ALL
                SELECT viewer FROM ({reach_of_thinned_days(choice.kind, slice_)})
                SEMI JOIN suspects USING (viewer) WHERE channels > ?
            )
            """,
            [channels, channels],
        )
    removed = {rule: {"accounts": 0, "presences": 0, "minutes": 0} for rule in (LIST, CHANNELS)}
    rows = connection.execute(
        "SELECT rule, count(DISTINCT viewer), round(sum(minutes))::BIGINT FROM watched "
        "JOIN bots USING (viewer) GROUP BY rule"
    ).fetchall()
    for rule, accounts, minutes in rows:
        removed[rule] = {"accounts": accounts, "presences": 0, "minutes": minutes}
    rows = connection.execute(
        f"""
        SELECT rule, count(*) FROM (
            SELECT DISTINCT rule, viewer, channel_id, epoch_us(time) // {PRESENCE_MINUTES * 60_000_000}
            FROM present JOIN bots USING (viewer)
        ) GROUP BY rule
        """
    ).fetchall()
    for rule, presences in rows:
        removed[rule]["presences"] = presences
    return removed


def lists_seen(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """How many accounts of the tables `listed` and `allowed` were seen in any chat, by table."""
    counts = {}
    for table in ("listed", "allowed"):
        row = connection.execute(
            f"SELECT count(DISTINCT viewer) FROM {table} SEMI JOIN watched USING (viewer)"
        ).fetchone()
        counts[table] = int(row[0]) if row else 0
    return counts


def _numbers(connection: duckdb.DuckDBPyConnection, table: str, numbers: Iterable[int]) -> None:
    connection.execute(f"CREATE TABLE {table} (viewer BIGINT)")
    connection.execute(f"INSERT INTO {table} SELECT unnest(?::BIGINT[])", [list(numbers)])
