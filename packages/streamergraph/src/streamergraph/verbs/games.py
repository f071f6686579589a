"""The verb `games`: ids of IGDB for categories, from Twitch."""

from __future__ import annotations

from pathlib import Path

from streamergraph.paths import path_or_none
from streamergraph.verbs.paths import AnyPath, InPlacePath, InputPath, checks_paths


@checks_paths
def games(
    tables: InputPath,
    *,
    out: InPlacePath | None = None,
    credentials: InputPath | None = None,
    tokens: AnyPath | None = None,
    helix_url: str = "https://api.twitch.tv/helix",
    auth_url: str = "https://id.twitch.tv/oauth2",
) -> int:
    """Write IGDB's id of each category that Twitch knows one of; returns how many were new.

    Twitch is asked by whole names, a hundred at a time; categories with an id are not asked for again.

    Parameters
    ----------
    tables
        Folder of tables.
    out
        Folder of the tables with ids. Default: TABLES itself.
    credentials
        File with the client's id and secret. Default: the environment (STREAMERGRAPH_TWITCH_ID,
        STREAMERGRAPH_TWITCH_SECRET), else ``~/.config/streamergraph/twitch``.
    tokens
        Folder where tokens are kept. Default: ``~/.config/streamergraph/tokens``.
    helix_url
        Server that is asked, in place of Twitch's own.
    auth_url
        Server that gives tokens, in place of Twitch's own.
    """
    from dataclasses import replace

    import polars as pl

    from streamergraph.collecting.clock import SystemClock
    from streamergraph.collecting.connecting import connected
    from streamergraph.collecting.facts import igdb_ids
    from streamergraph.events import say
    from streamergraph.observations.identity import folded
    from streamergraph.tables.keeping import write_keeping
    from streamergraph.tables.reading import read_tables

    tables, out = Path(tables), path_or_none(out)
    read = read_tables(tables)
    categories = read.categories
    if "igdb_id" not in categories.columns:
        categories = categories.with_columns(igdb_id=pl.lit(None, pl.Int64))
    unknown = categories.filter(pl.col("igdb_id").is_null())["name"].to_list()
    with connected(
        SystemClock(),
        credentials=path_or_none(credentials),
        tokens=path_or_none(tokens),
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
    return new
