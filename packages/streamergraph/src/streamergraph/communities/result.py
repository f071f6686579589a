"""Communities of a graph: found, described, written, read again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from streamergraph.atomic import write_csv, write_json
from streamergraph.audience_graph.graph import AudienceGraph
from streamergraph.audience_graph.stamps import stamp
from streamergraph.communities.naming import Community, describe_communities
from streamergraph.communities.partition import leiden, modularity
from streamergraph.communities.stability import stability
from streamergraph.errors import StreamergraphError

STEM = "communities"
LARGE = 2_000_000
LABELS_FILE, DESCRIPTION_FILE = f"{STEM}.csv", f"{STEM}.json"


@dataclass(frozen=True, kw_only=True)
class CommunitySettings:
    """How communities are found: Leiden's parameters, the size floor, seeds to check stability with."""

    resolution: float = 1.0
    min_size: int = 5
    seed: int = 1
    trials: int = 10
    seeds: int = 10

    def as_facts(self) -> dict[str, Any]:
        """As communities.json has them, from which `settings_of` reads them."""
        facts = asdict(self)
        facts["stability_seeds"] = facts.pop("seeds")
        return facts


def usual_settings(graph: AudienceGraph, *, seed: int = 1) -> CommunitySettings:
    """The settings for who asks for none: beyond `LARGE` relations one trial, without other seeds.

    A run of Leiden on ten million relations takes more than a minute; twenty would take half an hour.
    """
    if graph.tables.overlaps.height > LARGE:
        return CommunitySettings(seed=seed, trials=1, seeds=0)
    return CommunitySettings(seed=seed)


def settings_of(facts: dict[str, Any]) -> CommunitySettings:
    """The settings by which communities with these facts were found; defaults for what is not said."""
    names = {"seeds": "stability_seeds"}
    defaults = asdict(CommunitySettings())
    return CommunitySettings(**{k: facts.get(names.get(k, k), v) for k, v in defaults.items()})


@dataclass(frozen=True, kw_only=True)
class Communities:
    """A label for each streamer (-1: in a community below the size floor), and what is known."""

    labels: pl.DataFrame  # streamer_id, name, community
    described: list[Community]
    facts: dict[str, Any]


def why_no_communities(graph: AudienceGraph, communities: Communities) -> str:
    """A sentence where no community has a number, with what may be done."""
    if any(community.community >= 0 for community in communities.described):
        return ""
    if not graph.tables.overlaps.height:
        return "No communities, for there are no relations: lower --threshold of process"
    least = communities.facts.get("min_size", 1)
    return f"No community has {least} streamers or more: lower --min-size of communities"


def find_communities(
    graph: AudienceGraph, settings: CommunitySettings | None = None
) -> Communities:
    """Find, check and describe the communities of a graph.

    Modularity is that of Leiden's partition, before communities below `min_size` lose their
    number: those streamers get the label -1. Stability is None where no seeds were run.
    """
    settings = settings or usual_settings(graph)
    resolution, min_size = settings.resolution, settings.min_size
    streamers, weighted = graph.tables.streamers, graph.weighted
    found = leiden(weighted, resolution=resolution, seed=settings.seed, trials=settings.trials)
    steadiness = stability(weighted, found, resolution=resolution, seeds=settings.seeds)
    sizes = pl.Series(found).value_counts().rename({"": "community"}).sort("community")
    large = sizes.filter(pl.col("count") >= min_size)["community"].implode()
    labels = (
        pl.DataFrame({"streamer_id": weighted.node_ids, "community": found})
        .with_columns(
            pl.when(pl.col("community").is_in(large))
            .then("community")
            .otherwise(-1)
            .alias("community")
        )
        .join(streamers.select("streamer_id", "name"), on="streamer_id")
        .select("streamer_id", "name", "community")
        .sort("streamer_id")
    )
    described = describe_communities(graph.tables, labels.select("streamer_id", "community"))
    facts = {
        "algorithm": "Leiden",
        **settings.as_facts(),
        "gephi_resolution": round(1 / resolution, 6),
        "modularity": round(modularity(weighted, found), 6),
        "modularity_with_resolution": round(modularity(weighted, found, resolution=resolution), 6),
        "without_relations": int((weighted.degrees() == 0).sum()),
        "communities": int(sizes.height),
        "communities_of_two_or_more": int((sizes["count"] >= 2).sum()),
        "numbered": len([community for community in described if community.community >= 0]),
        "stability_adjusted_rand": _rounded(steadiness.adjusted_rand),
        "stability_of": {
            str(c): _rounded(float(steadiness.per_community[c]) if settings.seeds else None)
            for c in large.explode().drop_nulls().to_list()
        },
    }
    return Communities(labels=labels, described=described, facts=facts)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def write_communities(
    folder: Path,
    communities: Communities,
    graph: AudienceGraph,
    *,
    made_by: str = "communities",
    stem: str = STEM,
) -> Communities:
    """Write communities.csv (a row a streamer) and communities.json (what is known of each).

    The JSON says of which graph they are and which verb made them. Returns them with these facts.
    """
    labels = folder / f"{stem}.csv"
    write_csv(labels, communities.labels.columns, communities.labels.iter_rows())
    facts = {**stamp(graph, made_by=made_by, file=labels), **communities.facts}
    write_json(
        folder / f"{stem}.json",
        {**facts, "named": [asdict(community) for community in communities.described]},
    )
    return Communities(labels=communities.labels, described=communities.described, facts=facts)


def read_communities(folder: Path, *, stem: str = STEM) -> Communities:
    """Read what `write_communities` wrote; raises StreamergraphError where it is not there."""
    try:
        labels = pl.read_csv(
            folder / f"{stem}.csv",
            schema={"streamer_id": pl.Int64, "name": pl.String, "community": pl.Int64},
        )
        facts: dict[str, Any] = json.loads((folder / f"{stem}.json").read_bytes())
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
            expected=f"{stem}.csv and {stem}.json",
            found="none that can be read",
            remedy="make them with `communities`",
        ) from None
    return Communities(labels=labels, described=described, facts=facts)
