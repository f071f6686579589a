"""Communities of a folder of tables: found, described, written, read again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from streamergraph.atomic import write_csv, write_json
from streamergraph.communities.naming import Community, describe_communities
from streamergraph.communities.partition import leiden, modularity, weighted_graph
from streamergraph.communities.stability import stability
from streamergraph.errors import StreamergraphError
from streamergraph.tables.facts import how_made
from streamergraph.tables.tables import Tables

LABELS_FILE = "communities.csv"
DESCRIPTION_FILE = "communities.json"


@dataclass(frozen=True, kw_only=True)
class Communities:
    """A label for each streamer (-1: in a community below the size floor), and what is known."""

    labels: pl.DataFrame  # streamer_id, name, community
    described: list[Community]
    facts: dict[str, Any]


def find_communities(
    tables: Tables,
    *,
    resolution: float = 1.0,
    weight: str | None = None,
    min_size: int = 5,
    seed: int = 1,
    trials: int = 10,
    seeds: int = 10,
) -> Communities:
    """Find, check and describe the communities of the tables.

    Modularity is that of Leiden's partition, before communities below `min_size` lose their
    number: those streamers get the label -1. `weight`: a column of the overlaps, by default the
    tables' measure.
    """
    chosen = tables.weight(weight)
    graph = weighted_graph(tables, weight=chosen.column)
    found = leiden(graph, resolution=resolution, seed=seed, trials=trials)
    steadiness = stability(graph, found, resolution=resolution, seeds=seeds)
    sizes = pl.Series(found).value_counts().rename({"": "community"}).sort("community")
    large = sizes.filter(pl.col("count") >= min_size)["community"].implode()
    labels = (
        pl.DataFrame({"streamer_id": graph.node_ids, "community": found})
        .with_columns(
            pl.when(pl.col("community").is_in(large))
            .then("community")
            .otherwise(-1)
            .alias("community")
        )
        .join(tables.streamers.select("streamer_id", "name"), on="streamer_id")
        .select("streamer_id", "name", "community")
        .sort("streamer_id")
    )
    described = describe_communities(tables, labels.select("streamer_id", "community"))
    facts = {
        "algorithm": "Leiden",
        "weight": chosen.column,
        "weight_is": chosen.label,
        "measure": tables.facts.measure,
        "tables": how_made(tables.facts),
        "resolution": resolution,
        "gephi_resolution": round(1 / resolution, 6),
        "seed": seed,
        "trials": trials,
        "modularity": round(modularity(graph, found), 6),
        "modularity_with_resolution": round(modularity(graph, found, resolution=resolution), 6),
        "streamers": graph.n,
        "without_relations": int((graph.degrees() == 0).sum()),
        "communities": int(sizes.height),
        "communities_of_two_or_more": int((sizes["count"] >= 2).sum()),
        "min_size": min_size,
        "numbered": len([community for community in described if community.community >= 0]),
        "stability_seeds": seeds,
        "stability_adjusted_rand": round(steadiness.adjusted_rand, 4),
        "stability_of": {
            str(c): round(float(steadiness.per_community[c]), 4)
            for c in large.explode().drop_nulls().to_list()
        },
    }
    return Communities(labels=labels, described=described, facts=facts)


def write_communities(folder: Path, communities: Communities) -> None:
    """Write communities.csv (a row a streamer) and communities.json (what is known of each)."""
    write_csv(folder / LABELS_FILE, communities.labels.columns, communities.labels.iter_rows())
    write_json(
        folder / DESCRIPTION_FILE,
        {
            **communities.facts,
            "named": [asdict(community) for community in communities.described],
        },
    )


def read_communities(folder: Path) -> Communities:
    """Read what `write_communities` wrote; raises StreamergraphError where it is not there."""
    try:
        labels = pl.read_csv(
            folder / LABELS_FILE,
            schema={"streamer_id": pl.Int64, "name": pl.String, "community": pl.Int64},
        )
        facts: dict[str, Any] = json.loads((folder / DESCRIPTION_FILE).read_bytes())
        described = [
            Community(
                community=entry["community"],
                size=entry["size"],
                name=entry["name"],
                streamers=tuple(entry["streamers"]),
                categories=tuple(entry["categories"]),
            )
            for entry in facts.pop("named")
        ]
    except (OSError, ValueError, KeyError, pl.exceptions.PolarsError):
        raise StreamergraphError(
            folder,
            expected=f"{LABELS_FILE} and {DESCRIPTION_FILE}",
            found="none that can be read",
            remedy="make them with `communities`",
        ) from None
    return Communities(labels=labels, described=described, facts=facts)
