"""The verb `import`: what others collected, into a store or a folder of tables."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from streamergraph.paths import path_or_none
from streamergraph.verbs.paths import AnyPath, OutputPath, SourcePath, checks_paths


@checks_paths
def import_observations(
    source: SourcePath,
    *,
    out: OutputPath,
    key: AnyPath | None = None,
    timezone: str = "UTC",
    window_minutes: int = 5,
) -> Counter[str]:
    """Import snapshot files, a chat log, or published tables.

    Parameters
    ----------
    source
        A folder of snapshot files (``*.json``), a chat log (CSV with columns time, channel, user),
        or a folder with the original's four tables.
    out
        The store; for tables, the folder of tables.
    key
        File of the key that turns logins into pseudonyms; made if absent. Default:
        ``~/.config/streamergraph/key``.
    timezone
        Zone of local times in the source, such as Europe/Rome.
    window_minutes
        Length of a window of a chat log.
    """
    from streamergraph.errors import StreamergraphError
    from streamergraph.importing.chat_log import import_chat_log
    from streamergraph.importing.folder import import_snapshots
    from streamergraph.importing.times import zone_named
    from streamergraph.observations.store import Store
    from streamergraph.privacy import load_pseudonyms
    from streamergraph.tables.keeping import write_keeping
    from streamergraph.tables.reading import holds_tables, read_tables
    from streamergraph.verbs.printing import say

    source, out, key = Path(source), Path(out), path_or_none(key)
    zone = zone_named(timezone)
    if window_minutes < 1:
        raise StreamergraphError(
            "--window-minutes", expected="at least 1", found=str(window_minutes), remedy="try 5"
        )
    if source.is_dir() and holds_tables(source):
        tables = read_tables(source)
        kept = write_keeping(out, tables)
        for line in kept.told():
            say(line)
        say(f"{out}: {tables.n_nodes} nodes, {tables.n_relationships} relationships")
        return Counter({"tables": 4})
    pseudonyms = load_pseudonyms(key, create=True)
    with Store.filling(out, pseudonyms) as store:
        if source.is_dir():
            counts = import_snapshots(source, store, zone=zone, pseudonyms=pseudonyms)
        else:
            counts = import_chat_log(
                source, store, zone=zone, pseudonyms=pseudonyms, window_minutes=window_minutes
            )
    say(f"{out}: " + ", ".join(f"{count} {status}" for status, count in sorted(counts.items())))
    return counts
