"""The runs of snapshots in JSON and of a collection of MongoDB, for the reports that stores have."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from streamergraph.collecting.json_files import last_streams, runs_of_folder
from streamergraph.collecting.kept_runs import KeptRun
from streamergraph.collecting.mongodb import MongoSink
from streamergraph.collecting.sinks import is_address, is_json, require_store
from streamergraph.importing.mongodb import LIST_NAMES
from streamergraph.observations.days import UNDATED, make_private_folder
from streamergraph.observations.reading import readable
from streamergraph.observations.schema import COVERAGE, LOSSES, MISSING, OBSERVATIONS, RUNS, SCHEMAS
from streamergraph.observations.store import FORMAT_VERSION, Description, Store
from streamergraph.paths import JSON_PREFIX
from streamergraph.reporting.stored_runs import Authors
from streamergraph.temporary import temporary_folder


@dataclass(frozen=True, kw_only=True)
class Disk:
    """What a store takes on its disk, and what is free there (None: unknown)."""

    store_bytes: int
    free_bytes: int | None


@dataclass(frozen=True, kw_only=True)
class Collected:
    """A store to read. `is_whole`: it holds what was observed, and not the runs alone."""

    store: Store
    disk: Disk
    authors: Authors | None = None
    is_whole: bool = True


@contextmanager
def collected(address: str) -> Iterator[Collected]:
    """What was collected: a store as it is; of snapshots and collections the runs, as a store.

    Raises StreamergraphError where nothing was collected.
    """
    if is_address(address):
        require_store(address)
        sink = MongoSink(address)
        try:
            runs, last, (taken, free) = sink.runs(), sink.last_streams(), sink.size()
        finally:
            sink.close()
        with _as_store(runs, last) as store:
            yield Collected(
                store=store, disk=Disk(store_bytes=taken, free_bytes=free),
                authors=_authors(runs), is_whole=False,
            )  # fmt: skip
    elif is_json(address):
        require_store(address)
        folder = Path(address.removeprefix(JSON_PREFIX))
        runs = runs_of_folder(folder)
        with _as_store(runs, last_streams(folder)) as store:
            yield Collected(store=store, disk=_disk(folder), authors=_authors(runs), is_whole=False)
    else:
        with readable(Store.open(Path(address), of_runs=True)) as store:
            yield Collected(store=store, disk=_disk(Path(address)))


def _disk(folder: Path) -> Disk:
    taken = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return Disk(store_bytes=taken, free_bytes=shutil.disk_usage(folder).free)


def _authors(runs: Sequence[KeptRun]) -> Authors:
    return {
        (run.source, moment): run.authors
        for run in runs
        if run.authors is not None and (moment := run.time or run.planned) is not None
    }


@contextmanager
def _as_store(
    runs: Sequence[KeptRun], last: Mapping[str, Sequence[Mapping[str, Any]]]
) -> Iterator[Store]:
    """A store that has the runs, and of each series who was seen last and in which kinds."""
    now = datetime.datetime.now(datetime.UTC)
    ended = {run.source: run.time for run in runs if run.time is not None}
    frames = {
        RUNS: pl.DataFrame(
            [
                {
                    **vars(run),
                    "file": run.run_id.removeprefix(f"{run.source}#"),
                    "recorded": now,
                }
                for run in runs
            ],
            schema=SCHEMAS[RUNS],
        ),
        LOSSES: pl.DataFrame(
            [
                (run.run_id, run.run_id.removeprefix(f"{run.source}#"), reason, count, now)
                for run in runs
                for reason, count in sorted(run.losses.items())
            ],
            schema=SCHEMAS[LOSSES],
            orient="row",
        ),
        OBSERVATIONS: pl.DataFrame(
            [
                {
                    "time": ended.get(source),
                    "channel_id": int(one["user_id"]),
                    "source": source,
                    "coverage": coverage,
                }
                for source, streams in last.items()
                for one in streams
                for coverage in _coverages(one)
            ],
            schema=SCHEMAS[OBSERVATIONS],
        ),
    }
    with temporary_folder() as folder:
        store = Store(folder / "store")
        make_private_folder(store.folder)
        store.describe(Description(format=FORMAT_VERSION, key_fingerprint=""))
        store.day(UNDATED).commit(frames)
        yield store


def _coverages(stream: Mapping[str, Any]) -> list[str]:
    return [COVERAGE[kind] for kind, name in LIST_NAMES.items() if name in stream] or [MISSING]
