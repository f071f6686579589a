"""Accounts that are no audience: by list and by behaviour, never those on the allow list."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import duckdb

from streamergraph.errors import StreamergraphError
from streamergraph.privacy import Pseudonyms


def read_logins(path: Path, pseudonyms: Pseudonyms) -> list[int]:
    """The pseudonyms of the first column of a CSV or text file; a header line is skipped.

    The logins never leave this function. Raises StreamergraphError for a file that is no text.
    """
    headers = {"login", "user", "name", "username", "twitch username", "bot"}
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise StreamergraphError(
            path, expected="a text file of logins", found="none", remedy="check the path"
        ) from None
    logins = [row[0].strip() for row in csv.reader(text.splitlines()) if row and row[0].strip()]
    if logins and logins[0].lower() in headers:
        logins = logins[1:]
    return sorted({pseudonyms.viewer(login) for login in logins})


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


def _numbers(connection: duckdb.DuckDBPyConnection, table: str, numbers: Iterable[int]) -> None:
    connection.execute(f"CREATE TABLE {table} (viewer UBIGINT)")
    connection.execute(f"INSERT INTO {table} SELECT unnest(?::UBIGINT[])", [list(numbers)])
