"""The verb `model`: the tables as a graph database or as files that others load."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from streamergraph.paths import path_or_none
from streamergraph.verbs.paths import InputPath, NewGraphOrAddress, checks_paths
from streamergraph.verbs.shared_options import SERVER, helped_by

if TYPE_CHECKING:
    import polars as pl

    from streamergraph.audience_graph.graph import AudienceGraph
    from streamergraph.communities.result import Communities

FORMATS = ("ladybug", "neo4j-csv", "cypher", "jsonl", "graphml", "gexf")
SUFFIXES = {".cypher": "cypher", ".jsonl": "jsonl", ".graphml": "graphml", ".gexf": "gexf"}


@helped_by(SERVER)
@checks_paths
def model(
    tables: InputPath,
    *,
    out: NewGraphOrAddress,
    format: str | None = None,  # noqa: A002
    communities: InputPath | None = None,
    batch: int = 2000,
    database: str | None = None,
    keep: bool = False,
    timeout_seconds: float = 30.0,
) -> tuple[int, int]:
    """Write the graph of streamers and categories; returns numbers of nodes and relationships.

    Parameters
    ----------
    tables
        Folder of tables, ours or the published ones, or of a graph made by `graph`.
    out
        Path of a Ladybug database or file, a folder for neo4j-csv, or the address of a server:
        ``bolt://host:7687`` (user and password: STREAMERGRAPH_BOLT_USER, STREAMERGRAPH_BOLT_PASSWORD).
    format
        ladybug, neo4j-csv, cypher, jsonl, graphml or gexf. Default: by the suffix of OUT, else ladybug.
    communities
        Folder made by `communities`: adds the property `community`.
    batch
        Rows of one transaction on a server.
    keep
        Leave on the server what other tables loaded there and these have not, and list it.
    """
    from streamergraph.audience_graph.files import read_graph
    from streamergraph.audience_graph.measures import left_out, measures_for
    from streamergraph.communities.result import read_communities
    from streamergraph.errors import StreamergraphError
    from streamergraph.events import say
    from streamergraph.graphs import files
    from streamergraph.graphs.bolt import is_bolt, write_bolt
    from streamergraph.graphs.gexf import write_gexf
    from streamergraph.graphs.graphml import write_graphml
    from streamergraph.graphs.ladybug import write_ladybug
    from streamergraph.graphs.property_exchange import exchange_of
    from streamergraph.graphs.records import property_graph

    tables, out, communities = Path(tables), os.fspath(out), path_or_none(communities)
    chosen = format or ("" if is_bolt(out) else format_of(Path(out)))
    if batch < 1:
        raise StreamergraphError(
            "--batch", expected="1 or more", found=str(batch), remedy="try 2000"
        )
    if format is not None and format not in FORMATS:
        raise StreamergraphError(
            "--format", expected=" or ".join(FORMATS), found=format, remedy="choose one of them"
        )
    made = read_graph(tables)
    labels = None
    if communities is not None:
        labels = labels_for(made, read_communities(communities), communities)
    for note in left_out(made):
        say(f"note: {note}")
    graph = property_graph(made, labels, measures_for(made, tables))
    if is_bolt(out):
        notes = write_bolt(
            out,
            graph,
            batch=batch,
            timeout_seconds=timeout_seconds,
            database=database,
            keep=keep,
        )
        for note in notes:
            say(f"note: {note}")
    elif database is not None or keep:
        raise StreamergraphError(
            "--database" if database is not None else "--keep",
            expected="the address of a server as --out",
            found=out,
            remedy="leave it out: a file is replaced as a whole",
        )
    else:
        path = Path(out)
        exchanged = {"graphml": write_graphml, "gexf": write_gexf}
        databases = {
            "ladybug": write_ladybug,
            "neo4j-csv": files.write_admin_csv,
            "cypher": files.write_cypher,
            "jsonl": files.write_json_lines,
        }
        if chosen in exchanged:
            exchanged[chosen](path, exchange_of(graph))
        else:
            databases[chosen](path, graph)
    say(f"{out}: {graph.n_nodes:,} nodes, {graph.n_relations:,} relationships. {graph.made}")
    return graph.n_nodes, graph.n_relations


def format_of(path: Path) -> str:
    """The format that a name asks for; raises StreamergraphError for a suffix that is nearly one.

    >>> format_of(Path("graph.gexf")), format_of(Path("graph"))
    ('gexf', 'ladybug')
    """
    from streamergraph.errors import StreamergraphError
    from streamergraph.suggestions import nearest

    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        return SUFFIXES[suffix]
    near = nearest(suffix, SUFFIXES, cutoff=0.7)
    if near is not None:
        raise StreamergraphError(
            path, expected=f"a name in {' or '.join(SUFFIXES)}, or of a database", found=suffix,
            remedy=f"did you mean {path.with_suffix(near).name}? A Ladybug database of that name "
            "is made by --format ladybug",
        )  # fmt: skip
    return "ladybug"


def labels_for(graph: AudienceGraph, found: Communities, folder: Path) -> pl.DataFrame:
    """Labels of the streamers of `graph` in communities that may be of another graph, and says so.

    Ids may be others there: who has the same id under another name is not taken. Raises
    StreamergraphError where nobody is the same.
    """
    import polars as pl

    from streamergraph.audience_graph.same_streamers import same_by
    from streamergraph.errors import StreamergraphError
    from streamergraph.events import say

    streamers = graph.tables.streamers.select("streamer_id", "name")
    if found.facts.get("graph") == graph.hash:
        return found.labels
    lower = pl.col("name").str.to_lowercase()
    streamers, others = streamers.with_columns(lower), found.labels.with_columns(lower)
    key = same_by(streamers, others)
    labels = streamers.join(
        others.unique(key, keep="none").select(key, "community"), on=key
    ).select(pl.col("streamer_id"), pl.col("community"))
    if not labels.height:
        raise StreamergraphError(
            folder,
            expected="communities of these streamers",
            found="none of them there",
            remedy="find them with `communities` for the same tables",
        )
    if labels.height < streamers.height or "graph" in found.facts:
        say(
            f"note: the communities are of another graph; {labels.height} of {streamers.height} "
            "streamers are in both"
        )
    return labels
