"""Accounts that are no audience: by list and by behaviour, never those on the allow list."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from streamergraph.processing.kinds import AudienceChoice
from streamergraph.processing.places import Place
from streamergraph.processing.slices import Slice
from streamergraph.processing.watching import reach_of_thinned_days

LIST, CHANNELS = "list", "channels"
# Of so many accounts it is told how many chats they were in at once, where a rule finds no bot.
BUSIEST = 1000
PRESENCE_MINUTES = (
    15  # the unit in which presences of bots are told, whatever the collector's interval
)


def find_bots(
    place: Place,
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
    _numbers(place.connection, "listed", listed)
    _numbers(place.connection, "allowed", allowed)
    place.bring("listed", "allowed")
    by_list = (
        f"SELECT DISTINCT viewer, '{LIST}' AS rule FROM listed ANTI JOIN allowed USING (viewer)"
    )
    if channels is None:
        place.make("bots", by_list)
    else:
        place.make("bots_of_lists", by_list)
        # Nobody is in more chats at once than in all.
        place.make(
            "suspects",
            "SELECT viewer FROM watched ANTI JOIN allowed USING (viewer) "
            "ANTI JOIN bots_of_lists USING (viewer) "
            f"GROUP BY viewer HAVING count(*) > {channels}",
        )
        place.make(
            "bots",
            f"""
            SELECT viewer, rule FROM bots_of_lists
            UNION ALL
            SELECT DISTINCT viewer, '{CHANNELS}' AS rule FROM (
                SELECT viewer FROM present SEMI JOIN suspects USING (viewer)
                GROUP BY time, viewer HAVING count(DISTINCT channel_id) > {channels}
                UNION ALL
                SELECT viewer FROM ({reach_of_thinned_days(choice.kind, slice_)}) reach
                SEMI JOIN suspects USING (viewer) WHERE channels > {channels}
            ) found
            """,
        )
    removed = {rule: {"accounts": 0, "presences": 0, "minutes": 0} for rule in (LIST, CHANNELS)}
    seen = place.rows(
        "SELECT rule, count(DISTINCT viewer), CAST(round(sum(minutes)) AS BIGINT) FROM watched "
        "JOIN bots USING (viewer) GROUP BY rule"
    )
    for rule, accounts, minutes in seen:
        removed[rule] = {"accounts": accounts, "presences": 0, "minutes": minutes}
    if not seen:
        return removed
    for rule, presences in place.rows(
        f"""
        SELECT rule, count(*) FROM (
            SELECT DISTINCT rule, viewer, channel_id,
                   floor(unix_micros(time) / {PRESENCE_MINUTES * 60_000_000}) AS unit
            FROM present JOIN bots USING (viewer)
        ) units GROUP BY rule
        """
    ):
        removed[rule]["presences"] = presences
    return removed


def most_at_once(place: Place, slice_: Slice, choice: AudienceChoice) -> int:
    """In how many chats at one moment anybody was, among those who were in most chats in all."""
    place.make(
        "busiest",
        "SELECT viewer FROM watched GROUP BY viewer "
        f"ORDER BY count(*) DESC, viewer LIMIT {BUSIEST}",
    )
    ((most,),) = place.rows(
        f"""
        SELECT coalesce(max(channels), 0) FROM (
            SELECT count(DISTINCT channel_id) AS channels
            FROM present SEMI JOIN busiest USING (viewer) GROUP BY time, viewer
            UNION ALL
            SELECT channels FROM ({reach_of_thinned_days(choice.kind, slice_)}) reach
            SEMI JOIN busiest USING (viewer)
        ) found
        """
    )
    place.drop("busiest")
    return int(most)


def lists_seen(place: Place) -> dict[str, int]:
    """How many accounts of the tables `listed` and `allowed` were seen in any chat, by table."""
    seen = {}
    for table in ("listed", "allowed"):
        row = place.connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        seen[table] = 0
        if row and row[0]:
            ((seen[table],),) = place.rows(
                f"SELECT count(DISTINCT viewer) FROM {table} SEMI JOIN watched USING (viewer)"
            )
    return seen


def _numbers(connection: duckdb.DuckDBPyConnection, table: str, numbers: Iterable[int]) -> None:
    connection.execute(f"CREATE TABLE {table} (viewer BIGINT)")
    connection.execute(f"INSERT INTO {table} SELECT unnest(?::BIGINT[])", [list(numbers)])
