"""Streamers and categories of a slice: their time, their audience, and who passes the thresholds."""

from __future__ import annotations

import duckdb
import polars as pl

from streamergraph.processing.kinds import AudienceChoice
from streamergraph.processing.observed import PUBLISHED_MINUTES
from streamergraph.processing.places import Place
from streamergraph.processing.settings import ProcessSettings
from streamergraph.tables.schema import CATEGORIES, STREAMERS, TableSchema


def keep_streamers(
    place: Place, settings: ProcessSettings, choice: AudienceChoice
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Streamers that pass the thresholds, by id, and how many each threshold left out.

    Fills `counted` (see `count_people`) and `kept` (streamer: the position by id, channel_id, …).
    The columns are those of the table of streamers, rank and login among them, but for `audience`.
    """
    count_people(place)
    connection = place.connection
    _people(place)
    connection.execute(
        """
        CREATE TABLE seen AS
        WITH times AS (
            SELECT channel_id, round(sum(live_minutes))::BIGINT AS minutes_live,
                   sum(viewers * told_minutes) FILTER (viewers IS NOT NULL)
                     / nullif(sum(told_minutes) FILTER (viewers IS NOT NULL), 0) AS exact_viewers,
                   max(viewers) AS peak_viewers,
                   sum(width_minutes) FILTER (coverage = ?) AS listed_minutes,
                   count(*) FILTER (coverage = ?) AS lists
            FROM observed GROUP BY channel_id
        )
        SELECT t.channel_id, coalesce(n.name, t.channel_id::VARCHAR) AS name, n.login, minutes_live,
               exact_viewers, peak_viewers, coalesce(distinct_chatters, 0) AS distinct_chatters,
               CASE WHEN lists > 0
                    THEN coalesce(p.minutes, 0) / nullif(listed_minutes, 0) END AS exact_chatters
        FROM times t LEFT JOIN people p USING (channel_id) LEFT JOIN names n ON n.id = t.channel_id
        WHERE t.channel_id NOT IN (SELECT channel_id FROM kinds_of_channels WHERE NOT """
        + f"has_{choice.kind})",
        [choice.coverage, choice.coverage],
    )
    rules = _rules(settings)
    counts = {
        "seen": _one(connection, "SELECT count(*) FROM seen"),
        "viewers_not_known": _one(
            connection, "SELECT count(*) FROM seen WHERE exact_viewers IS NULL"
        ),
        "chats_not_known": _one(
            connection, "SELECT count(*) FROM seen WHERE exact_chatters IS NULL"
        ),
    }
    for name, rule in rules.items():
        counts[f"below_{name}"] = _one(
            connection, f"SELECT count(*) FROM seen WHERE NOT coalesce({rule}, false)"
        )
    connection.execute(
        f"""
        CREATE TABLE kept AS
        SELECT *, (row_number() OVER (ORDER BY channel_id) - 1)::INTEGER AS streamer,
               row_number() OVER (ORDER BY coalesce(exact_viewers, 0) DESC, name, channel_id) AS rank
        FROM seen WHERE {" AND ".join(rules.values())}
        """
    )
    rows = connection.execute(
        """
        SELECT channel_id, name, minutes_live, coalesce(trunc(exact_viewers), 0)::BIGINT,
               coalesce(peak_viewers, 0)::BIGINT, coalesce(trunc(exact_chatters + 1e-9), 0)::BIGINT,
               distinct_chatters, NULL, rank, login
        FROM kept ORDER BY streamer
        """
    ).fetchall()
    frame = pl.DataFrame(
        rows, schema={**_types(STREAMERS), "rank": pl.Int64, "login": pl.String}, orient="row"
    )
    counts["kept"] = frame.height
    counts["kept_without_viewers"] = _one(
        connection, "SELECT count(*) FROM kept WHERE exact_viewers IS NULL"
    )
    return frame, counts


def count_people(place: Place) -> None:
    """Table `counted` (channel_id, viewer, minutes): `watched` without bots and raids."""
    place.put_down(
        "counted",
        """
        SELECT channel_id, viewer, w.minutes - coalesce(c.minutes, 0) AS minutes
        FROM watched w ANTI JOIN bots USING (viewer)
        LEFT JOIN (SELECT channel_id, viewer, sum(minutes) AS minutes FROM carried GROUP BY ALL) c
        USING (channel_id, viewer)
        WHERE w.minutes - coalesce(c.minutes, 0) > 1e-6
        """,
    )


def _people(place: Place) -> None:
    """Table `people` (channel_id, distinct_chatters, minutes) of the connection: `counted` by channel."""
    rows = place.rows("SELECT channel_id, count(*), sum(minutes) FROM counted GROUP BY channel_id")
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
    place.connection.execute(
        "CREATE TABLE people AS SELECT unnest(?::BIGINT[]) AS channel_id, "
        "unnest(?::BIGINT[]) AS distinct_chatters, unnest(?::DOUBLE[]) AS minutes",
        columns,
    )


def _rules(settings: ProcessSettings) -> dict[str, str]:
    if settings.as_published:
        # The original compares minutes with a number of samples, and distinct chatters with the
        # least mean.
        return {
            "min_live": f"minutes_live >= {settings.min_live_minutes / PUBLISHED_MINUTES}",
            "min_viewers": f"trunc(exact_viewers) >= {settings.min_mean_viewers}",
            "min_chatters": f"distinct_chatters >= {settings.min_mean_chatters}",
        }
    return {
        "min_live": f"minutes_live >= {settings.min_live_minutes}",
        "min_viewers": f"coalesce(exact_viewers, 0) >= {settings.min_mean_viewers}",
        "min_chatters": f"coalesce(exact_chatters, 0) + 1e-9 >= {settings.min_mean_chatters}",
    }


def played_categories(
    connection: duckdb.DuckDBPyConnection, settings: ProcessSettings
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Minutes of each category that was streamed long enough, and every category that was streamed."""
    rows = connection.execute(
        """
        SELECT channel_id, category_id, round(sum(told_minutes))::BIGINT AS minutes
        FROM observed JOIN kept USING (channel_id) WHERE category_id IS NOT NULL GROUP BY ALL
        """
    ).fetchall()
    schema = {"streamer_id": pl.Int64, "category_id": pl.Int64, "minutes": pl.Int64}
    every = pl.DataFrame(rows, schema=schema, orient="row")
    named = connection.execute(
        """
        SELECT DISTINCT category_id, coalesce(c.name, category_id::VARCHAR), igdb_id
        FROM observed JOIN kept USING (channel_id) LEFT JOIN category_names c ON c.id = category_id
        WHERE category_id IS NOT NULL ORDER BY 1
        """
    ).fetchall()
    empty = {name: [None] * len(named) for name in list(_types(CATEGORIES))[2:]}
    categories = pl.DataFrame(
        {
            "category_id": [row[0] for row in named],
            "name": [row[1] for row in named],
            **empty,
            "igdb_id": [row[2] for row in named],
        },
        schema={**_types(CATEGORIES), "igdb_id": pl.Int64},
    )
    played = every.filter(pl.col("minutes") >= max(1, settings.min_game_minutes))
    return played.sort("streamer_id", "category_id"), categories


def fill_audience(place: Place, settings: ProcessSettings) -> None:
    """Table `audience` (streamer, viewer, minutes): who watched whom of the streamers kept, long enough."""
    # The original never used its least watch time.
    least = 0 if settings.as_published else settings.min_watch_minutes
    place.bring("kept")
    place.fill_audience(
        "SELECT streamer, viewer, CAST(round(minutes) AS INTEGER) AS minutes "
        f"FROM counted JOIN kept USING (channel_id) WHERE round(minutes) >= {least}",
        of="counted",
        beside="kept",
    )


def _types(schema: TableSchema) -> dict[str, pl.DataType]:
    return {column.name: column.kind() for column in schema.columns}


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
