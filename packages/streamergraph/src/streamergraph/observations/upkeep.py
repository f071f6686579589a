"""What is done with a whole store: fewer parts, two stores into one, a person forgotten."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from itertools import count

import polars as pl

from streamergraph.errors import StreamergraphError
from streamergraph.observations.adding import is_thinned, known_keys
from streamergraph.observations.days import Day
from streamergraph.observations.joining import joined
from streamergraph.observations.opt_out import HiddenNames, OptOut
from streamergraph.observations.schema import (
    CHANNELS,
    KINDS,
    LOSSES,
    MINUTES,
    OBSERVATIONS,
    REACH,
    RUNS,
    SCHEMAS,
)
from streamergraph.observations.series import Told, is_another
from streamergraph.observations.store import Store
from streamergraph.privacy import Pseudonyms

LEFT_FOR_READERS_HOURS = 24.0
WITH_CHANNELS = (OBSERVATIONS, CHANNELS, *KINDS, *MINUTES.values())
WITH_VIEWERS = (*KINDS, *MINUTES.values(), *REACH.values())
WITH_NAMES = {  # of files and series, which a user has chosen
    OBSERVATIONS: ("source",),
    RUNS: ("run_id", "source", "file"),
    LOSSES: ("run_id", "file"),
}


def compact(store: Store, *, least_parts: int = 2) -> int:
    """Join the parts of each table of a day where there are `least_parts` or more; returns parts saved.

    The rows stay as they are, but that of several words on one look the last stays, and of several
    sightings of a name the first and the last moment. What was joined is deleted a day later, when
    nobody can be reading it any more.
    """
    saved = 0
    for day in store.days():
        for table, schema in SCHEMAS.items():
            parts = [part for part in day.parts() if part.table == table]
            if len(parts) >= least_parts:
                day.commit({table: joined(day.read(table, schema), table)}, instead_of=parts)
                saved += len(parts) - 1
        day.sweep(older_than_hours=LEFT_FOR_READERS_HOURS)
    return saved


def merge(store: Store, other: Store) -> dict[str, int]:
    """Add all of `other`, which stays as it is, to `store`; returns rows added, by table.

    What both know of a channel at a moment is taken from `store`, but for the people: these are united.
    Raises StreamergraphError for stores
    under two keys or with local times of two zones, or where one of them has thinned a day that the
    other has too.
    """
    mine, theirs = store.description(), other.description()
    if mine.key_fingerprint != theirs.key_fingerprint:
        raise StreamergraphError(
            other.folder,
            expected=f"a store under the key of {store.folder}",
            found="one under another key",
            remedy="their viewers cannot be compared; import its sources again under one key",
        )
    their_list = other.opt_out()
    if store.opt_out().channels ^ their_list.channels and store.pseudonyms is None:
        raise StreamergraphError(
            store.folder,
            expected="the key, for streamers were forgotten in one of the two stores",
            found="none",
            remedy="name it with --key",
        )
    if theirs.timezone is not None:
        store.use_timezone(theirs.timezone)
    _require_no_thinned(store, other)
    both = store.opt_out() | their_list
    store.use_opt_out(replace(both, unfinished=True))
    others = _other_names(store, other)
    added: dict[str, int] = {}
    for day in other.days():
        frames = _unknown_rows(store.day(day.name), day, others)
        for table in WITH_VIEWERS:
            frames[table] = frames[table].filter(~pl.col("viewer").is_in(list(both.viewers)))
        for part in store.day(day.name).commit(frames):
            added[part.table] = added.get(part.table, 0) + part.rows
    forget(store, both)
    return added


def forget(store: Store, people: OptOut) -> dict[str, int]:
    """Delete every trace of the people of a list, for good; returns how many rows, by what they were.

    They are added to the store's list first, which is `unfinished` until all is deleted, so that a kill
    between brings nobody back and readers are told. Channels go under all names that they were ever seen
    with; for these the store must have its key.
    """
    known = store.opt_out() | people
    pseudonyms = store.pseudonyms
    channels: set[int] = set()
    if pseudonyms is not None:
        channels = marked(store, known.channels, pseudonyms)
        ids = {pseudonyms.channel_mark(number) for number in channels if number >= 0}
        known = replace(known, channels=known.channels | ids)
    known = replace(known, unfinished=True)
    store.use_opt_out(known)
    deleted = {
        "presences": _delete(store, WITH_VIEWERS, "viewer", people.viewers),
        "rows of channels": _delete(store, WITH_CHANNELS, "channel_id", channels),
    }
    if pseudonyms is not None:
        _hide_names(store, HiddenNames(known, pseudonyms))
    store.use_opt_out(replace(known, unfinished=False))
    return deleted


def _hide_names(store: Store, names: HiddenNames) -> None:
    """Take names of people out of those of files and series, but for a collector's, which hold none."""
    runs = store.runs()
    collectors = tuple(runs.filter(pl.col("planned").is_not_null())["source"].unique())
    for day in store.days():
        changed = {}
        for table, columns in WITH_NAMES.items():
            rows = day.read(table, SCHEMAS[table])
            said = {text for name in columns for text in rows[name].drop_nulls().unique()}
            new = {
                text: hidden
                for text in said
                if not text.startswith(collectors) and (hidden := names.hidden(text)) != text
            }
            if new:
                changed[table] = rows.with_columns(pl.col(name).replace(new) for name in columns)
        if changed:
            gone = [part for part in day.parts() if part.table in changed]
            day.commit(changed, instead_of=gone)
            day.sweep(older_than_hours=0)
    description = store.description()
    origins = {mark: names.hidden(name) for mark, name in description.origins.items()}
    if origins != description.origins:
        store.describe(replace(description, origins=origins))


def marked(store: Store, marks: Collection[str], pseudonyms: Pseudonyms) -> set[int]:
    """The stored ids of channels whose id or one of whose names has one of these marks."""
    wanted = set(marks)
    return {
        number
        for number, login, name in store.channels()
        .select("channel_id", "login", "name")
        .iter_rows()
        if wanted
        & {pseudonyms.channel_mark(one) for one in (number, login, name) if one is not None}
    }


def _delete(store: Store, tables: Collection[str], column: str, values: Collection[int]) -> int:
    """Delete the rows of these tables that have one of `values`, for good; returns how many."""
    deleted = 0
    for day in store.days() if values else ():
        for table in tables:
            parts = [part for part in day.parts() if part.table == table]
            rows = day.read(table, SCHEMAS[table])
            kept = rows.filter(~pl.col(column).is_in(list(values)))
            if kept.height < rows.height:
                day.commit({table: kept}, instead_of=parts)
                deleted += rows.height - kept.height
        # Also what was replaced before: it may hold them, whoever reads it.
        day.sweep(older_than_hours=0)
    return deleted


def _require_no_thinned(store: Store, other: Store) -> None:
    mine = {day.name: is_thinned(day) for day in store.days()}
    for day in other.days():
        if day.name in mine and (mine[day.name] or is_thinned(day)):
            raise StreamergraphError(
                other.folder,
                expected="days of which both stores have presences by the minute",
                found=f"{day.name}, which one of them has thinned",
                remedy="import the sources of that day into one store, if they are still there",
            )


def _other_names(store: Store, other: Store) -> dict[str, str]:
    """What series of `other` are called in `store`, where another collector's have that name there."""
    mine, names = store.known_looks(), {}
    columns = ("run_id", "time", "status", "streams", "digest")
    for (source,), runs in other.runs().group_by("source"):
        looks = [Told(*row) for row in runs.select(columns).iter_rows()]
        for number in count(1):
            name = str(source) if number == 1 else f"{source} ({number})"
            known = {
                f"{source}{run.removeprefix(name)}": look
                for run, look in mine.items()
                if run.startswith(f"{name}#")
            }
            if not is_another(looks, known):
                break
        names[str(source)] = name
    return {source: name for source, name in names.items() if source != name}


def _called(frame: pl.DataFrame, others: dict[str, str]) -> pl.DataFrame:
    """The rows with their series under other names."""
    if "source" in frame.columns:
        frame = frame.with_columns(pl.col("source").replace(others))
    if "run_id" in frame.columns:
        for source, name in others.items():
            run = pl.col("run_id")
            frame = frame.with_columns(
                run_id=pl.when(run.str.starts_with(f"{source}#"))
                .then(pl.lit(name) + run.str.strip_prefix(source))
                .otherwise(run)
            )
    return frame


def _unknown_rows(mine: Day, theirs: Day, others: dict[str, str]) -> dict[str, pl.DataFrame]:
    """The rows of a day that another store has and this one has not; `others`: names of series."""
    frames = {
        table: _called(theirs.read(table, schema), others) for table, schema in SCHEMAS.items()
    }
    known = known_keys(mine, set(frames[OBSERVATIONS]["time"]))
    schema = {name: SCHEMAS[OBSERVATIONS][name] for name in ("time", "channel_id", "coverage")}
    keys = pl.DataFrame(list(known), schema=schema, orient="row")
    frames[OBSERVATIONS] = frames[OBSERVATIONS].join(keys, on=list(schema), how="anti")
    for kind in KINDS:  # lists of one moment are united, as in one import
        mine_too = mine.read(kind, SCHEMAS[kind])
        frames[kind] = frames[kind].join(mine_too, on=list(SCHEMAS[kind]), how="anti")
    runs = mine.read(RUNS, SCHEMAS[RUNS]).select("run_id")
    for table in (RUNS, LOSSES):
        frames[table] = frames[table].join(runs, on="run_id", how="anti")
    return frames
