"""The verb `games`: what Twitch, Steam and SteamSpy say of categories."""

from __future__ import annotations

from pathlib import Path

from streamergraph.paths import path_or_none
from streamergraph.verbs.paths import AnyPath, InPlacePath, InputPath, checks_paths
from streamergraph.verbs.shared_options import AUTH_URL, HELIX_URL, TWITCH, helped_by

ASK_TWITCH, ASK_STEAM = "twitch", "steam"
STEAM_TABLE = "steam.jsonl"


@helped_by(TWITCH)
@checks_paths
def games(
    tables: InputPath,
    *,
    out: InPlacePath | None = None,
    credentials: InputPath | None = None,
    tokens: AnyPath | None = None,
    helix_url: str = HELIX_URL,
    auth_url: str = AUTH_URL,
    ask: list[str] | None = None,
    steam_url: str | None = None,
    cache: AnyPath | None = None,
) -> dict[str, int]:
    """Write what others know of each category; returns how many categories have what.

    twitch: IGDB's ids. Twitch is asked by whole names, a hundred at a time, and not again for categories
    with an id. steam: developer, publisher, day of release and tags, as `enrich` adds them from a table.
    Steam and SteamSpy are asked only for the games that categories may mean, one after the other and not
    too fast; answers are kept for a month. What a person decided in review.csv holds.

    Parameters
    ----------
    tables
        Folder of tables.
    out
        Folder of the tables with ids. Default: TABLES itself.
    ask
        twitch (default) or steam; repeatable. Steam needs a key in STREAMERGRAPH_STEAM_KEY.
    steam_url
        Server that is asked, in place of Steam's and SteamSpy's own.
    cache
        Folder of kept answers. Default: ``~/.cache/streamergraph/steam``.
    """
    from streamergraph.errors import StreamergraphError

    tables, out = Path(tables), path_or_none(out)
    asked = tuple(dict.fromkeys(ask or [ASK_TWITCH]))
    if unknown := [one for one in asked if one not in (ASK_TWITCH, ASK_STEAM)]:
        raise StreamergraphError(
            "--ask",
            expected=f"{ASK_TWITCH} or {ASK_STEAM}",
            found=repr(unknown[0]),
            remedy="choose among them",
        )
    counts: dict[str, int] = {}
    if ASK_TWITCH in asked:
        counts["with_igdb_id"] = _ask_twitch(
            tables, out, path_or_none(credentials), path_or_none(tokens), helix_url, auth_url
        )
    if ASK_STEAM in asked:
        source = out if ASK_TWITCH in asked and out is not None else tables
        counts |= _ask_steam(source, out or tables, steam_url, path_or_none(cache))
    return counts


def _ask_twitch(
    tables: Path,
    out: Path | None,
    credentials: Path | None,
    tokens: Path | None,
    helix_url: str,
    auth_url: str,
) -> int:
    """Write IGDB's ids; returns how many categories have one."""
    from dataclasses import replace

    import polars as pl

    from streamergraph.collecting.clock import SystemClock
    from streamergraph.collecting.connecting import connected
    from streamergraph.collecting.facts import igdb_ids
    from streamergraph.events import say
    from streamergraph.observations.identity import folded
    from streamergraph.tables.keeping import write_keeping
    from streamergraph.tables.reading import read_tables

    read = read_tables(tables)
    categories = read.categories
    if "igdb_id" not in categories.columns:
        categories = categories.with_columns(igdb_id=pl.lit(None, pl.Int64))
    unknown = categories.filter(pl.col("igdb_id").is_null())["name"].to_list()
    with connected(
        SystemClock(),
        credentials=credentials,
        tokens=tokens,
        helix_url=helix_url,
        auth_url=auth_url,
    ) as helix:
        found = igdb_ids(helix, unknown)
    ids = [
        found.get(folded(name)) if known is None else known
        for name, known in categories.select("name", "igdb_id").iter_rows()
    ]
    categories = categories.with_columns(pl.Series("igdb_id", ids, dtype=pl.Int64))
    for line in write_keeping(out or tables, replace(read, categories=categories)).told():
        say(line)
    new = sum(folded(name) in found for name in unknown)
    having = categories["igdb_id"].drop_nulls().len()
    say(
        f"{out or tables}: {having} of {categories.height} categories have an id of IGDB, {new} new"
    )
    return having


def _ask_steam(
    tables: Path, out: Path, steam_url: str | None, cache: Path | None
) -> dict[str, int]:
    """Write the facts of games; returns what `enrich` counted."""
    import json

    from streamergraph.atomic import write_text
    from streamergraph.collecting.clock import SystemClock
    from streamergraph.collecting.steam_games import candidates, game_table
    from streamergraph.collecting.steam_web import SteamWeb, default_cache_folder
    from streamergraph.collecting.web import Web
    from streamergraph.errors import StreamergraphError
    from streamergraph.events import note, say
    from streamergraph.tables.reading import read_tables
    from streamergraph.verbs.enrich import enrich

    clock = SystemClock()
    web = Web(clock)
    try:
        steam = SteamWeb(web, clock, cache or default_cache_folder(), steam_url)
        names = read_tables(tables).categories["name"].to_list()
        titles = steam.titles()
        wanted = candidates(names, titles)
        say(
            f"{len(titles)} games on Steam, {len(wanted)} of them may be one of {len(names)} categories"
        )
        found = game_table(steam, wanted)
    finally:
        web.close()
    for what, number in sorted(steam.counts.items()):
        if not what.startswith("requests"):
            note(f"{number} {what}")
    if found.unknown:
        say(f"{found.unknown} are no games, or are not in the store any more")
    if found.without_answer:
        note(
            f"{found.without_answer} games are left out, for no answer came; called again, only these are "
            "asked for"
        )
    if not found.rows:
        raise StreamergraphError(
            tables, expected="categories that are games on Steam", found="none",
            remedy="use a table: streamergraph enrich TABLES --steam FILE",
        )  # fmt: skip
    table = out / STEAM_TABLE
    write_text(table, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found.rows))
    return enrich(tables, steam=table, out=out)
