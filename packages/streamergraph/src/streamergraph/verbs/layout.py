"""The verb `layout`: where every streamer stands in the picture."""

from __future__ import annotations

from pathlib import Path

from streamergraph.verbs.paths import InputPath, OutputFolder, checks_paths
from streamergraph.verbs.shared_options import GRAPH, helped_by


@helped_by(GRAPH)
@checks_paths
def layout(
    tables: InputPath,
    *,
    out: OutputFolder,
    top: int | None = None,
    weight: str | None = None,
    iterations: int = 300,
    scaling: float = 2.0,
    gravity: float = 1.0,
    strong_gravity: bool = False,
    weight_influence: float = 1.0,
    linlog: bool = False,
    dissuade_hubs: bool = False,
    seed: int = 1,
) -> Path:
    """Place streamers by ForceAtlas2, then part circles that overlap.

    Parameters
    ----------
    out
        Folder for layout.csv and layout.json (of which graph, with which weight and settings). Where a
        layout of another graph is there, its streamers begin at the places that they had.
    iterations
        Steps of ForceAtlas2, of which this and the following are parameters, with Gephi's names.
    scaling
        Strength of repulsion: larger, more room between streamers.
    gravity
        Pull to the centre, which keeps parts without a relation near.
    strong_gravity
        Let the pull grow with the distance from the centre.
    weight_influence
        How much weights count: 0 not at all, 1 as they are.
    linlog
        Attract by the logarithm of distances, which draws communities together.
    dissuade_hubs
        Divide attraction by a streamer's own number of relations, which moves hubs outwards.
    seed
        The same seed gives the same places.
    """
    from streamergraph.audience_graph.files import read_graph
    from streamergraph.audience_graph.stamps import set_aside_edited
    from streamergraph.errors import StreamergraphError
    from streamergraph.events import say
    from streamergraph.layout.files import (
        LAYOUT_FILE,
        read_layout,
        read_layout_facts,
        write_layout,
    )
    from streamergraph.layout.placing import place_streamers
    from streamergraph.layout.settings import LayoutSettings
    from streamergraph.progress import step

    tables, out = Path(tables), Path(out)
    for flag, value in (
        ("--iterations", iterations),
        ("--scaling", scaling),
        ("--gravity", gravity),
    ):
        if value < 0:
            raise StreamergraphError(
                flag, expected="0 or more", found=str(value), remedy="raise it"
            )
    graph = read_graph(tables, top=top, weight=weight, short=True)
    settings = LayoutSettings(
        iterations=iterations,
        scaling=scaling,
        gravity=gravity,
        strong_gravity=strong_gravity,
        weight_influence=weight_influence,
        linlog=linlog,
        dissuade_hubs=dissuade_hubs,
        seed=seed,
    )
    before = read_layout_facts(out)
    start = None
    if (out / LAYOUT_FILE).is_file() and before.get("graph") != graph.hash:
        start = read_layout(out)
    aside = set_aside_edited(out / LAYOUT_FILE, before)
    if aside is not None:
        say(f"note: {LAYOUT_FILE} had been changed; it is kept as {aside.name}")
    with step("layout"):
        placed = place_streamers(graph, settings, start=start)
    write_layout(out, placed, graph, settings=settings)
    say(f"{out / LAYOUT_FILE}: {placed.height} streamers. {graph.made}")
    return out / LAYOUT_FILE
