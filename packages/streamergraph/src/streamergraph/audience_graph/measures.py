"""What a streamer is in the graph: degree, weighted degree, PageRank, betweenness, component, core.

PageRank, betweenness and core numbers are rustworkx's, which took 2.4 s of processor for the betweenness
of the published graph where networkx takes 40 s, to the same numbers.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import polars as pl

from streamergraph.atomic import write_csv, write_json
from streamergraph.audience_graph.graph import AudienceGraph
from streamergraph.audience_graph.numbering import components
from streamergraph.audience_graph.stamps import stamp, was_edited
from streamergraph.audience_graph.weighted import WeightedGraph
from streamergraph.extras import how_to_install
from streamergraph.progress import step

if TYPE_CHECKING:
    from collections.abc import Mapping

STEM = "measures"
FILE = f"{STEM}.csv"
# Betweenness walks from every streamer over every relation: beyond this it would take minutes.
MOST_WALKED = 10**9
SCHEMA = {
    "streamer_id": pl.Int64,
    "degree": pl.Int64,
    "weighted_degree": pl.Float64,
    "page_rank": pl.Float64,
    "betweenness": pl.Float64,
    "component": pl.Int64,
    "core_number": pl.Int64,
}
MEASURES = tuple(name for name in SCHEMA if name != "streamer_id")


def measure_streamers(graph: AudienceGraph) -> pl.DataFrame:
    """A row a streamer, by id, with the columns of `SCHEMA`; None is not known.

    `page_rank` goes by weights (damping 0.85) and sums to 1; `betweenness` is the share of shortest
    paths, of steps that count alike, through a streamer; `component` is numbered by falling size;
    `core_number` k: in the largest group in which everybody has k relations. Betweenness is left out
    where streamers times relations are more than `MOST_WALKED` (see `left_out`).
    """
    weighted = graph.weighted
    ends = np.concatenate([weighted.a, weighted.b])
    strength = np.bincount(
        ends, weights=np.concatenate([weighted.weight, weighted.weight]), minlength=weighted.n
    )
    return pl.DataFrame(
        {
            "streamer_id": weighted.node_ids,
            "degree": weighted.degrees(),
            "weighted_degree": strength,
            "component": components(weighted),
            **_by_rustworkx(weighted),
        }
    ).select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())


def left_out(graph: AudienceGraph) -> list[str]:
    """Notes on measures that `measure_streamers` does not know of this graph."""
    if not _is_installed():
        return [
            "PageRank, betweenness and core numbers are not known: they need rustworkx; "
            + how_to_install("rustworkx")
        ]
    if not _can_walk(graph.weighted):
        return ["betweenness is not computed for a graph of this size, which would take minutes"]
    return []


def measures_for(graph: AudienceGraph, folder: Path | None) -> pl.DataFrame:
    """The measures of `graph`: those in `folder` if they are of the same graph, else computed."""
    if folder is not None and (folder / FILE).is_file():
        try:
            facts: dict[str, Any] = json.loads((folder / f"{STEM}.json").read_bytes())
            kept = pl.read_csv(folder / FILE, schema_overrides=SCHEMA).select(list(SCHEMA))
        except (OSError, ValueError, pl.exceptions.PolarsError):
            facts = {}
        same = facts.get("graph") == graph.hash and not was_edited(folder / FILE, facts)
        if same and facts.get("complete"):
            return kept
    with step("measures"):
        return measure_streamers(graph)


def write_measures(
    folder: Path, measures: pl.DataFrame, graph: AudienceGraph, labels: pl.DataFrame | None = None
) -> None:
    """Write measures.csv, with names and (of `labels`) communities, and measures.json beside it."""
    rows = measures.join(
        graph.tables.streamers.select("streamer_id", "name"),
        on="streamer_id",
        maintain_order="left",
    ).select("streamer_id", "name", *MEASURES)
    if labels is not None:
        ours = labels.select("streamer_id", "community")
        rows = rows.join(ours, on="streamer_id", how="left", maintain_order="left")
    write_csv(folder / FILE, rows.columns, rows.iter_rows())
    facts = stamp(graph, made_by="measures", file=folder / FILE)
    write_json(folder / f"{STEM}.json", {**facts, "complete": not left_out(graph)})


def _by_rustworkx(graph: WeightedGraph) -> dict[str, pl.Series]:
    unknown = pl.Series([None] * graph.n, dtype=pl.Float64)
    names = ("page_rank", "betweenness", "core_number")
    if not _is_installed() or not graph.n:
        return dict.fromkeys(names, unknown)
    import rustworkx

    made = rustworkx.PyGraph(multigraph=False)
    made.add_nodes_from(range(graph.n))
    made.add_edges_from(
        list(zip(graph.a.tolist(), graph.b.tolist(), graph.weight.tolist(), strict=True))
    )
    rank = rustworkx.pagerank(made.to_directed(), weight_fn=float, tol=1e-10, max_iter=1000)
    # Its stubs (0.18) say that this is one number.
    core = cast("Mapping[int, int]", rustworkx.core_number(made))
    nodes = range(graph.n)
    between = unknown
    if _can_walk(graph):
        found = rustworkx.betweenness_centrality(made, normalized=True)
        between = pl.Series([found[k] for k in nodes], dtype=pl.Float64)
    return {
        "page_rank": pl.Series([rank[k] for k in nodes], dtype=pl.Float64),
        "betweenness": between,
        "core_number": pl.Series([core[k] for k in nodes], dtype=pl.Int64),
    }


def _can_walk(graph: WeightedGraph) -> bool:
    return graph.n * len(graph.a) <= MOST_WALKED


def _is_installed() -> bool:
    """Whether rustworkx is there: it has no wheels for some systems, on which pictures still are drawn."""
    try:
        import rustworkx  # noqa: F401
    except ImportError:
        return False
    return True
