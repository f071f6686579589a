"""The verb `run`: everything from a source to the picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streamergraph.verbs.paths import AnyPath, InputPath, OutputPath, SourcePath, checks_paths


@checks_paths
def run(
    source: SourcePath,
    *,
    out: OutputPath,
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
) -> dict[str, Any]:
    """Import, process, enrich, find communities, report, model and draw.

    For other settings of a step call its verb: each has its folder below OUT.

    Parameters
    ----------
    source
        What `import` reads: snapshot files, a chat log, or published tables.
    out
        OUT/store, OUT/tables, OUT/graph (Ladybug), OUT/view and two reports.
    key
        As in `import`.
    timezone
        As in `import`; also the zone of the hours in the reports.
    bots, allow, bot_channels, raid_minutes, renames
        As in `process`.
    steam
        CSV of Steam titles, as in `enrich`.
    top
        Only the so many streamers with the most viewers in communities and pictures.
    title, seed
        As in `view`.
    """
    from streamergraph.tables.reading import holds_tables
    from streamergraph.verbs.communities import communities
    from streamergraph.verbs.enrich import enrich
    from streamergraph.verbs.explore import explore
    from streamergraph.verbs.import_observations import import_observations
    from streamergraph.verbs.model import model
    from streamergraph.verbs.process import process
    from streamergraph.verbs.quality import quality
    from streamergraph.verbs.view import view

    source, out = Path(source), Path(out)
    _require_readable(bots=bots, allow=allow, renames=renames, steam=steam)
    tables, pictures = out / "tables", out / "view"
    store: Path | None = None
    if source.is_dir() and holds_tables(source):
        import_observations(source, out=tables)
    else:
        store = out / "store"
        import_observations(source, out=store, key=key, timezone=timezone)
        process(
            store,
            out=tables,
            bots=bots,
            allow=allow,
            bot_channels=bot_channels,
            raid_minutes=raid_minutes,
            renames=renames,
            key=key,
        )
    if steam is not None:
        enrich(tables, steam=steam)
    facts = communities(tables, out=pictures, top=top, seed=seed)
    model(tables, out=str(out / "graph"))
    hours = timezone if store is not None else None
    explore(tables, out=out / "explore.html", store=store, timezone=hours)
    quality(tables, out=out / "quality.html", store=store, timezone=hours)
    view(tables, out=pictures, top=top, title=title, seed=seed)
    return facts


def _require_readable(
    *,
    bots: InputPath | None,
    allow: InputPath | None,
    renames: InputPath | None,
    steam: InputPath | None,
) -> None:
    """Raise StreamergraphError for a file that a later step would refuse, before any work."""
    from streamergraph.enrichment.steam import read_steam
    from streamergraph.privacy import KEY_BYTES, Pseudonyms
    from streamergraph.processing.logins import read_logins
    from streamergraph.processing.renames import read_renames

    for path in (bots, allow):
        if path is not None:
            read_logins(Path(path), Pseudonyms(key=bytes(KEY_BYTES)))
    if renames is not None:
        read_renames(Path(renames))
    if steam is not None:
        read_steam(Path(steam))
