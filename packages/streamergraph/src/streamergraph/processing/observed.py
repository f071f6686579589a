"""What was observed in a slice of a store: who is who, and for how long each observation stands."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import polars as pl

from streamergraph.observations.identity import Sighting, identities
from streamergraph.observations.schema import STORED
from streamergraph.observations.store import Store
from streamergraph.observations.views import create_views
from streamergraph.observations.widths import (
    LARGEST_TOLERANCE_MINUTES,
    LONE_MINUTES,
    TOLERANCE,
    widths_by_tick,
)
from streamergraph.processing.slices import Slice

# The original took every third of its snapshots and counted a quarter of an hour for each.
PUBLISHED_STEP, PUBLISHED_MINUTES = 3, 15


@dataclass(frozen=True, kw_only=True)
class Observed:
    """Counts of what was observed, and names that several ids have had."""

    counts: dict[str, int]
    ambiguous: tuple[str, ...]


def observe(
    connection: duckdb.DuckDBPyConnection,
    store: Store,
    slice_: Slice,
    *,
    renames: dict[str, str],
    as_published: bool,
) -> Observed:
    """Fill `observed` (a row an observation of the slice, with its width) and the tables of names.

    Columns of `observed`: time, stored_id, channel_id, viewers, category_id, coverage, source, live_minutes
    (how long the channel was live by it), told_minutes (for how long its viewers and category are taken
    from it) and width_minutes (how long its audience counts). They add
    up to no more than the time that passed, whatever looks overlap. Also made: `looks` (source, time,
    width, next), `channel_ids` (stored_id, id) and `names` (id, login, name).
    `as_published` takes every third moment, each for a quarter of an hour, and joins no names.
    """
    create_views(connection, store)
    _looks(connection, store)
    ambiguous = _names(connection, {} if as_published else renames)
    _category_names(connection)
    _observations(connection, slice_, as_published=as_published)
    bounds, inside = bounds_of(slice_)
    counts = {
        "looks": _count(connection, "SELECT count(DISTINCT time) FROM looks_of_slice"),
        "observations": _count(connection, "SELECT count(*) FROM observed"),
        "missing_chatters": _count(
            connection, "SELECT count(*) FROM observed WHERE coverage = 'missing'"
        ),
        "channels_without_language": _count(
            connection,
            "SELECT count(DISTINCT coalesce(id, channel_id)) FROM stored_observations "
            f"LEFT JOIN channel_ids ON stored_id = channel_id WHERE language IS NULL AND {inside}",
            bounds,
        ),
    }
    return Observed(counts=counts, ambiguous=ambiguous)


def _looks(connection: duckdb.DuckDBPyConnection, store: Store) -> None:
    runs = store.runs().filter(pl.col("status") == STORED).drop_nulls("time")
    connection.execute(
        "CREATE TABLE looks (source VARCHAR, time TIMESTAMPTZ, width DOUBLE, next TIMESTAMPTZ)"
    )
    for (source,), group in runs.select("source", "time").unique().group_by("source"):
        times = group["time"].sort()
        micros = times.dt.epoch("us")
        widths = widths_by_tick(micros.to_numpy() / 60e6)
        connection.execute(
            "INSERT INTO looks SELECT ?, make_timestamptz(t), w, make_timestamptz(n) FROM (SELECT "
            "unnest(?::BIGINT[]) AS t, unnest(?::DOUBLE[]) AS w, unnest(?::BIGINT[]) AS n)",
            [source, micros.to_list(), widths.tolist(), micros.shift(-1).to_list()],
        )


def _names(connection: duckdb.DuckDBPyConnection, renames: dict[str, str]) -> tuple[str, ...]:
    rows = connection.execute(
        "SELECT channel_id, login, name FROM stored_channels GROUP BY ALL"
    ).fetchall()
    found = identities(
        (Sighting(stored_id=number, login=login, name=name) for number, login, name in rows),
        renames=renames,
    )
    _id_table(connection, "channel_ids", found.meant)
    connection.execute(
        """
        CREATE TABLE names AS
        SELECT id, arg_max(login, valid_until) AS login,
               coalesce(arg_max(name, valid_until), arg_max(login, valid_until)) AS name
        FROM stored_channels JOIN channel_ids ON stored_id = channel_id GROUP BY id
        """
    )
    return found.ambiguous


def _category_names(connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.execute(
        "SELECT category_id, name FROM stored_categories GROUP BY ALL"
    ).fetchall()
    found = identities(Sighting(stored_id=number, name=name) for number, name in rows)
    _id_table(connection, "category_ids", found.meant)
    connection.execute(
        """
        CREATE TABLE category_names AS
        SELECT id, arg_max(name, valid_until) AS name, max(igdb_id) AS igdb_id
        FROM stored_categories JOIN category_ids ON stored_id = category_id GROUP BY id
        """
    )


def _observations(
    connection: duckdb.DuckDBPyConnection, slice_: Slice, *, as_published: bool
) -> None:
    bounds, inside = bounds_of(slice_)
    connection.execute(
        f"CREATE TABLE looks_of_slice AS SELECT *, dense_rank() OVER (ORDER BY time) - 1 AS position "
        f"FROM looks WHERE {inside}",
        bounds,
    )
    if as_published:
        connection.execute(f"DELETE FROM looks_of_slice WHERE position % {PUBLISHED_STEP} != 0")
        inside += " AND time IN (SELECT time FROM looks_of_slice)"
    spoken = "" if slice_.language is None else "AND lower(language) = lower(?)"
    connection.execute(
        f"""
        CREATE TABLE said AS
        SELECT o.time, o.channel_id AS stored_id, coalesce(c.id, o.channel_id) AS channel_id,
               o.viewers, coalesce(g.id, o.category_id) AS category_id, o.coverage, o.source,
               coalesce(o.width_minutes, l.width, {LONE_MINUTES}) AS width,
               o.width_minutes IS NOT NULL AS told
        FROM (FROM stored_observations WHERE {inside} {spoken}) o
        LEFT JOIN looks l ON l.source = o.source AND l.time = o.time
        LEFT JOIN channel_ids c ON c.stored_id = o.channel_id
        LEFT JOIN category_ids g ON g.stored_id = o.category_id
        """,
        [*bounds, *([slice_.language] if slice_.language is not None else [])],
    )
    if as_published:
        connection.execute(f"UPDATE said SET width = {PUBLISHED_MINUTES}")
    longest = "max(width) AS width, min(source) AS source, bool_or(told) AS told"
    # An observation ends where the next one of its channel (and kind) begins, however much longer it
    # would stand for by itself; of several at one moment one counts. Days are apart, so that the
    # minutes of a week are those of its days.
    connection.execute(
        f"""
        CREATE TABLE observed AS
        WITH numbered AS (
            SELECT *, time::DATE AS day,
                   row_number() OVER (PARTITION BY channel_id, time
                       ORDER BY coverage = 'authors', coverage = 'missing',
                           viewers DESC NULLS LAST, stored_id) AS of_moment,
                   row_number() OVER (PARTITION BY channel_id, coverage, time
                       ORDER BY viewers DESC NULLS LAST, stored_id) AS of_kind,
                   -- A log seldom knows category and viewers: while a snapshot stands, it tells them.
                   coverage != 'authors' OR coalesce(time >= max(CASE WHEN coverage != 'authors' THEN
                       time + to_microseconds((width * 60e6)::BIGINT) END)
                       OVER (PARTITION BY channel_id, time::DATE ORDER BY time), true) AS tells
            FROM said
        ),
        facts AS (
            SELECT channel_id, time, {_until_next("day, channel_id")} AS minutes
            FROM (SELECT channel_id, day, time, {longest} FROM numbered WHERE tells GROUP BY ALL)
        ),
        live AS (
            SELECT channel_id, time, {_until_next("day, channel_id")} AS minutes
            FROM (SELECT channel_id, day, time, {longest} FROM numbered GROUP BY ALL)
        ),
        listed AS (
            SELECT channel_id, coverage, time, {_until_next("day, channel_id, coverage")} AS minutes
            FROM (SELECT channel_id, coverage, day, time, {longest} FROM numbered GROUP BY ALL)
        )
        SELECT n.time, n.stored_id, n.channel_id, n.viewers, n.category_id, n.coverage, n.source,
               CASE WHEN n.of_moment = 1 THEN v.minutes ELSE 0 END AS live_minutes,
               CASE WHEN n.of_moment = 1 AND tells THEN f.minutes ELSE 0 END AS told_minutes,
               CASE WHEN n.of_kind = 1 THEN l.minutes ELSE 0 END AS width_minutes
        FROM numbered n JOIN live v USING (channel_id, time)
        JOIN listed l USING (channel_id, coverage, time)
        LEFT JOIN facts f USING (channel_id, time)
        """
    )
    connection.execute("DROP TABLE said")


def _until_next(partition: str) -> str:
    """SQL: `width`, or the minutes to the next `time` where that comes clearly earlier.

    The next look of its own series may be early by a little, which changes nothing; where that of another
    one comes in between, the two share the time.
    """
    next_one = f"OVER (PARTITION BY {partition} ORDER BY time)"
    gap = f"date_diff('microsecond', time, lead(time) {next_one}) / 60e6"
    tolerance = (
        f"CASE WHEN lead(source) {next_one} = source AND NOT told "
        f"THEN least({TOLERANCE} * width, {LARGEST_TOLERANCE_MINUTES}) ELSE 0 END"
    )
    return f"CASE WHEN {gap} < width - {tolerance} THEN {gap} ELSE width END"


def _id_table(connection: duckdb.DuckDBPyConnection, name: str, meant: Mapping[int, int]) -> None:
    connection.execute(f"CREATE TABLE {name} (stored_id BIGINT, id BIGINT)")
    connection.execute(
        f"INSERT INTO {name} SELECT unnest(?::BIGINT[]), unnest(?::BIGINT[])",
        [list(meant.keys()), list(meant.values())],
    )


def bounds_of(slice_: Slice) -> tuple[list[datetime.datetime], str]:
    """A condition on `time` with parameters that keeps to the slice."""
    bounds, rules = [], ["true"]
    if slice_.first is not None:
        rules.append("time >= ?")
        bounds.append(slice_.first)
    if slice_.last is not None:
        rules.append("time < ?")
        bounds.append(slice_.last)
    return bounds, " AND ".join(rules)


def _count(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[object] = ()
) -> int:
    row = connection.execute(query, list(parameters)).fetchone()
    return int(row[0]) if row else 0
