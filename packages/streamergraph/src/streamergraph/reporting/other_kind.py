"""What the other kind of audience would give: members and authors of channels that have both."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from streamergraph.observations.schema import AUTHORS, COVERAGE, KINDS, MEMBERS
from streamergraph.observations.store import Store
from streamergraph.observations.views import create_views
from streamergraph.processing.bots import find_bots
from streamergraph.processing.database import DEFAULT_MEMORY_GIB, database
from streamergraph.processing.kinds import AudienceChoice, choose_audience
from streamergraph.processing.observed import observe
from streamergraph.processing.places import Here
from streamergraph.processing.process import relation_rules
from streamergraph.processing.raids import find_raids
from streamergraph.processing.settings import ProcessSettings
from streamergraph.processing.slices import Slice
from streamergraph.processing.streamers import count_people, fill_audience
from streamergraph.processing.watching import watch
from streamergraph.progress import step
from streamergraph.tables.tables import Tables
from streamergraph.tables.weights import MEASURE_COLUMNS

LEAST_PAIRS = 3  # of which a rank correlation says anything


@dataclass(frozen=True, kw_only=True)
class KindsCompared:
    """Streamers of the tables that have members and authors, over the time in which both are known.

    `with_kind`: how many streamers of the tables have each kind; `channels`: how many have both.
    `people`: distinct persons by kind. `share_who_wrote`: of a channel's members those who wrote,
    in per cent, the mean over channels. `relations`: by kind, among these channels and with the
    tables' own thresholds; `in_both`: by either kind; `rank_correlation`: of the measure of these
    (Spearman). None: there is too little to say.
    """

    with_kind: dict[str, int]
    channels: int
    people: dict[str, int]
    share_who_wrote: float | None = None
    relations: dict[str, int]
    in_both: int = 0
    rank_correlation: float | None = None


def compare_kinds(
    store: Store,
    tables: Tables,
    settings: ProcessSettings,
    *,
    memory_gib: float = DEFAULT_MEMORY_GIB,
    spill: Path | None = None,
) -> KindsCompared:
    """Find who watched whom, and who is related, by members and by authors alike.

    `store` is of today's format; `settings` are those that the tables were made with. What finding
    relations holds is bounded by `memory_gib`. Bots are left out by the rule, not by a list.
    """
    empty = dict.fromkeys(KINDS, 0)
    seen = _seen_with(store, tables)
    if None in seen.values():
        with_kind = {kind: number or 0 for kind, number in seen.items()}
        return KindsCompared(with_kind=with_kind, channels=0, people=empty, relations=empty)
    with database(memory_gib=memory_gib, spill=spill) as connection:
        slice_ = _slice(tables)
        observe(connection, store, slice_, renames={}, as_published=False)
        choose_audience(connection, None)
        _list_streamers(connection, tables)
        with_kind = {kind: _one(connection, _WITH.format(kind=kind)) for kind in KINDS}
        channels = _keep_channels_with_both(connection)
        if not channels:
            return KindsCompared(with_kind=with_kind, channels=0, people=empty, relations=empty)
        pairs = {}
        for kind in KINDS:
            with step(f"the other kind: {kind}"), _tables_of_one(connection, keep=f"people_{kind}"):
                pairs[kind] = _relations(
                    connection, slice_, kind, settings, channels=channels, memory_gib=memory_gib
                )
        measure = MEASURE_COLUMNS[settings.measure]
        both = pairs[MEMBERS].join(pairs[AUTHORS], on=["a", "b"], suffix="_other")
        return KindsCompared(
            with_kind=with_kind,
            channels=channels,
            people={
                kind: _one(connection, f"SELECT count(DISTINCT viewer) FROM people_{kind}")
                for kind in KINDS
            },
            share_who_wrote=_share_who_wrote(connection),
            relations={kind: found.height for kind, found in pairs.items()},
            in_both=both.height,
            rank_correlation=_rank_correlation(both[measure], both[f"{measure}_other"]),
        )


def settings_of(tables: Tables, summary: dict[str, Any]) -> ProcessSettings:
    """What `process` was asked for, as far as its summary and the tables say so."""
    names = {field.name for field in fields(ProcessSettings)}
    said = {k: v for k, v in vars(tables.facts).items() if k in names and v is not None}
    asked = {k: v for k, v in summary.get("settings", {}).items() if k in names and k not in said}
    return ProcessSettings(**{**asked, **said})


_WITH = "SELECT count(*) FROM kinds_of_channels JOIN of_tables ON streamer_id = channel_id WHERE has_{kind}"


def _seen_with(store: Store, tables: Tables) -> dict[str, int | None]:
    """Streamers of the tables with each kind, by their ids alone; None where nobody in the store has it.

    Spares the work where there is nothing to compare.
    """
    with database(memory_gib=1.0) as connection:
        create_views(connection, store)
        _list_streamers(connection, tables)
        rows = connection.execute(
            "SELECT coverage, count(DISTINCT streamer_id) FROM stored_observations "
            "LEFT JOIN of_tables ON streamer_id = channel_id GROUP BY coverage"
        ).fetchall()
    found = dict(rows)
    return {kind: found.get(COVERAGE[kind]) for kind in KINDS}


def _list_streamers(connection: duckdb.DuckDBPyConnection, tables: Tables) -> None:
    connection.execute(
        "CREATE TABLE of_tables AS SELECT unnest(?::BIGINT[]) AS streamer_id",
        [tables.streamers["streamer_id"].to_list()],
    )


def _slice(tables: Tables) -> Slice:
    """The time and language of the tables; all of it where they do not say it."""
    first, last = (
        datetime.datetime.fromisoformat(moment) if moment is not None else None
        for moment in (tables.facts.first, tables.facts.last)
    )
    return Slice(
        first=first,
        last=None if last is None else last + datetime.timedelta(microseconds=1),
        language=tables.facts.language,
    )


def _keep_channels_with_both(connection: duckdb.DuckDBPyConnection) -> int:
    """Fill `kept`, and cut what was observed of these channels to the time that both kinds cover."""
    connection.execute(
        """
        CREATE TABLE kept AS
        SELECT channel_id, (row_number() OVER (ORDER BY channel_id) - 1)::INTEGER AS streamer,
               greatest(first_members, first_authors) AS first_both,
               least(last_members, last_authors) AS last_both
        FROM kinds_of_channels JOIN of_tables ON streamer_id = channel_id
        WHERE has_members AND has_authors
          AND greatest(first_members, first_authors) <= least(last_members, last_authors)
        """
    )
    connection.execute(
        "DELETE FROM observed USING kept WHERE kept.channel_id = observed.channel_id "
        "AND time NOT BETWEEN first_both AND last_both"
    )
    return _one(connection, "SELECT count(*) FROM kept")


@contextmanager
def _tables_of_one(connection: duckdb.DuckDBPyConnection, *, keep: str) -> Iterator[None]:
    """Drop what the body made, but for one table: the other kind makes tables of the same names."""
    made = (
        "SELECT 'TABLE', table_name FROM duckdb_tables() UNION ALL "
        "SELECT 'VIEW', view_name FROM duckdb_views() WHERE NOT internal"
    )
    before = set(connection.execute(made).fetchall())
    yield
    for what, name in sorted(set(connection.execute(made).fetchall()) - before, reverse=True):
        if name != keep:
            connection.execute(f"DROP {what} {name}")


def _relations(
    connection: duckdb.DuckDBPyConnection,
    slice_: Slice,
    kind: str,
    settings: ProcessSettings,
    *,
    channels: int,
    memory_gib: float,
) -> pl.DataFrame:
    """Relations of `kept` by one kind; fills `people_KIND` (channel_id, viewer)."""
    choice = AudienceChoice(kind=kind, channels={})
    place = Here(connection, memory_gib)
    watch(place, slice_, choice, every_look=False)
    find_bots(place, slice_, choice, listed=(), allowed=(), channels=settings.bot_channels or None)
    find_raids(place, minutes=settings.raid_minutes)
    count_people(place)
    connection.execute(
        f"CREATE TABLE people_{kind} AS SELECT channel_id, viewer FROM counted "
        "SEMI JOIN kept USING (channel_id)"
    )
    fill_audience(place, settings)
    return place.relations(relation_rules(settings), n_streamers=channels).pairs


def _share_who_wrote(connection: duckdb.DuckDBPyConnection) -> float | None:
    row = connection.execute(
        """
        SELECT avg(share) FROM (
            SELECT 100 * count(a.viewer) / count(*) AS share
            FROM people_members m LEFT JOIN people_authors a USING (channel_id, viewer)
            GROUP BY channel_id
        )
        """
    ).fetchone()
    return None if row is None or row[0] is None else float(row[0])


def _rank_correlation(a: pl.Series, b: pl.Series) -> float | None:
    from scipy.stats import spearmanr

    if a.len() < LEAST_PAIRS or a.n_unique() < 2 or b.n_unique() < 2:
        return None
    return float(spearmanr(a.to_numpy(), b.to_numpy()).statistic)


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
