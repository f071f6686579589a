"""The verb `import`: what others collected, into a store or a folder of tables."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from streamergraph.paths import JSON_PREFIX, MONGODB_SCHEMES, path_or_none
from streamergraph.verbs.paths import AnyPath, OutputFolder, SourceOrAddress, checks_paths
from streamergraph.verbs.shared_options import NEW_KEY, helped_by

if TYPE_CHECKING:
    from streamergraph.importing.times import Clock

EXPORTS = (".json", ".jsonl", ".ndjson")


@helped_by(NEW_KEY)
@checks_paths
def import_observations(
    source: SourceOrAddress,
    *,
    out: OutputFolder,
    key: AnyPath | None = None,
    timezone: str | None = None,
    interval_minutes: float | None = None,
    window_minutes: int = 5,
    language: str | None = None,
) -> Counter[str]:
    """Import snapshot files, a chat log, documents of MongoDB, or published tables.

    Parameters
    ----------
    source
        A folder of snapshot files (``*.json``, ``*.json.gz``), a chat log (CSV with columns time, channel,
        user; messages as JSON; lines of IRC), a file of `mongoexport` (JSON), a collection
        (mongodb://HOST:PORT/DATABASE.COLLECTION), or a folder with the four published tables.
    out
        The store; for tables, the folder of tables.
    timezone
        Zone of times without one, such as Europe/Rome. Default: that of the store, else UTC.
    interval_minutes
        How long each snapshot stands for. Default: until the next one of its series.
    window_minutes
        Length of a window of a chat log.
    language
        Language of streams that do not say theirs, such as it.
    """
    from streamergraph.errors import StreamergraphError
    from streamergraph.events import note, say
    from streamergraph.importing.documents import DocumentSource, ExportFile
    from streamergraph.importing.files import suffix_of
    from streamergraph.importing.folder import SnapshotFolder, snapshot_files, told_by_suffix
    from streamergraph.importing.importing import UNCHANGED, Imported, import_looks
    from streamergraph.importing.messages import holds_messages
    from streamergraph.importing.mongodb import Collection
    from streamergraph.importing.origins import keep_name, name_in_store
    from streamergraph.importing.times import Clock, time_in_name, zone_named
    from streamergraph.observations import upkeep
    from streamergraph.observations.looks import Source
    from streamergraph.observations.opt_out import OptOut, read_opt_out
    from streamergraph.observations.store import DESCRIPTION_NAME, Store
    from streamergraph.privacy import load_pseudonyms
    from streamergraph.tables.keeping import write_keeping
    from streamergraph.tables.reading import holds_tables, read_tables

    is_address = str(source).startswith(MONGODB_SCHEMES)
    collection = Collection(str(source)) if is_address else None
    source = Path(str(source).removeprefix(JSON_PREFIX))
    out, key = Path(out), path_or_none(key)
    for flag, value in (
        ("--window-minutes", window_minutes),
        ("--interval-minutes", interval_minutes),
    ):
        if value is not None and not 0 < value <= 24 * 60:
            raise StreamergraphError(
                flag, expected="above 0 and at most a day", found=str(value), remedy="try 5"
            )
    if collection is None and source.is_dir() and holds_tables(source):
        tables = read_tables(source)
        for line in write_keeping(out, tables).told():
            say(line)
        say(f"{out}: {tables.counted()}")
        return Counter({"tables": 4})
    if (source / DESCRIPTION_NAME).is_file():
        raise StreamergraphError(
            source,
            expected="what somebody collected",
            found="a store, which is imported",
            remedy="give it to `process`; `store merge` adds one store to another",
        )
    files: tuple[Path, ...] = ()
    others: Counter[str] = Counter()
    if collection is None and source.is_dir():
        files, others = snapshot_files(source)
    if timezone is not None:
        zone_named(timezone)
    # A new key would fit no store that is there.
    pseudonyms = load_pseudonyms(key, create=not (out / DESCRIPTION_NAME).is_file())
    imported = Imported()
    with Store.filling(out, pseudonyms) as store:
        zone = timezone or store.description().timezone
        if timezone is not None and store.description().timezone is not None:
            store.use_timezone(timezone)
        clock = Clock(zone_named(zone or "UTC"))
        listed = OptOut()
        if collection is not None:
            listed = collection.opt_out()
        elif source.is_dir():
            listed = read_opt_out(source, pseudonyms.fingerprint)
        if listed | store.opt_out() != store.opt_out():
            upkeep.forget(store, listed)
            note("the people of the source's opt-out list are left out here too")
        known = store.known_looks()
        looks: Source
        if files:
            looks = SnapshotFolder(
                source, files, clock, pseudonyms, known, interval_minutes, language
            )
        elif collection is not None or (
            suffix_of(source) in EXPORTS and not holds_messages(source)
        ):
            documents = ExportFile(source) if collection is None else collection
            named = time_in_name(source.name) if collection is None else None
            looks = DocumentSource(
                documents, clock, pseudonyms, interval_minutes, language, clock.moment(named)
            )
        else:
            from streamergraph.importing.chat_log import (
                ChatLog,
            )  # needs DuckDB, which takes its time

            looks = ChatLog(source, clock, pseudonyms, window_minutes, language)
        place = str(source.resolve()) if collection is None else collection.shown
        mark = pseudonyms.place_mark(place)
        # Windows of a log say for how long they stand: their series does not matter.
        if isinstance(looks, SnapshotFolder | DocumentSource):
            kept = name_in_store(looks, store, mark, known)
            if kept != looks.name:
                note(f"another source in {out} is called {looks.name}; this one is kept as {kept}")
            looks.name = kept
        import_looks(looks, store, imported, known)
        if isinstance(looks, SnapshotFolder) and looks.unchanged:
            imported.looks[UNCHANGED] = looks.unchanged
        imported.require_something(source if collection is None else collection.shown)
        if isinstance(looks, SnapshotFolder | DocumentSource):
            keep_name(store, mark, looks.name)
        if clock.local:
            store.use_timezone(clock.zone.key)
        for line in (*imported.notes(), *_notes(clock, assumed=zone is None)):
            note(line)
        if others:
            note(f"{told_by_suffix(others)} in {source} are no snapshot files and were not read")
        if isinstance(looks, DocumentSource) and looks.by_object_id:
            note(
                f"{looks.by_object_id} documents say no time; they have that at which they were stored"
            )
    say(f"{out}: " + ", ".join(f"{n} {status}" for status, n in sorted(imported.looks.items())))
    return imported.looks


def _notes(clock: Clock, *, assumed: bool) -> list[str]:
    """What a user should know of the times that were read."""
    notes = clock.notes()
    if assumed and clock.local:
        notes.append(
            "times without a zone were taken as UTC; if they are local times, import into another store "
            "with --timezone"
        )
    return notes
