"""The four tables in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import polars as pl

from streamergraph.errors import StreamergraphError
from streamergraph.tables.facts import FACTS_FILE, TableFacts
from streamergraph.tables.weights import WEIGHTS, Weight, choose_weight


@dataclass(frozen=True, kw_only=True)
class Tables:
    """Streamers, categories, minutes played and shared audience, with the columns of `schema`.

    `overlaps` holds each unordered pair once, with `streamer_id_a` < `streamer_id_b`. `facts` says
    how they were made. Ids are any whole numbers of 64 bits, negative ones too.
    """

    streamers: pl.DataFrame
    categories: pl.DataFrame
    played: pl.DataFrame
    overlaps: pl.DataFrame
    facts: TableFacts = field(default_factory=TableFacts)

    @property
    def n_nodes(self) -> int:
        """Streamers and categories."""
        return self.streamers.height + self.categories.height

    def counted(self) -> str:
        """How much there is of each table, in the words that all verbs have for it."""
        return (
            f"{self.streamers.height:,} streamers, {self.categories.height:,} categories; "
            f"{self.overlaps.height:,} relations of shared audience, "
            f"{self.played.height:,} of streamers and what they play"
        )

    @property
    def n_relationships(self) -> int:
        """Both kinds of relations."""
        return self.played.height + self.overlaps.height

    def weight(self, column: str | None = None) -> Weight:
        """What weighs a relation: `column` of the overlaps, by default the tables' own measure.

        Raises StreamergraphError for what is no strength (see `choose_weight`).
        """
        if column is not None:
            return choose_weight(self.overlaps, column)
        if self.facts.weight not in self.overlaps.columns:
            raise StreamergraphError(
                FACTS_FILE,
                expected=f"the measure that it names, {self.facts.weight}, in the overlaps",
                found=f"only {', '.join(name for name in WEIGHTS if name in self.overlaps.columns)}",
                remedy="keep overlaps.parquet beside it; without tables.json the overlap weighs",
            )
        return choose_weight(self.overlaps, self.facts.weight)


def require_top(count: int | None) -> None:
    """Raise StreamergraphError for a number of streamers to keep that keeps nobody; None is all of them."""
    if count is not None and count < 1:
        raise StreamergraphError(
            "--top", expected="at least 1", found=str(count), remedy="leave it out for all"
        )


def top_streamers(tables: Tables, count: int) -> Tables:
    """The tables restricted to the `count` streamers with the most viewers on average.

    Raises StreamergraphError for less than one.
    """
    require_top(count)
    kept = tables.streamers.sort(["mean_viewers", "streamer_id"], descending=[True, False])
    kept = kept.head(count).sort("streamer_id")
    ids = kept["streamer_id"].implode()
    played = tables.played.filter(pl.col("streamer_id").is_in(ids))
    return replace(
        tables,
        streamers=kept,
        categories=tables.categories.filter(
            pl.col("category_id").is_in(played["category_id"].implode())
        ),
        played=played,
        overlaps=tables.overlaps.filter(
            pl.col("streamer_id_a").is_in(ids) & pl.col("streamer_id_b").is_in(ids)
        ),
    )
