"""Who watched whom for how long, in a slice of a store."""

from __future__ import annotations

import datetime

import duckdb

from streamergraph.errors import StreamergraphError
from streamergraph.observations.schema import MINUTES, REACH
from streamergraph.processing.kinds import AudienceChoice
from streamergraph.processing.observed import bounds_of
from streamergraph.processing.places import Place
from streamergraph.processing.slices import Slice


def watch(
    place: Place,
    slice_: Slice,
    choice: AudienceChoice,
    *,
    every_look: bool,
) -> dict[str, int]:
    """Fill `watched` (channel_id, viewer, minutes) and the view `present`; returns counts.

    `present` has a row a person, channel and moment: time, channel_id, viewer, minutes; days that were
    thinned to minutes are in `watched` only. `every_look` says that all looks of the time count,
    which saves a join where all of them stand for the same time.
    """
    bounds, inside = bounds_of(slice_)
    kind = choice.kind
    widths = place.connection.execute(
        "SELECT min(width_minutes), max(width_minutes) FROM observed WHERE coverage = ?",
        [choice.coverage],
    ).fetchone() or (None, None)
    place.connection.execute(
        "CREATE VIEW standing AS SELECT time, stored_id, channel_id, width_minutes AS minutes "
        f"FROM observed WHERE coverage = '{choice.coverage}' AND width_minutes > 0"
    )
    place.bring("channel_ids", "standing")
    presences = f"(SELECT * FROM stored_{kind} WHERE {inside})"
    place.view(
        "present",
        f"""
        SELECT p.time, o.channel_id, p.viewer, o.minutes
        FROM stored_{kind} p JOIN standing o ON o.time = p.time AND o.stored_id = p.channel_id
        """,
    )
    if every_look and slice_.language is None and widths[0] == widths[1] and widths[0]:
        stored = (
            "SELECT channel_id AS stored_id, viewer, count(*) AS looks, "
            f"count(*) * CAST({widths[0]!r} AS DOUBLE) AS minutes FROM {presences} GROUP BY ALL"
        )
    else:
        stored = (
            "SELECT o.stored_id, p.viewer, count(*) AS looks, sum(o.minutes) AS minutes "
            f"FROM {presences} p JOIN standing o ON o.time = p.time AND o.stored_id = p.channel_id "
            "GROUP BY ALL"
        )
    place.make("seen_by", stored, bounds)
    place.make(
        "watched",
        f"""
        SELECT coalesce(c.id, w.stored_id) AS channel_id, viewer, sum(minutes) AS minutes
        FROM (
            SELECT stored_id, viewer, minutes FROM seen_by
            UNION ALL
            SELECT channel_id, viewer, minutes FROM stored_{_sql(MINUTES[kind])} WHERE {_days(slice_)}
        ) w LEFT JOIN channel_ids c USING (stored_id)
        GROUP BY ALL
        """,
    )
    (looks,) = place.rows("SELECT CAST(coalesce(sum(looks), 0) AS BIGINT) FROM seen_by")
    (total,) = place.rows("SELECT CAST(coalesce(round(sum(minutes)), 0) AS BIGINT) FROM watched")
    place.drop("seen_by")
    return {"presences": looks[0], "minutes_watched": total[0]}


def thinned_days(connection: duckdb.DuckDBPyConnection, slice_: Slice, kind: str) -> list[str]:
    """The days of the slice of which only minutes are kept."""
    rows = connection.execute(
        f"SELECT DISTINCT day FROM stored_{_sql(MINUTES[kind])} WHERE {_days(slice_)} ORDER BY day"
    ).fetchall()
    return [day for (day,) in rows]


def reach_of_thinned_days(kind: str, slice_: Slice) -> str:
    """SQL: viewer, and in how many chats at one moment at most, of days that were thinned."""
    return f"SELECT viewer, channels FROM stored_{_sql(REACH[kind])} WHERE {_days(slice_)}"


def _sql(table: str) -> str:
    return table.replace("-", "_")


def _days(slice_: Slice) -> str:
    rules = ["true"]
    if slice_.first is not None:
        rules.append(f"day >= '{slice_.first.date().isoformat()}'")
    if slice_.last is not None:
        rules.append(f"day < '{slice_.last.date().isoformat()}'")
    return " AND ".join(rules)


def require_whole_days(
    connection: duckdb.DuckDBPyConnection,
    slice_: Slice,
    choice: AudienceChoice,
    *,
    raid_minutes: int,
    as_published: bool,
) -> None:
    """Raise StreamergraphError where thinned days cannot give what is asked for.

    Of these nobody knows any more at which minute a person was there, nor at which look.
    """
    days = thinned_days(connection, slice_, choice.kind)
    if not days:
        return
    parts = [
        moment
        for moment in (slice_.first, slice_.last)
        if moment is not None
        and moment.time() != datetime.time()
        and moment.date().isoformat() in days
    ]
    asked = {
        "--raid-minutes": bool(raid_minutes),
        "--as-published": as_published,
        "--language": slice_.language is not None,
        "--from": bool(parts),
    }
    for flag, is_asked in asked.items():
        if is_asked:
            raise StreamergraphError(
                flag,
                expected="presences by the minute",
                found=f"days that were thinned to minutes by `store retain`, first {days[0]}",
                remedy="leave it out, or choose whole days by --from and --until",
            )
