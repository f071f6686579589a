"""The verb `weeks`: communities followed from week to week, who moved, and a picture of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streamergraph.verbs.paths import InputPath, OutputFolder, checks_paths


@checks_paths
def weeks(
    folder: InputPath,
    *,
    out: OutputFolder,
    top: int | None = None,
    weight: str | None = None,
    resolution: float = 1.0,
    min_size: int = 5,
    seed: int = 1,
    title: str = "Communities from week to week",
    theme: str = "dark",
) -> dict[str, Any]:
    """Find the communities of every week, match them from one to the next, and tell who moved.

    Writes weeks.csv (line of every streamer by week), lines.csv (size of every line by week),
    moves.csv (who changed, from where to where) and weeks.svg.

    Parameters
    ----------
    folder
        What `process --every week` wrote: a folder of tables for each week.
    out
        Folder of the results.
    top
        Keep only so many streamers of each week, those with the most viewers on average.
    weight
        Column of the overlaps that weighs a relation. Default: the measure of the tables.
    resolution
        Resolution of the communities, as in `communities`.
    min_size
        Smaller communities get no number, and begin no line.
    seed
        The same seed gives the same communities.
    title
        Title of the picture.
    theme
        Ground of the picture: dark or light.
    """
    from dataclasses import replace

    from streamergraph.atomic import write_csv, write_text
    from streamergraph.audience_graph.files import read_graph
    from streamergraph.communities.result import find_communities, usual_settings
    from streamergraph.communities.weeks import follow
    from streamergraph.errors import StreamergraphError
    from streamergraph.events import say, say_table
    from streamergraph.progress import step
    from streamergraph.tables.reading import holds_tables
    from streamergraph.view.alluvial import alluvial_svg
    from streamergraph.view.palette import THEMES

    folder, out = Path(folder), Path(out)
    if theme not in THEMES:
        raise StreamergraphError(
            "--theme", expected=" or ".join(THEMES), found=theme, remedy="choose one of them"
        )
    places = sorted(p for p in folder.iterdir() if p.is_dir() and holds_tables(p))
    if len(places) < 2:
        raise StreamergraphError(
            folder,
            expected="folders of tables for two weeks or more",
            found=f"{len(places)}",
            remedy="make them with `process --every week`",
        )
    found = []
    for place in places:
        graph = read_graph(place, top=top, weight=weight)
        settings = replace(
            usual_settings(graph, seed=seed), resolution=resolution, min_size=min_size, seeds=0
        )
        with step(place.name):
            found.append((place.name, find_communities(graph, settings)))
    followed = follow(found)
    write_csv(out / "weeks.csv", followed.members.columns, followed.members.iter_rows())
    write_csv(out / "moves.csv", followed.moves.columns, followed.moves.iter_rows())
    write_csv(
        out / "lines.csv",
        ["line", "name", *followed.dates],
        [
            [one.line, one.name, *(one.sizes.get(d) for d in followed.dates)]
            for one in followed.lines
        ],
    )
    write_text(out / "weeks.svg", alluvial_svg(followed, title=title, theme=THEMES[theme]))
    say_table(
        f"{len(followed.lines)} communities over {len(followed.dates)} weeks",
        ["", "name", *followed.dates],
        [
            [one.line, one.name, *(one.sizes.get(d, "") for d in followed.dates)]
            for one in followed.lines
        ],
        numbers=(0, *range(2, 2 + len(followed.dates))),
    )
    say(f"{followed.moves.height} moves; see {out / 'moves.csv'} and {out / 'weeks.svg'}")
    return {
        "weeks": len(followed.dates),
        "lines": len(followed.lines),
        "moves": followed.moves.height,
    }
