"""The verb `process`: from observations to tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamergraph.paths import path_or_none
from streamergraph.processing.cluster import CLUSTER_HELP
from streamergraph.verbs.paths import AnyPath, InputPath, OutputFolder, checks_paths
from streamergraph.verbs.shared_options import STORE_KEY, WINDOW, WORK, helped_by

if TYPE_CHECKING:
    from streamergraph.processing.process import Processed

SHOWN = 5
BOT_CHANNELS = 30


@helped_by(STORE_KEY, WINDOW, WORK, {"cluster": CLUSTER_HELP})
@checks_paths
def process(
    store: InputPath,
    *,
    out: OutputFolder,
    from_: str | None = None,
    until: str | None = None,
    every: str | None = None,
    language: str | None = None,
    audience: str | None = None,
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
    bot_channels: int | None = None,
    raid_minutes: int = 0,
    renames: InputPath | None = None,
    key: AnyPath | None = None,
    as_published: bool = False,
    memory_gib: float = 3.0,
    spill: InputPath | None = None,
    cluster: str | None = None,
) -> dict[str, Any]:
    """Make the tables: streamers, categories, minutes played, shared audience.

    Parameters
    ----------
    store
        A store made by `import` or `collect`.
    out
        Folder of the tables: Parquet, the published form's CSV files, tables.json (how they were
        made) and process.json (what was left out). With `every`: a folder of such folders.
    every
        week: tables for each week (Monday to Sunday, UTC), in OUT/2022-W18 and so on.
    language
        Only streams of this language, such as it; streams whose language is not known are left out.
    audience
        members (everybody in the chat) or authors (those who wrote). Default: members, if all channels
        have them over the whole time; else authors, if all have these; else what more channels have.
    min_live_minutes
        How long a streamer must have been live to be in the graph.
    min_watch_minutes
        How long somebody must have watched to belong to an audience.
    min_mean_viewers
        How many viewers a streamer must have on average.
    min_mean_chatters
        How many people a streamer's chat must have on average.
    min_game_minutes
        How long a category must have been streamed for a relation.
    measure
        overlap, jaccard, cosine, directed, time-weighted (per cent) or count (persons); directed takes
        the larger of the two shares.
    threshold
        The least value of a relation.
    significance
        Keep only relations that chance does not explain, at this false discovery rate.
    least_common_viewers
        Publish no relation by fewer common viewers than this, whatever the measure and threshold, for
        it would tell what single persons watch.
    bots
        File of logins that are bots, as it was published, or one that `bots` made. Needs the key.
    allow
        File of logins that are none, whatever else says so. Needs the key.
    bot_channels
        Whoever is in more chats than this at one moment is a bot; 0 switches the rule off. Default: 30,
        with `as_published` 0.
    raid_minutes
        How long people who came with a raid do not count; 0 counts them.
    renames
        CSV with columns old, new: streamers that changed their name.
    as_published
        Reproduce the defects of the original's processing, for comparison: every third look counts,
        for a quarter of an hour.
    """
    from streamergraph.errors import StreamergraphError
    from streamergraph.events import say
    from streamergraph.observations.reading import readable
    from streamergraph.observations.store import Store
    from streamergraph.privacy import default_key_path, load_pseudonyms
    from streamergraph.processing.cluster import check_cluster, engine_at
    from streamergraph.processing.logins import read_logins
    from streamergraph.processing.process import process_store
    from streamergraph.processing.renames import read_renames
    from streamergraph.processing.settings import ProcessSettings
    from streamergraph.processing.slices import Slice, moment_of, slices_of
    from streamergraph.tables.keeping import require_no_store, require_no_tables

    store, out, key = Path(store), Path(out), path_or_none(key)
    bots, allow, renames = path_or_none(bots), path_or_none(allow), path_or_none(renames)
    spill = path_or_none(spill)
    usual_bots = 0 if as_published else BOT_CHANNELS
    settings = ProcessSettings(
        min_live_minutes=min_live_minutes,
        min_watch_minutes=min_watch_minutes,
        min_mean_viewers=min_mean_viewers,
        min_mean_chatters=min_mean_chatters,
        min_game_minutes=min_game_minutes,
        measure=measure,
        threshold=threshold,
        significance=significance,
        least_common_viewers=least_common_viewers,
        bot_channels=(bot_channels if bot_channels is not None else usual_bots) or None,
        raid_minutes=raid_minutes,
        as_published=as_published,
    )
    settings.check()
    check_cluster(cluster)
    if as_published and renames is not None:
        raise StreamergraphError(
            "--renames",
            expected="no renames together with --as-published, which joins no names",
            found=str(renames),
            remedy="leave one of the two out",
        )
    whole = Slice(
        first=None if from_ is None else moment_of(from_, flag="--from"),
        last=None if until is None else moment_of(until, flag="--until", end=True),
        language=language,
        audience=audience,
    )
    whole.check()
    require_no_store(out)
    require_no_tables(store)
    opened = Store.open(store)
    lists = {}
    if opened.opt_out().channels and (key or default_key_path()).is_file():
        found = load_pseudonyms(key, create=False)
        if found.fingerprint == opened.description().key_fingerprint:
            opened.pseudonyms = found  # which tells the channels of the list
    if bots is not None or allow is not None:
        pseudonyms = load_pseudonyms(key, create=False)
        opened.require_key(pseudonyms)
        files = {"bots": bots, "allow": allow}
        lists = {
            k: read_logins(path, pseudonyms, of_bots=k != "allow")
            for k, path in files.items()
            if path is not None
        }
    old_names = read_renames(renames) if renames is not None else None
    summaries: dict[str, Any] = {}
    with (
        readable(opened, spill=spill) as current,
        engine_at(cluster, memory_gib=memory_gib, spill=spill) as engine,
    ):
        for name, slice_ in slices_of(whole, every, current.first_and_last_day()):
            folder = out / name if name else out
            try:
                result = process_store(
                    current,
                    settings,
                    slice_,
                    listed_bots=lists["bots"].viewers if "bots" in lists else (),
                    allowed=lists["allow"].viewers if "allow" in lists else (),
                    renames=old_names.names if old_names is not None else None,
                    memory_gib=memory_gib,
                    spill=spill,
                    cluster=engine,
                )
            except StreamergraphError as error:
                if not name:
                    raise
                earlier = " (what lies there is of an earlier call)" if folder.exists() else ""
                say(f"{folder}: nothing written{earlier}: {error}")
                summaries[name] = {"nothing": str(error)}
                continue
            if old_names is not None:
                said = result.summary["renames"]
                said.update(file=old_names.file, read=len(old_names.names))
                said["not_understood"] = old_names.not_understood
                say(old_names.told(said["never_seen"], said["new_never_seen"]))
            seen = result.summary["lists"]
            result.summary["lists"] = {
                k: logins.counts(seen=seen[k]["seen"]) for k, logins in lists.items()
            }
            for k, logins in lists.items():
                say(f"--{k} {logins.told(seen=seen[k]['seen'])}")
            _write(folder, result)
            summaries[name] = result.summary
    if every is not None:
        others = sorted(
            path.name for path in out.glob("[0-9]*-W[0-9]*") if path.name not in summaries
        )
        if others:
            say(f"note: {out} holds other weeks, of earlier calls: {', '.join(others[:SHOWN])}")
    if every is not None and not any("written" in summary for summary in summaries.values()):
        raise StreamergraphError(
            store,
            expected="a week with streamers that pass the thresholds",
            found="none",
            remedy="see what was said of each",
        )
    return summaries if every is not None else summaries[""]


def _told(counts: dict[str, int]) -> str:
    """Presences of bots; of days that were thinned nobody knows these, but minutes."""
    known = counts["presences"] or not counts["minutes"]
    return f"{counts['presences']} presences" if known else f"{counts['minutes']} minutes"


def _write(folder: Path, result: Processed) -> None:
    """Write the tables and process.json, and say what they are and what was left out."""
    from dataclasses import asdict

    from streamergraph.atomic import write_json
    from streamergraph.events import say
    from streamergraph.tables.facts import how_made
    from streamergraph.tables.keeping import write_keeping

    kept = write_keeping(folder, result.tables)
    result.summary["kept"] = asdict(kept)
    for line in kept.told():
        say(line)
    if unknown := result.summary["streamers"]["kept_without_viewers"]:
        say(f"of {unknown} streamers no viewers are known: 0 stands for their means and peaks")
    write_json(folder / "process.json", result.summary)
    say(
        f"{folder}: {result.tables.counted()}; "
        + "; ".join(
            f"{counts['accounts']} bots ({_told(counts)}) by {rule}"
            for rule, counts in result.summary["bots_removed"].items()
        )
    )
    raids = result.summary["raids_removed"]
    if raids["raids"]:
        say(
            f"{raids['raids']} raids: {raids['presences']} presences of people whom they brought left out"
        )
    facts = result.tables.facts
    say(how_made(facts))
    channels = result.summary["channels"]
    if not channels["with_members"] and not channels["with_authors"]:
        say("note: no look has a list of who is in a chat, so nobody shares an audience")
    if facts.measure == "count" and facts.threshold < (facts.least_common_viewers or 0):
        say(
            f"note: --threshold {facts.threshold:g} does not lower the floor of "
            f"{facts.least_common_viewers} common viewers (--least-common-viewers)"
        )
    if facts.language is not None:
        unknown = result.summary["sampled"]["channels_without_language"]
        if unknown:
            say(
                f"note: {unknown} channels are left out at times at which their language is not known"
            )
    choice = result.choice
    for names, what in (
        (choice.left_out, f"channels without {choice.kind} are left out"),
        (choice.in_part, f"channels have {choice.kind} for a part of the time only"),
        (result.ambiguous, "names were those of several ids, and are joined to none of these"),
    ):
        if names:
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            say(f"note: {len(names)} {what}: {', '.join(names[:SHOWN])}{more}")
