"""The verb `run`: everything from a source to the picture."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from streamergraph.verbs.paths import (
    AnyPath,
    InputPath,
    OutputFolder,
    SourceOrAddress,
    checks_paths,
)

STEPS = (
    "import", "process", "enrich", "graph", "communities", "layout", "model", "explore", "quality",
    "view",
)  # fmt: skip


@checks_paths
def run(
    source: SourceOrAddress,
    *,
    out: OutputFolder,
    key: AnyPath | None = None,
    timezone: str | None = None,
    bots: InputPath | None = None,
    allow: InputPath | None = None,
    bot_channels: int | None = None,
    raid_minutes: int = 0,
    renames: InputPath | None = None,
    steam: InputPath | None = None,
    top: int | None = None,
    title: str = "Streamers by shared audience",
    seed: int = 1,
    steps: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """Import, process, enrich, choose the graph, find communities, report, model and draw.

    One file sets every step: in --config FILE.yaml the options of a verb stand indented below its
    name (``process:``, ``communities:``, …). A second run on what has come since draws today, from
    the places of yesterday.

    Parameters
    ----------
    source
        What `import` reads: snapshot files, a chat log, documents of MongoDB, or published tables.
    out
        OUT/store, OUT/tables, OUT/audience-graph, OUT/graph (Ladybug), OUT/view and two reports.
    key
        As in `import`.
    timezone
        As in `import`; also the zone of the hours in the reports.
    bots
        As in `process`.
    allow
        As in `process`.
    bot_channels
        As in `process`.
    raid_minutes
        As in `process`.
    renames
        As in `process`.
    steam
        CSV of Steam titles, as in `enrich`.
    top
        Keep only so many streamers, those with the most viewers on average, in communities and
        pictures.
    title
        As in `view`.
    seed
        As in `view`.
    steps
        From Python: options by the name of a verb, which win over those above.
    """
    from streamergraph.audience_graph.files import read_graph
    from streamergraph.events import say
    from streamergraph.tables.reading import holds_tables
    from streamergraph.verbs.communities import communities, tell_communities
    from streamergraph.verbs.enrich import enrich
    from streamergraph.verbs.explore import explore
    from streamergraph.verbs.graph import graph
    from streamergraph.verbs.import_observations import import_observations
    from streamergraph.verbs.layout import layout
    from streamergraph.verbs.model import model
    from streamergraph.verbs.process import process
    from streamergraph.verbs.quality import quality
    from streamergraph.verbs.view import view
    from streamergraph.view.parts import parts_for

    source, out = os.fspath(source), Path(out)
    drawn = {"top": top, "seed": seed}
    options: dict[str, dict[str, Any]] = {
        "import": {"key": key, "timezone": timezone},
        "process": {
            "bots": bots,
            "allow": allow,
            "bot_channels": bot_channels,
            "raid_minutes": raid_minutes,
            "renames": renames,
            "key": key,
        },
        "enrich": {"steam": steam},
        "communities": dict(drawn),
        "layout": dict(drawn),
        "view": {**drawn, "title": title},
    }
    asked = {} if steps is None else steps
    options = {step: options.get(step, {}) | dict(asked.get(step, {})) for step in STEPS}
    _require_readable(options)
    tables, chosen, pictures = out / "tables", out / "audience-graph", out / "view"
    store: Path | None = None
    if Path(source).is_dir() and holds_tables(Path(source)):
        import_observations(source, out=tables)
        asked_in_vain = [f"--{name.replace('_', '-')}" for name, value in {
            "timezone": timezone, "bots": bots, "allow": allow, "bot_channels": bot_channels,
            "raid_minutes": raid_minutes or None, "renames": renames,
        }.items() if value is not None]  # fmt: skip
        if asked_in_vain:
            say(f"note: tables are taken as they are, without {', '.join(asked_in_vain)}")
    else:
        store = out / "store"
        import_observations(source, out=store, **options["import"])
        process(store, out=tables, **options["process"])
    if options["enrich"]["steam"] is not None:
        enrich(tables, **options["enrich"])
    graph(tables, out=chosen, **options["graph"])
    if "communities" in asked:
        communities(chosen, out=pictures, **options["communities"])
    if "layout" in asked:
        layout(chosen, out=pictures, **options["layout"])
    weight = options["view"].get("weight")
    drawn_graph = read_graph(chosen, top=options["view"]["top"], weight=weight)
    parts = parts_for(drawn_graph, pictures, weight=weight, seed=options["view"]["seed"])
    for note in parts.notes:
        say(f"note: {note}")
    if "communities" not in asked:
        tell_communities(parts.communities, drawn_graph)
    model(chosen, out=str(out / "graph"), **options["model"])
    hours = {"timezone": timezone if store is not None else None}
    explore(tables, out=out / "explore.html", store=store, **hours | options["explore"])
    quality(tables, out=out / "quality.html", store=store, **hours | options["quality"])
    view(chosen, out=pictures, **options["view"])
    return parts.communities.facts


def _require_readable(options: Mapping[str, Mapping[str, Any]]) -> None:
    """Raise StreamergraphError for a file or setting that a later step would refuse, before any work."""
    from dataclasses import fields

    from streamergraph.enrichment.steam import read_steam
    from streamergraph.paths import require_path
    from streamergraph.privacy import KEY_BYTES, Pseudonyms
    from streamergraph.processing.logins import read_logins
    from streamergraph.processing.renames import read_renames
    from streamergraph.processing.settings import ProcessSettings
    from streamergraph.tables.tables import require_top
    from streamergraph.verbs.view import require_drawable

    given = options["process"]
    known = {field.name for field in fields(ProcessSettings)}
    ProcessSettings(**{k: v for k, v in given.items() if k in known and v is not None}).check()
    for name in ("bots", "allow"):
        if given[name] is not None:
            require_path(given[name], flag=f"--{name}")
            key = Pseudonyms(key=bytes(KEY_BYTES))
            read_logins(Path(given[name]), key, of_bots=name == "bots")
    if given["renames"] is not None:
        require_path(given["renames"], flag="--renames")
        read_renames(Path(given["renames"]))
    if options["enrich"]["steam"] is not None:
        require_path(options["enrich"]["steam"], flag="--steam")
        read_steam(Path(options["enrich"]["steam"]))
    for step in ("graph", "communities", "layout", "view"):
        require_top(options[step].get("top"))
    require_drawable(theme=options["view"].get("theme"), labels=options["view"].get("labels", 0))
