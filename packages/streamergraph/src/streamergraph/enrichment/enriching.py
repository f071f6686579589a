"""Categories with the facts of the titles they were matched with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from streamergraph.enrichment.kinds import kind_of
from streamergraph.enrichment.matching import TitleMatch
from streamergraph.enrichment.steam import SteamGame
from streamergraph.tables.schema import CATEGORIES


def enriched_categories(categories: pl.DataFrame, matches: Sequence[TitleMatch]) -> pl.DataFrame:
    """`categories` (a row for each of `matches`, in order) with facts, kind, method and score."""
    rows = []
    for row, match in zip(categories.iter_rows(named=True), matches, strict=True):
        game = match.games[0] if match.accepted else None
        rows.append(
            {
                "category_id": row["category_id"],
                "name": row["name"],
                "steam_title": game.title if game else None,
                "developer": game.developer if game else None,
                "publisher": game.publisher if game else None,
                "release_date": game.release_date if game else None,
                "tags": game.tags if game else None,
                "kind": kind_of(row["name"], has_match=game is not None),
                "match_method": match.method,
                "match_score": match.score,
                "igdb_id": row.get("igdb_id"),
                "steam_app_id": _app_id(row, game),
            }
        )
    schema = {column.name: column.kind for column in CATEGORIES.columns} | CATEGORIES.extra
    frame = pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)
    # Columns of other ids are there if there is one.
    absent = [
        name
        for name in ("igdb_id", "steam_app_id")
        if name not in categories.columns and frame[name].is_null().all()
    ]
    return frame.drop(absent)


def _app_id(row: dict[str, Any], game: SteamGame | None) -> int | None:
    """The game's number; what stood there before is no longer of this title, or was never of a match."""
    before: int | None = row.get("steam_app_id")
    if game is not None and game.app_id is not None:
        return game.app_id
    return before if row["steam_title"] == (game.title if game else None) else None
