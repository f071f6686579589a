"""The verb `view`: pictures of the graph, and a page to explore it."""

from __future__ import annotations

from pathlib import Path

from streamergraph.verbs.paths import InputPath, OutputFolder, checks_paths
from streamergraph.verbs.shared_options import GRAPH, helped_by


@helped_by(GRAPH)
@checks_paths
def view(
    tables: InputPath,
    *,
    out: OutputFolder,
    top: int | None = None,
    weight: str | None = None,
    title: str = "Streamers by shared audience",
    seed: int = 1,
    theme: str | None = None,
    labels: int = 60,
) -> Path:
    """Write graph.html, graph.png, graph.svg, files for Gephi (GEXF, GraphML, two CSVs), measures.csv.

    measures.csv tells degree, PageRank, betweenness, core and community of every streamer.
    communities.csv and layout.csv in OUT are used where they are of the same graph, else made anew;
    what `communities` or `layout` made there with settings of your own is never written over.

    Parameters
    ----------
    out
        Folder of the pictures.
    title
        Title of the pictures.
    seed
        Seed of communities and layout, where they are made here.
    theme
        Ground of the pictures: dark or light. Default: dark; the page follows the reader's system.
    labels
        Most names in PNG and SVG, and on the page as it opens.
    """
    from streamergraph.audience_graph.files import read_graph
    from streamergraph.audience_graph.measures import (
        FILE,
        left_out,
        measures_for,
        write_measures,
    )
    from streamergraph.events import say
    from streamergraph.graphs.gexf import write_gexf
    from streamergraph.graphs.graphml import write_graphml
    from streamergraph.progress import step
    from streamergraph.view.gephi import exchange_of, write_gephi_csv
    from streamergraph.view.page import write_page
    from streamergraph.view.palette import THEMES
    from streamergraph.view.parts import parts_for
    from streamergraph.view.picture import compose
    from streamergraph.view.png import write_png
    from streamergraph.view.scene import backbone_of, make_scene
    from streamergraph.view.svg import write_svg

    tables, out = Path(tables), Path(out)
    require_drawable(theme=theme, labels=labels)
    graph = read_graph(tables, top=top, weight=weight, short=True)
    parts = parts_for(graph, out, weight=weight, seed=seed)
    for note in parts.notes:
        say(f"note: {note}")
    for note in left_out(graph):
        say(f"note: {note}")
    measures = measures_for(graph, out if (out / FILE).is_file() else tables)
    write_measures(out, measures, graph, parts.communities.labels)
    scene = make_scene(graph, parts.communities, parts.layout, measures, title=title)
    with step("pictures"):
        drawn = backbone_of(scene, graph)
        picture = compose(drawn, THEMES[theme or "dark"], labels=labels)
        write_svg(out / "graph.svg", picture)
        write_png(out / "graph.png", picture)
        exchanged = exchange_of(scene)
        write_gexf(out / "graph.gexf", exchanged)
        write_graphml(out / "graph.graphml", exchanged)
        write_gephi_csv(out, scene)
        write_page(out / "graph.html", drawn, theme=theme, labels=labels)
    if drawn.left_out:
        say(f"note: {drawn.left_out}")
    say(
        f"{out / 'graph.html'}: {len(scene.nodes):,} streamers, {len(scene.edges):,} relations. "
        f"{graph.made}"
    )
    return out / "graph.html"


def require_drawable(*, theme: str | None, labels: int) -> None:
    """Raise StreamergraphError for settings that no picture can have."""
    from streamergraph.errors import StreamergraphError
    from streamergraph.view.palette import THEMES

    if theme is not None and theme not in THEMES:
        raise StreamergraphError(
            "--theme", expected=" or ".join(THEMES), found=theme, remedy="choose one of them"
        )
    if labels < 0:
        raise StreamergraphError(
            "--labels", expected="0 or more", found=str(labels), remedy="0 draws no names"
        )
