"""A folder of snapshot files into a store."""

from __future__ import annotations

import datetime
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from streamergraph.errors import StreamergraphError
from streamergraph.importing.snapshots import Snapshot, read_snapshot
from streamergraph.importing.times import time_of_file_name
from streamergraph.observations.schema import DUPLICATE, SNAPSHOT_SCHEMA, STORED
from streamergraph.observations.store import Store, observation_frame
from streamergraph.privacy import Pseudonyms
from streamergraph.progress import Progress


def import_snapshots(
    folder: Path, store: Store, *, zone: ZoneInfo, pseudonyms: Pseudonyms
) -> Counter[str]:
    """Import every ``*.json`` below `folder`, a day at a time; returns counts by status.

    A file with the same bytes as an earlier one, or of the same moment, is a duplicate and left
    out. Raises StreamergraphError where there is no such file.
    """
    files = sorted(path for path in folder.rglob("*.json") if not path.name.startswith("."))
    if not files:
        raise StreamergraphError(
            folder,
            expected="snapshot files (*.json), a chat log (*.csv) or the four tables",
            found="none",
            remedy="name their folder",
        )
    by_day: dict[str, list[Path]] = defaultdict(list)
    for path in files:
        named = time_of_file_name(path.name, zone)
        by_day[named.date().isoformat() if named else ""].append(path)
    counts: Counter[str] = Counter()
    seen_bytes: set[bytes] = set()
    seen_times: set[datetime.datetime] = set()
    with Progress("import", total=len(files)) as progress:
        for day_files in by_day.values():
            snapshots = []
            for path in day_files:
                snapshot = _read_once(path, seen_bytes, seen_times, zone, pseudonyms)
                relative = path.relative_to(folder).as_posix()
                snapshots.append(replace(snapshot, source=relative))
                counts[snapshot.status] += 1
                progress.advance()
            add_snapshots(store, snapshots)
    return counts


def add_snapshots(store: Store, snapshots: Iterable[Snapshot]) -> None:
    """Store what was read: observations by UTC day, then the list of snapshots."""
    listed = list(snapshots)
    by_day: dict[datetime.date, list[dict[str, object]]] = defaultdict(list)
    for snapshot in listed:
        if snapshot.status == STORED and snapshot.time is not None:
            by_day[snapshot.time.date()].extend(snapshot.observations)
    for day, rows in sorted(by_day.items()):
        store.add_day(day, observation_frame(rows))
    store.add_snapshots(
        pl.DataFrame(
            [
                {
                    "time": snapshot.time,
                    "source": snapshot.source,
                    "status": snapshot.status,
                    "streams": len(snapshot.observations),
                    "presences": snapshot.presences,
                    "problem": snapshot.problem,
                }
                for snapshot in listed
            ],
            schema=SNAPSHOT_SCHEMA,
        )
    )


def _read_once(
    path: Path,
    seen_bytes: set[bytes],
    seen_times: set[datetime.datetime],
    zone: ZoneInfo,
    pseudonyms: Pseudonyms,
) -> Snapshot:
    digest = hashlib.blake2b(path.read_bytes(), digest_size=16).digest()
    if digest in seen_bytes:
        return Snapshot(
            source=path.name,
            status=DUPLICATE,
            time=time_of_file_name(path.name, zone),
            problem="the same bytes as an earlier file",
        )
    snapshot = read_snapshot(path, zone=zone, pseudonyms=pseudonyms)
    if snapshot.status == STORED and snapshot.time is not None:
        if snapshot.time in seen_times:
            return replace(
                snapshot, status=DUPLICATE, observations=(), problem="the moment of an earlier file"
            )
        seen_times.add(snapshot.time)
        # Two moments at which nobody was live look alike and are both true.
        if snapshot.observations:
            seen_bytes.add(digest)
    return snapshot
