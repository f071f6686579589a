"""The verb `graph`: which streamers and which weight, kept once for all that is made from it."""

from __future__ import annotations

from pathlib import Path

from streamergraph.verbs.paths import InputPath, OutputFolder, checks_paths
from streamergraph.verbs.shared_options import GRAPH, helped_by


@helped_by(GRAPH)
@checks_paths
def graph(
    tables: InputPath,
    *,
    out: OutputFolder,
    top: int | None = None,
    weight: str | None = None,
) -> str:
    """Choose streamers and weight once, for communities, layout, view and model; returns the hash.

    These take TABLES too, and then make the same graph by themselves.

    Parameters
    ----------
    tables
        Folder of tables, ours or the published ones.
    out
        Folder of the graph: its tables, and graph.json with its weight, measure, window, kind of
        audience and hash; and measures.csv: degree, weighted degree, PageRank, betweenness, component
        and core number of every streamer.
    weight
        Column of the overlaps that weighs a relation, such as jaccard or common_viewers. Default:
        the measure that `process` was asked for.
    """
    from streamergraph.audience_graph.files import GRAPH_FILE, read_graph, write_graph
    from streamergraph.audience_graph.measures import left_out, measures_for, write_measures
    from streamergraph.events import say

    tables, out = Path(tables), Path(out)
    made = read_graph(tables, top=top, weight=weight)
    for note in left_out(made):
        say(f"note: {note}")
    write_measures(out, measures_for(made, out), made)
    write_graph(out, made, source=tables.name)
    say(
        f"{out / GRAPH_FILE}: {made.tables.streamers.height:,} streamers, "
        f"{made.tables.overlaps.height:,} relations. {made.made}"
    )
    return made.hash
