"""What a community is called: its top streamers, and the categories it plays more than others do."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from streamergraph.tables.tables import Tables


@dataclass(frozen=True, kw_only=True)
class Community:
    """One community: number, size, name, the streamers and categories that stand for it."""

    community: int
    size: int
    name: str
    streamers: tuple[str, ...]
    categories: tuple[str, ...]


def describe_communities(
    tables: Tables, labels: pl.DataFrame, *, streamers: int = 3, categories: int = 3
) -> list[Community]:
    """Describe every community of `labels` (columns streamer_id, community), by its number.

    Top streamers by mean viewers. Top categories by minutes times the log of how much larger the
    category's share is here than in the whole (minutes that say something).
    """
    members = tables.streamers.join(labels, on="streamer_id").sort(
        ["mean_viewers", "streamer_id"], descending=[True, False]
    )
    sizes = labels.group_by("community").len().sort("community")
    top_names = {
        key[0]: tuple(" ".join(name.split()) for name in group["name"].head(streamers))
        for key, group in members.group_by("community", maintain_order=True)
    }
    minutes = (
        tables.played.join(labels, on="streamer_id")
        .group_by("community", "category_id")
        .agg(pl.col("minutes").sum())
        .with_columns(
            here=pl.col("minutes") / pl.col("minutes").sum().over("community"),
            everywhere=pl.col("minutes").sum().over("category_id") / pl.col("minutes").sum(),
        )
        .with_columns(score=pl.col("here") * (pl.col("here") / pl.col("everywhere")).log())
        .filter(pl.col("score") > 0)
        .join(tables.categories.select("category_id", "name"), on="category_id")
        .sort(["community", "score", "name"], descending=[False, True, False])
    )
    top_categories = {
        key[0]: tuple(group["name"].head(categories))
        for key, group in minutes.group_by("community", maintain_order=True)
    }
    described = []
    for community, size in sizes.iter_rows():
        people = top_names.get(community, ())
        played = top_categories.get(community, ())
        name = ", ".join(people[:2]) + (f" · {played[0]}" if played else "")
        described.append(
            Community(
                community=community, size=size, name=name, streamers=people, categories=played
            )
        )
    return described
