"""The verbs `store …`: what is done with a whole store."""

from __future__ import annotations

from pathlib import Path

from streamergraph.paths import path_or_none
from streamergraph.verbs.paths import AnyPath, InputPath, StoreOrAddress, checks_paths
from streamergraph.verbs.shared_options import STORE_KEY, WORK, helped_by


@checks_paths
def convert(store: InputPath) -> int:
    """Make a store of an older format one of today's, in place and without loss; returns its format.

    Parameters
    ----------
    store
        The store. One of today's format stays as it is.
    """
    from streamergraph.events import say
    from streamergraph.locks import sole_writer
    from streamergraph.observations.format1 import convert as convert_store
    from streamergraph.observations.store import FORMAT_VERSION, Store

    opened = Store(Path(store))
    found = opened.description().format
    if found < FORMAT_VERSION:
        with sole_writer(opened.folder):
            convert_store(opened)
    say(f"{store}: format {FORMAT_VERSION}" + ("" if found < FORMAT_VERSION else " already"))
    return found


@checks_paths
def compact(store: InputPath) -> int:
    """Join the many small files of a store that is filled tick by tick; returns how many fewer there are.

    Parameters
    ----------
    store
        The store. It may be read meanwhile; what was joined is deleted by the next call a day later.
    """
    from streamergraph.events import say
    from streamergraph.locks import sole_writer
    from streamergraph.observations.store import Store
    from streamergraph.observations.upkeep import compact as compact_store

    opened = Store.open(Path(store))
    opened.require_this_format()
    with sole_writer(opened.folder):
        saved = compact_store(opened)
    say(f"{store}: {saved} files fewer")
    return saved


@checks_paths
def merge(store: InputPath, other: InputPath, *, key: AnyPath | None = None) -> dict[str, int]:
    """Add all of another store, which stays as it is; returns rows added, by table.

    Parameters
    ----------
    store
        The store that is to have all.
    other
        The store whose observations are added. Both must be under one key.
    key
        That key; needed only where streamers were forgotten.
    """
    from streamergraph.errors import StreamergraphError
    from streamergraph.events import say
    from streamergraph.locks import sole_writer
    from streamergraph.observations.reading import readable
    from streamergraph.observations.store import Store
    from streamergraph.observations.upkeep import merge as merge_stores
    from streamergraph.paths import is_same
    from streamergraph.privacy import load_pseudonyms

    if is_same(store, other):
        raise StreamergraphError(
            other, expected="another store", found="STORE itself", remedy="name the one to be added"
        )
    opened, source = Store.open(Path(store)), Store.open(Path(other))
    if opened.opt_out().channels or source.opt_out().channels:
        opened.pseudonyms = load_pseudonyms(path_or_none(key), create=False)
        opened.require_key(opened.pseudonyms)
    opened.require_this_format()
    with sole_writer(opened.folder), readable(source) as theirs:
        added = merge_stores(opened, theirs)
    say(
        f"{store}: {added.get('observations', 0)} observations of {added.get('runs', 0)} looks added"
    )
    return added


@helped_by(STORE_KEY)
@checks_paths
def forget(
    store: StoreOrAddress,
    login: list[str],
    *,
    only_as_viewers: bool = False,
    key: AnyPath | None = None,
) -> int:
    """Delete every trace of people from a store, for good; returns how many rows that were.

    Their own channels go too, with all who were there, under whatever name they were seen.

    Later imports and ticks leave them out: the store's opt-out.list keeps hashes for that, which only the
    key tells. Tables and graphs that were made before are not changed: they hold no viewers, but streamers,
    until they are made anew.

    Parameters
    ----------
    store
        Folder of the store, json:DIR, or mongodb://HOST:PORT/DATABASE.COLLECTION. A collector may be
        running on it.
    login
        One login or more.
    only_as_viewers
        Keep their own channels.
    """
    import os

    from streamergraph.collecting.clock import SystemClock
    from streamergraph.collecting.sinks import open_sink, require_store
    from streamergraph.errors import StreamergraphError
    from streamergraph.events import say
    from streamergraph.importing.chat_lists import LOGIN
    from streamergraph.observations.opt_out import of_people

    names = [one.strip().removeprefix("@") for one in login]
    for one in names:
        if not LOGIN.fullmatch(one):
            raise StreamergraphError(
                "LOGIN",
                expected="letters, digits and underscores",
                found=repr(one),
                remedy="check it",
            )
    store = os.fspath(store)
    require_store(store)
    with open_sink(store, key=path_or_none(key), clock=SystemClock()) as opened:
        people = of_people(names, opened.pseudonyms, channels=not only_as_viewers)
        counts = opened.forget(people)
    deleted = sum(counts.values())
    say(
        f"{opened.shown}: {counts['presences']} presences and {counts['rows of channels']} rows of "
        f"channels deleted; {len(names)} login{'s' if len(names) > 1 else ''} will not be stored again"
    )
    if not deleted:
        say("note: none of them was ever seen in this store; is that how they are written?")
    return deleted


@helped_by(WORK)
@checks_paths
def retain(
    store: InputPath,
    *,
    days: int | None = None,
    before: str | None = None,
    spill: InputPath | None = None,
) -> dict[str, int]:
    """Keep presences by the minute for some days only; of older days minutes a person and channel stay.

    Nothing is deleted without this verb. Tables made of whole days stay the same. For the days that
    are thinned, nobody can tell any more at which minute a person was where: raids, languages and
    parts of a day can no longer be chosen, thresholds and rules for bots can.

    Parameters
    ----------
    store
        Folder of the store.
    days
        How many days before today stay as they are.
    before
        The first day (YYYY-MM-DD, UTC) that stays as it is, in place of `days`.
    """
    import datetime

    from streamergraph.errors import StreamergraphError
    from streamergraph.events import say
    from streamergraph.locks import sole_writer
    from streamergraph.observations.store import Store
    from streamergraph.processing.thinning import LOST, thin

    if (days is None) == (before is None) or (days is not None and days < 1):
        raise StreamergraphError(
            "--days",
            expected="a number of days above 0, or --before with a day",
            found="both" if before is not None else "neither" if days is None else str(days),
            remedy="try --days 90",
        )
    try:
        first = (
            datetime.date.fromisoformat(before)
            if before is not None
            else datetime.datetime.now(datetime.UTC).date() - datetime.timedelta(days=days or 0)
        )
    except ValueError:
        raise StreamergraphError(
            "--before", expected="a day such as 2022-05-05", found=str(before), remedy="write it so"
        ) from None
    opened = Store.open(Path(store))
    opened.require_this_format()
    with sole_writer(opened.folder):
        counts = thin(opened, before=first, spill=path_or_none(spill))
    say(f"{store}: {counts['presences']} presences of {counts['days']} days before {first} thinned")
    if counts["days"]:
        say(f"of these days nobody can tell any more {LOST}")
    return counts
