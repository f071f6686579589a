"""The verb `view`: pictures of the graph, and a page to explore it."""

from __future__ import annotations

from pathlib import Path

from streamergraph.verbs.paths import InputPath, OutputPath, checks_paths


@checks_paths
def view(
    tables: InputPath,
    *,
    out: OutputPath,
    top: int | None = None,
    weight: str | None = None,
    title: str = "Streamers by shared audience",
    seed: int = 1,
) -> Path:
    """Write graph.html, graph.png, graph.svg, and graph.gexf, graph.graphml and two CSV files for Gephi.

    communities.csv and layout.csv in OUT are used where they fit the tables, else made.

    Parameters
    ----------
    tables
        Folder of tables, ours or the original's.
    out
        Folder of the pictures.
    top
        Only the so many streamers with the most viewers on average.
    weight
        Column of the overlaps that weighs a relation, such as jaccard or common_viewers. Default:
        the measure that `process` was asked for.
    title
        Title of the pictures.
    seed
        Seed of communities and layout, where they are made here.
    """
    from streamergraph.graphs.gexf import write_gexf
    from streamergraph.graphs.graphml import write_graphml
    from streamergraph.progress import step
    from streamergraph.tables.reading import read_tables
    from streamergraph.tables.tables import top_streamers
    from streamergraph.verbs.printing import say
    from streamergraph.view.gephi import exchange_of, write_gephi_csv
    from streamergraph.view.page import write_page
    from streamergraph.view.parts import communities_for, layout_for
    from streamergraph.view.picture import compose
    from streamergraph.view.png import write_png
    from streamergraph.view.scene import make_scene
    from streamergraph.view.svg import write_svg

    tables, out = Path(tables), Path(out)
    read = read_tables(tables)
    if top is not None:
        read = top_streamers(read, top)
    found = communities_for(read, out, weight=weight, seed=seed)
    placed = layout_for(read, out, weight=weight, seed=seed)
    scene = make_scene(read, found, placed, title=title, weight=weight)
    with step("pictures"):
        picture = compose(scene)
        write_svg(out / "graph.svg", picture)
        write_png(out / "graph.png", picture)
        exchanged = exchange_of(scene)
        write_gexf(out / "graph.gexf", exchanged)
        write_graphml(out / "graph.graphml", exchanged)
        write_gephi_csv(out, scene)
        write_page(out / "graph.html", scene)
    say(
        f"{out / 'graph.html'}: {len(scene.nodes)} streamers, {len(scene.edges)} relations. "
        f"{scene.weight.sentence} {scene.made}"
    )
    return out / "graph.html"
