"""Categories with the facts of the titles they were matched with."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from streamergraph.enrichment.kinds import kind_of
from streamergraph.enrichment.matching import TitleMatch
from streamergraph.enrichment.steam import SteamGame
from streamergraph.tables.schema import CATEGORIES


def enriched_categories(
    categories: pl.DataFrame, matches: Sequence[TitleMatch], games: Sequence[SteamGame]
) -> pl.DataFrame:
    """`categories` (a row for each of `matches`, in order) with facts, kind, method and score."""
    by_title = {game.title: game for game in games}
    rows = []
    for (category_id, name), match in zip(
        categories.select("category_id", "name").iter_rows(), matches, strict=True
    ):
        game = by_title.get(match.steam_title or "") if match.accepted else None
        rows.append(
            {
                "category_id": category_id,
                "name": name,
                "steam_title": game.title if game else None,
                "developer": game.developer if game else None,
                "publisher": game.publisher if game else None,
                "release_date": game.release_date if game else None,
                "tags": game.tags if game else None,
                "kind": kind_of(name, has_match=game is not None),
                "match_method": match.method,
                "match_score": match.score,
            }
        )
    made = ("kind", "match_method", "match_score")
    schema = {column.name: column.kind for column in CATEGORIES.columns}
    schema |= {name: kind for name, kind in CATEGORIES.extra.items() if name in made}
    # Ids elsewhere are no part of the match.
    kept = [name for name in ("igdb_id", "steam_app_id") if name in categories.columns]
    return pl.DataFrame(rows, schema=schema).with_columns(categories.select(kept))
