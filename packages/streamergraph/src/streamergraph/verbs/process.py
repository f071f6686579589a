"""The verb `process`: from observations to tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streamergraph.paths import path_or_none
from streamergraph.verbs.paths import AnyPath, InputPath, OutputPath, checks_paths


@checks_paths
def process(
    store: InputPath,
    *,
    out: OutputPath,
    interval_minutes: int = 5,
    grid_minutes: int = 15,
    min_live_minutes: int = 60,
    min_watch_minutes: int = 30,
    min_mean_viewers: float = 10.0,
    min_mean_chatters: float = 10.0,
    min_game_minutes: int = 30,
    measure: str = "overlap",
    threshold: float = 10.0,
    significance: float | None = None,
    least_common_viewers: int = 5,
    bots: InputPath | None = None,
    allow: InputPath | None = None,
    bot_channels: int = 30,
    raid_minutes: int = 0,
    renames: InputPath | None = None,
    key: AnyPath | None = None,
    as_published: bool = False,
    memory_gib: float = 4.0,
) -> dict[str, Any]:
    """Make the tables: streamers, categories, minutes played, shared audience.

    Parameters
    ----------
    store
        A store made by `import`.
    out
        Folder of the tables: Parquet, the published form's CSV files, tables.json (how they were
        made) and process.json (what was left out).
    interval_minutes, grid_minutes
        The collector's interval, and the distance of the samples that count.
    min_live_minutes, min_mean_viewers, min_mean_chatters
        What a streamer needs to be in the graph.
    min_watch_minutes
        How long somebody must have watched to belong to an audience.
    min_game_minutes
        How long a category must have been streamed for a relation.
    measure, threshold
        overlap, jaccard, cosine, directed, time-weighted (per cent) or count (persons), and the
        least value of a relation; directed takes the larger of the two shares.
    significance
        Keep only relations that chance does not explain, at this false discovery rate.
    least_common_viewers
        Publish no relation by fewer common viewers than this, whatever the measure and threshold, for
        it would tell what single persons watch. How many were hidden is counted in process.json.
    bots, allow
        Files of logins that are bots, or that are none whatever else says so: text, CSV or JSON.
        Need the key.
    bot_channels
        Whoever is in more chats than this in one sample is a bot; 0 switches the rule off.
    raid_minutes
        How long people who came with a raid do not count; 0 counts them.
    renames
        CSV with columns old, new: streamers that changed their name.
    key
        The key of the store. Default: ``~/.config/streamergraph/key``.
    as_published
        Reproduce the defects of the original's processing, for comparison.
    memory_gib
        Memory of the database; beyond it, it works on disk.
    """
    from dataclasses import asdict, replace

    from streamergraph.atomic import write_json
    from streamergraph.observations.store import Store
    from streamergraph.privacy import load_pseudonyms
    from streamergraph.processing.logins import read_logins
    from streamergraph.processing.process import process_store
    from streamergraph.processing.renames import read_renames
    from streamergraph.processing.settings import ProcessSettings
    from streamergraph.tables.facts import TableFacts
    from streamergraph.tables.keeping import write_keeping
    from streamergraph.verbs.printing import say

    store, out, key = Path(store), Path(out), path_or_none(key)
    bots, allow, renames = path_or_none(bots), path_or_none(allow), path_or_none(renames)
    settings = ProcessSettings(
        interval_minutes=interval_minutes,
        grid_minutes=grid_minutes,
        min_live_minutes=min_live_minutes,
        min_watch_minutes=min_watch_minutes,
        min_mean_viewers=min_mean_viewers,
        min_mean_chatters=min_mean_chatters,
        min_game_minutes=min_game_minutes,
        measure=measure,
        threshold=threshold,
        significance=significance,
        least_common_viewers=least_common_viewers,
        bot_channels=bot_channels or None,
        raid_minutes=raid_minutes,
        as_published=as_published,
    )
    settings.check()
    opened = Store.open(store)
    files = {"bots": bots, "allow": allow}
    lists = {}
    if bots is not None or allow is not None:
        pseudonyms = load_pseudonyms(key, create=False)
        opened.require_key(pseudonyms)
        lists = {k: read_logins(path, pseudonyms) for k, path in files.items() if path is not None}
    old_names = read_renames(renames) if renames is not None else None
    result = process_store(
        opened,
        settings,
        listed_bots=lists["bots"].viewers if bots is not None else (),
        allowed=lists["allow"].viewers if allow is not None else (),
        renames=old_names.names if old_names is not None else None,
        memory_gib=memory_gib,
    )
    if old_names is not None:
        said = result.summary["renames"]
        said.update(file=old_names.file, read=len(old_names.names))
        said["not_understood"] = old_names.not_understood
        say(old_names.told(said["never_seen"]))
    counts = result.summary["lists"]
    result.summary["lists"] = {
        name: logins.counts(seen=counts[name]["seen"]) for name, logins in lists.items()
    }
    for name, logins in lists.items():
        say(f"--{name} {logins.told(seen=counts[name]['seen'])}")
    window = result.summary.get("window", {})
    facts = TableFacts(
        measure=measure,
        threshold=threshold,
        significance=significance,
        least_common_viewers=least_common_viewers,
        hidden_relations=result.summary["pairs"]["hidden_by_least_common_viewers"],
        min_live_minutes=min_live_minutes,
        min_mean_viewers=min_mean_viewers,
        min_mean_chatters=min_mean_chatters,
        min_game_minutes=min_game_minutes,
        min_watch_minutes=min_watch_minutes,
        first=window.get("first"),
        last=window.get("last"),
    )
    kept = write_keeping(out, replace(result.tables, facts=facts))
    result.summary["kept"] = asdict(kept)
    for line in kept.told():
        say(line)
    write_json(out / "process.json", result.summary)
    removed = result.summary["bots_removed"]
    say(
        f"{out}: {result.tables.n_nodes} nodes, {result.tables.n_relationships} relationships; "
        + "; ".join(
            f"{counts['accounts']} bots ({counts['presences']} presences) by {rule}"
            for rule, counts in removed.items()
        )
    )
    hidden = result.summary["pairs"]["hidden_by_least_common_viewers"]
    say(
        f"hidden: {hidden} relations by fewer than {least_common_viewers} common viewers "
        "(--least-common-viewers)"
        + (
            f"; --threshold {threshold:g} of --measure count does not lower that"
            if measure == "count" and threshold < least_common_viewers
            else ""
        )
    )
    return result.summary
