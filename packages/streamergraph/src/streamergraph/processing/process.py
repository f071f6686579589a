"""From a store to tables."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from streamergraph.errors import StreamergraphError
from streamergraph.observations.store import Store
from streamergraph.processing.bots import find_bots, lists_seen
from streamergraph.processing.database import DEFAULT_MEMORY_GIB, database
from streamergraph.processing.raids import find_raids
from streamergraph.processing.relations import RelationRules, find_relations
from streamergraph.processing.renames import names_never_seen
from streamergraph.processing.sampling import sample_observations
from streamergraph.processing.settings import ProcessSettings
from streamergraph.progress import step
from streamergraph.tables.schema import CATEGORIES, OVERLAPS
from streamergraph.tables.tables import Tables


@dataclass(frozen=True, kw_only=True)
class Processed:
    """Tables, and what was left out on the way (as in process.json)."""

    tables: Tables
    summary: dict[str, Any]


def process_store(
    store: Store,
    settings: ProcessSettings,
    *,
    listed_bots: Iterable[int] = (),
    allowed: Iterable[int] = (),
    renames: dict[str, str] | None = None,
    memory_gib: float = DEFAULT_MEMORY_GIB,
    spill: Path | None = None,
) -> Processed:
    """Sample, remove bots and raids, apply thresholds, measure shared audiences.

    Ids are ranks by mean viewers (ties by name) and, for categories, by name: the same store and
    settings give the same ids. Raises StreamergraphError where no streamer passes the thresholds.
    """
    settings.check()
    with database(memory_gib=memory_gib, spill=spill) as connection:
        with step("sample"):
            summary: dict[str, Any] = {
                "settings": asdict(settings),
                "sampled": sample_observations(connection, store, settings, renames=renames or {}),
            }
            summary["renames"] = {"never_seen": names_never_seen(connection, renames or {})}
            summary["window"] = _window(connection)
        with step("bots and raids"):
            summary["bots_removed"] = find_bots(
                connection, listed=listed_bots, allowed=allowed, channels=settings.bot_channels
            )
            seen = lists_seen(connection)
            summary["lists"] = {
                "bots": {"seen": seen["listed"]},
                "allow": {"seen": seen["allowed"]},
            }
            summary["raids_removed"] = find_raids(connection, minutes=settings.raid_minutes)
        with step("audiences"):
            _presences(connection)
            streamers, summary["streamers"] = _streamers(connection, settings)
        if not streamers.height:
            raise StreamergraphError(
                store.folder,
                expected="streamers that pass the thresholds",
                found=f"none of {summary['streamers']['seen']}",
                remedy="lower --min-live-minutes, --min-mean-viewers or --min-mean-chatters",
            )
        played, categories = _played(connection, settings)
        with step("shared audience"):
            _audiences(connection, settings)
            found = find_relations(
                connection,
                relation_rules(settings),
                n_streamers=streamers.height,
                memory_gib=memory_gib,
            )
            overlaps, summary["pairs"] = _overlaps(found.pairs), found.counts
            streamers = streamers.with_columns(
                pl.Series("rank", range(1, streamers.height + 1), dtype=pl.Int64),
                pl.Series("audience", found.sizes, dtype=pl.Int64),
            )
    tables = Tables(
        streamers=streamers.drop("streamer_key"),
        categories=categories,
        played=played,
        overlaps=overlaps,
    )
    summary["written"] = {
        "streamers": streamers.height,
        "categories": categories.height,
        "played": played.height,
        "overlaps": overlaps.height,
    }
    return Processed(tables=tables, summary=summary)


def _window(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    row = connection.execute("SELECT epoch(min(time)), epoch(max(time)) FROM samples").fetchone()
    first, last = row or (None, None)
    if first is None or last is None:
        return {}
    moments = [datetime.datetime.fromtimestamp(value, datetime.UTC) for value in (first, last)]
    return dict(zip(("first", "last"), (moment.isoformat() for moment in moments), strict=True))


def _presences(connection: duckdb.DuckDBPyConnection) -> None:
    """Table `watched`: (streamer_key, viewer, samples); and `present`: people per sample."""
    connection.execute(
        """
        CREATE VIEW people AS
        SELECT time, streamer_key, viewer
        FROM (SELECT time, streamer_key, unnest(chatters) AS viewer FROM samples)
        ANTI JOIN bots USING (viewer) ANTI JOIN carried USING (time, streamer_key, viewer)
        """
    )
    connection.execute(
        "CREATE TABLE watched AS SELECT streamer_key, viewer, count(*)::INTEGER AS samples "
        "FROM people GROUP BY ALL"
    )
    connection.execute(
        """
        CREATE TABLE present AS
        WITH counted AS (SELECT time, streamer_key, count(*) AS chatters FROM people GROUP BY ALL)
        SELECT time, streamer_key, s.name, s.viewers,
               CASE WHEN s.chatters IS NOT NULL THEN coalesce(c.chatters, 0) END AS chatters
        FROM samples s LEFT JOIN counted c USING (time, streamer_key)
        """
    )


def _streamers(
    connection: duckdb.DuckDBPyConnection, settings: ProcessSettings
) -> tuple[pl.DataFrame, dict[str, int]]:
    connection.execute(
        """
        CREATE TABLE seen AS
        SELECT p.streamer_key,
               arg_max(p.name, p.time) AS name,
               count(*) * ?::BIGINT AS minutes_live,
               avg(p.viewers) AS exact_viewers,
               max(p.viewers) AS peak_viewers,
               avg(p.chatters) AS exact_chatters,
               coalesce(any_value(d.distinct_chatters), 0) AS distinct_chatters
        FROM present p LEFT JOIN (SELECT streamer_key, count(*) AS distinct_chatters FROM watched
                   GROUP BY streamer_key) d USING (streamer_key)
        GROUP BY p.streamer_key
        """,
        [settings.grid_minutes],
    )
    if settings.as_published:
        # The original compares minutes with a number of samples, and distinct chatters with the
        # least mean.
        samples = settings.min_live_minutes / settings.grid_minutes
        rules = {
            "min_live": f"minutes_live >= {samples}",
            "min_viewers": f"trunc(exact_viewers) >= {settings.min_mean_viewers}",
            "min_chatters": f"distinct_chatters >= {settings.min_mean_chatters}",
        }
    else:
        rules = {
            "min_live": f"minutes_live >= {settings.min_live_minutes}",
            "min_viewers": f"coalesce(exact_viewers, 0) >= {settings.min_mean_viewers}",
            "min_chatters": f"coalesce(exact_chatters, 0) >= {settings.min_mean_chatters}",
        }
    counts = {"seen": _one(connection, "SELECT count(*) FROM seen")}
    for name, rule in rules.items():
        counts[f"below_{name}"] = _one(
            connection, f"SELECT count(*) FROM seen WHERE NOT coalesce({rule}, false)"
        )
    connection.execute(
        f"""
        CREATE TABLE kept AS
        SELECT *, row_number() OVER (ORDER BY coalesce(exact_viewers, 0) DESC, name, streamer_key)
                  - 1 AS streamer_id
        FROM seen WHERE {" AND ".join(rules.values())}
        """
    )
    rows = connection.execute(
        """
        SELECT streamer_id, name, minutes_live, coalesce(trunc(exact_viewers), 0)::BIGINT,
               coalesce(peak_viewers, 0)::BIGINT, coalesce(trunc(exact_chatters), 0)::BIGINT,
               distinct_chatters, NULL, streamer_key
        FROM kept ORDER BY streamer_id
        """
    ).fetchall()
    frame = pl.DataFrame(
        rows,
        schema={
            "streamer_id": pl.Int64,
            "name": pl.String,
            "minutes_live": pl.Int64,
            "mean_viewers": pl.Int64,
            "peak_viewers": pl.Int64,
            "mean_chatters": pl.Int64,
            "distinct_chatters": pl.Int64,
            "social_links": pl.String,
            "streamer_key": pl.String,
        },
        orient="row",
    )
    counts["kept"] = frame.height
    return frame, counts


def _played(
    connection: duckdb.DuckDBPyConnection, settings: ProcessSettings
) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows = connection.execute(
        """
        SELECT streamer_id, category, count(*) * ?::BIGINT AS minutes
        FROM samples JOIN kept USING (streamer_key) WHERE category IS NOT NULL GROUP BY ALL
        """,
        [settings.grid_minutes],
    ).fetchall()
    schema = {"streamer_id": pl.Int64, "category": pl.String, "minutes": pl.Int64}
    every = pl.DataFrame(rows, schema=schema, orient="row")
    names = every["category"].unique().sort()
    categories = pl.DataFrame(
        {
            "category_id": pl.Series(range(len(names)), dtype=pl.Int64),
            "name": names,
            **{
                column.name: pl.Series([None] * len(names), dtype=column.kind)
                for column in CATEGORIES.columns[2:]
            },
        }
    )
    played = (
        every.filter(pl.col("minutes") >= settings.min_game_minutes)
        .join(categories.select("category_id", pl.col("name").alias("category")), on="category")
        .select("streamer_id", "category_id", "minutes")
        .sort("streamer_id", "category_id")
    )
    return played, categories


def _audiences(connection: duckdb.DuckDBPyConnection, settings: ProcessSettings) -> None:
    """Table `audience`: who watched whom of the streamers kept, and long enough."""
    # The original never used its least watch time.
    least = 1 if settings.as_published else -(-settings.min_watch_minutes // settings.grid_minutes)
    connection.execute(
        "CREATE TABLE audience AS SELECT streamer_id::INTEGER AS streamer, viewer, "
        "(samples * ?)::INTEGER AS minutes FROM watched JOIN kept USING (streamer_key) "
        "WHERE samples >= ?",
        [settings.grid_minutes, least],
    )


def relation_rules(settings: ProcessSettings) -> RelationRules:
    """What these settings ask of a relation."""
    return RelationRules(
        measure=settings.measure,
        threshold=settings.threshold,
        significance=settings.significance,
        least_common_viewers=settings.least_common_viewers,
        published_rounding=settings.as_published,
    )


def _overlaps(pairs: pl.DataFrame) -> pl.DataFrame:
    overlaps = pairs.rename({"a": "streamer_id_a", "b": "streamer_id_b"})
    ours = [column.name for column in OVERLAPS.columns]
    rest = [name for name in OVERLAPS.extra if name in overlaps.columns]
    return overlaps.select(*ours, *rest)


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
