"""Accounts that are no audience: by list and by behaviour, never those on the allow list."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb


def find_bots(
    connection: duckdb.DuckDBPyConnection,
    *,
    listed: Iterable[int],
    allowed: Iterable[int],
    channels: int | None,
) -> dict[str, dict[str, int]]:
    """Fill the table `bots` (viewer, rule); returns accounts and presences removed, by rule.

    Rules: `list`, on the given list; `channels`, in more than `channels` chats of one sample.
    """
    _numbers(connection, "listed", listed)
    _numbers(connection, "allowed", allowed)
    connection.execute(
        "CREATE TABLE bots AS SELECT DISTINCT viewer, 'list' AS rule FROM listed ANTI JOIN allowed "
        "USING (viewer)"
    )
    if channels is not None:
        connection.execute(
            """
            INSERT INTO bots
            SELECT DISTINCT viewer, 'channels'
            FROM (SELECT time, unnest(chatters) AS viewer FROM samples)
            ANTI JOIN allowed USING (viewer) ANTI JOIN bots USING (viewer)
            GROUP BY time, viewer HAVING count(*) > ?
            """,
            [channels],
        )
    rows = connection.execute(
        """
        SELECT rule, count(DISTINCT viewer), count(*)
        FROM (SELECT unnest(chatters) AS viewer FROM samples) JOIN bots USING (viewer) GROUP BY rule
        """
    ).fetchall()
    removed = {rule: {"accounts": 0, "presences": 0} for rule in ("list", "channels")}
    for rule, accounts, presences in rows:
        removed[rule] = {"accounts": accounts, "presences": presences}
    return removed


def lists_seen(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """How many accounts of the tables `listed` and `allowed` were seen in any chat, by table."""
    connection.execute(
        """
        CREATE TEMP TABLE seen_of_lists AS
        SELECT DISTINCT viewer FROM (SELECT unnest(chatters) AS viewer FROM samples)
        SEMI JOIN (SELECT viewer FROM listed UNION SELECT viewer FROM allowed) USING (viewer)
        """
    )
    counts = {}
    for table in ("listed", "allowed"):
        row = connection.execute(
            f"SELECT count(DISTINCT viewer) FROM {table} SEMI JOIN seen_of_lists USING (viewer)"
        ).fetchone()
        counts[table] = int(row[0]) if row else 0
    return counts


def _numbers(connection: duckdb.DuckDBPyConnection, table: str, numbers: Iterable[int]) -> None:
    connection.execute(f"CREATE TABLE {table} (viewer UBIGINT)")
    connection.execute(f"INSERT INTO {table} SELECT unnest(?::UBIGINT[])", [list(numbers)])
