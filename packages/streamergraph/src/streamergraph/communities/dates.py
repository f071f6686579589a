"""Two dates: which community became which."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from streamergraph.atomic import write_csv, write_json
from streamergraph.audience_graph.same_streamers import same_by
from streamergraph.communities.comparison import (
    adjusted_rand_index,
    match_communities,
    normalized_mutual_information,
)
from streamergraph.communities.result import Communities
from streamergraph.errors import StreamergraphError

HEADER = ["before", "name_before", "after", "name_after", "jaccard", "common"]


@dataclass(frozen=True, kw_only=True)
class DateComparison:
    """Rows with the columns of `HEADER`, and how alike the partitions are."""

    rows: list[list[Any]]
    facts: dict[str, Any]


def compare_dates(before: Communities, after: Communities) -> DateComparison:
    """Match communities by the streamers in both.

    Who is the same is told by `same_by`. Streamers without a numbered community on either date are
    left out. Raises StreamergraphError where the dates have nobody in common.
    """
    left = _labels(before, "l")
    right = _labels(after, "r")
    key = same_by(left, right)
    both = left.unique(key).join(right.unique(key), on=key).sort(key)
    numbered = both.filter((pl.col("l") >= 0) & (pl.col("r") >= 0))
    if not numbered.height:
        raise StreamergraphError(
            "--compare",
            expected="streamers with a community on both dates",
            found="none",
            remedy="name a folder with communities of the same streamers",
        )
    l_labels, r_labels = numbered["l"].to_numpy(), numbered["r"].to_numpy()
    names_before = {c.community: c.name for c in before.described}
    names_after = {c.community: c.name for c in after.described}
    rows = [
        [
            match.before,
            names_before.get(match.before, "") if match.before is not None else "(began)",
            match.after,
            names_after.get(match.after, "") if match.after is not None else "(ended)",
            round(match.jaccard, 4),
            match.common,
        ]
        for match in match_communities(l_labels, r_labels)
    ]
    return DateComparison(
        rows=rows,
        facts={
            # Communities by different weights differ for that reason too.
            "weight_before": before.facts.get("weight"),
            "weight_after": after.facts.get("weight"),
            "streamers_in_both": both.height,
            "compared": numbered.height,
            "normalized_mutual_information": round(
                normalized_mutual_information(l_labels, r_labels), 4
            ),
            "adjusted_rand": round(adjusted_rand_index(l_labels, r_labels), 4),
        },
    )


def _labels(communities: Communities, column: str) -> pl.DataFrame:
    return communities.labels.select(
        "streamer_id", pl.col("name").str.to_lowercase(), pl.col("community").alias(column)
    )


def write_comparison(folder: Path, comparison: DateComparison) -> None:
    """Write comparison.csv and comparison.json."""
    write_csv(folder / "comparison.csv", HEADER, comparison.rows)
    write_json(folder / "comparison.json", comparison.facts)
