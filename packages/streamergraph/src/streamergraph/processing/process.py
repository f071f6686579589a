"""From a slice of a store to tables."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl

from streamergraph.errors import StreamergraphError
from streamergraph.observations.reading import readable
from streamergraph.observations.store import Store
from streamergraph.processing.bots import find_bots, lists_seen
from streamergraph.processing.database import DEFAULT_MEMORY_GIB, database
from streamergraph.processing.kinds import AudienceChoice, choose_audience
from streamergraph.processing.observed import observe
from streamergraph.processing.places import place_of
from streamergraph.processing.raids import find_raids
from streamergraph.processing.relations import RelationRules
from streamergraph.processing.renames import names_never_seen
from streamergraph.processing.settings import ProcessSettings
from streamergraph.processing.slices import Slice
from streamergraph.processing.streamers import fill_audience, keep_streamers, played_categories
from streamergraph.processing.watching import require_whole_days, watch
from streamergraph.progress import step
from streamergraph.tables.facts import TableFacts
from streamergraph.tables.schema import OVERLAPS
from streamergraph.tables.tables import Tables

if TYPE_CHECKING:
    from streamergraph.processing.spark_session import Cluster


@dataclass(frozen=True, kw_only=True)
class Processed:
    """Tables, and what was left out on the way (as in process.json)."""

    tables: Tables
    summary: dict[str, Any]
    choice: AudienceChoice
    ambiguous: tuple[str, ...]


def process_store(
    store: Store,
    settings: ProcessSettings,
    slice_: Slice = Slice(),  # noqa: B008  # frozen
    *,
    listed_bots: Iterable[int] = (),
    allowed: Iterable[int] = (),
    renames: dict[str, str] | None = None,
    memory_gib: float = DEFAULT_MEMORY_GIB,
    spill: Path | None = None,
    cluster: Cluster | None = None,
) -> Processed:
    """Find out who watched whom in a slice of `store`, apply thresholds, measure shared audiences.

    Ids are the platform's, or stable numbers of names. With a `cluster` presences are read and counted
    there, and looks, names and thresholds remain here; the tables are the same. Raises StreamergraphError
    where nothing is in the slice, or no streamer passes the thresholds.
    """
    settings.check()
    with (
        readable(store, spill=spill) as current,
        database(memory_gib=memory_gib, spill=spill) as connection,
        place_of(connection, current, cluster, memory_gib) as place,
    ):
        with step("observations"):
            observed = observe(
                connection, current, slice_,
                renames=renames or {}, as_published=settings.as_published,
            )  # fmt: skip
            window = _window(connection, store)
            choice = choose_audience(connection, slice_.audience)
            require_whole_days(
                connection, slice_, choice, raid_minutes=settings.raid_minutes,
                as_published=settings.as_published,
            )  # fmt: skip
        with step("audiences"):
            summary: dict[str, Any] = {
                "settings": asdict(settings),
                "sampled": {
                    **observed.counts,
                    **watch(place, slice_, choice, every_look=not settings.as_published),
                },
                "window": window,
                "audience": asdict(choice),
                "channels": {
                    **{f"with_{kind}": number for kind, number in choice.channels.items()},
                    "left_out": len(choice.left_out),
                    "in_part": len(choice.in_part),
                    "names_of_several_ids": len(observed.ambiguous),
                },
            }
            named = renames or {}
            summary["renames"] = {
                "never_seen": names_never_seen(connection, named),
                "new_never_seen": names_never_seen(connection, set(named.values()) - set(named)),
            }
        with step("bots and raids"):
            summary["bots_removed"] = find_bots(
                place, slice_, choice,
                listed=listed_bots, allowed=allowed, channels=settings.bot_channels,
            )  # fmt: skip
            seen = lists_seen(place)
            summary["lists"] = {
                "bots": {"seen": seen["listed"]},
                "allow": {"seen": seen["allowed"]},
            }
            summary["raids_removed"] = find_raids(place, minutes=settings.raid_minutes)
            streamers, summary["streamers"] = keep_streamers(place, settings, choice)
        if not streamers.height:
            raise _nobody_passes(store, summary["streamers"])
        played, categories = played_categories(connection, settings)
        with step("shared audience"):
            fill_audience(place, settings)
            found = place.relations(relation_rules(settings), n_streamers=streamers.height)
            summary["pairs"] = found.counts
    tables = Tables(
        streamers=streamers.with_columns(pl.Series("audience", found.sizes, dtype=pl.Int64)),
        categories=categories,
        played=played,
        overlaps=_overlaps(found.pairs, streamers["streamer_id"]),
        facts=_facts(settings, slice_, choice, window, found.counts),
    )
    summary["written"] = {
        "streamers": streamers.height,
        "categories": categories.height,
        "played": played.height,
        "overlaps": tables.overlaps.height,
    }
    return Processed(tables=tables, summary=summary, choice=choice, ambiguous=observed.ambiguous)


def _nobody_passes(store: Store, counts: dict[str, int]) -> StreamergraphError:
    flags = {
        "--min-live-minutes": counts["below_min_live"],
        "--min-mean-viewers": counts["below_min_viewers"],
        "--min-mean-chatters": counts["below_min_chatters"],
    }
    below = ", ".join(f"{number} are below {flag}" for flag, number in flags.items() if number)
    unknown = "".join(
        f"; of {counts[name]} no {what} known"
        for name, what in (
            ("viewers_not_known", "viewers are"),
            ("chats_not_known", "chat list is"),
        )
        if counts[name]
    )
    return StreamergraphError(
        store.folder,
        expected="streamers that pass the thresholds",
        found=f"none of {counts['seen']}" + f" ({below}{unknown})" * bool(below),
        remedy="lower " + " or ".join(flag for flag, number in flags.items() if number),
    )


def _window(connection: duckdb.DuckDBPyConnection, store: Store) -> dict[str, str]:
    row = connection.execute("SELECT epoch(min(time)), epoch(max(time)) FROM observed").fetchone()
    first, last = row or (None, None)
    if first is None or last is None:
        raise StreamergraphError(
            store.folder,
            expected="observations in the slice that was asked for",
            found="none",
            remedy="check --from, --until and --language",
        )
    moments = [datetime.datetime.fromtimestamp(value, datetime.UTC) for value in (first, last)]
    return dict(zip(("first", "last"), (moment.isoformat() for moment in moments), strict=True))


def relation_rules(settings: ProcessSettings) -> RelationRules:
    """What these settings ask of a relation."""
    return RelationRules(
        measure=settings.measure,
        threshold=settings.threshold,
        significance=settings.significance,
        least_common_viewers=settings.least_common_viewers,
        published_rounding=settings.as_published,
    )


def _overlaps(pairs: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    overlaps = pairs.with_columns(
        streamer_id_a=ids.gather(pairs["a"]), streamer_id_b=ids.gather(pairs["b"])
    )
    ours = [column.name for column in OVERLAPS.columns]
    rest = [name for name in OVERLAPS.extra if name in overlaps.columns]
    return overlaps.select(*ours, *rest)


def _facts(
    settings: ProcessSettings,
    slice_: Slice,
    choice: AudienceChoice,
    window: dict[str, str],
    counts: dict[str, int],
) -> TableFacts:
    return TableFacts(
        measure=settings.measure,
        threshold=settings.threshold,
        significance=settings.significance,
        audience=choice.kind,
        least_common_viewers=settings.least_common_viewers,
        hidden_relations=counts["hidden_by_least_common_viewers"],
        min_live_minutes=settings.min_live_minutes,
        min_mean_viewers=settings.min_mean_viewers,
        min_mean_chatters=settings.min_mean_chatters,
        min_game_minutes=settings.min_game_minutes,
        min_watch_minutes=settings.min_watch_minutes,
        first=window["first"],
        last=window["last"],
        language=slice_.language,
        left_out=choice.left_out,
    )
