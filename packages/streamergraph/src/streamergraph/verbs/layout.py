"""The verb `layout`: where every streamer stands in the picture."""

from __future__ import annotations

from pathlib import Path

from streamergraph.verbs.paths import InputPath, OutputPath, checks_paths


@checks_paths
def layout(
    tables: InputPath,
    *,
    out: OutputPath,
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
    tables
        Folder of tables, ours or the original's.
    out
        Folder for layout.csv and layout.json (what weighed the relations, and the settings).
    top
        Only the so many streamers with the most viewers on average.
    weight
        Column of the overlaps that weighs a relation, such as jaccard or common_viewers. Default:
        the measure that `process` was asked for.
    iterations, scaling, gravity, strong_gravity, weight_influence, linlog, dissuade_hubs
        ForceAtlas2's parameters, with the names and meanings of Gephi.
    seed
        The same seed gives the same places.
    """
    from streamergraph.errors import StreamergraphError
    from streamergraph.layout.forceatlas2 import LayoutSettings
    from streamergraph.layout.placing import LAYOUT_FILE, place_streamers, write_layout
    from streamergraph.progress import step
    from streamergraph.tables.reading import read_tables
    from streamergraph.tables.tables import top_streamers

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
    read = read_tables(tables)
    if top is not None:
        read = top_streamers(read, top)
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
    with step("layout"):
        placed = place_streamers(read, settings, weight=weight)
    write_layout(out, placed, tables=read, settings=settings, weight=weight)
    return out / LAYOUT_FILE
