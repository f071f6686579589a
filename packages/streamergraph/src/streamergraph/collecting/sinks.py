"""Which store `--store` means: a folder of Parquet parts, of JSON, or a collection of MongoDB."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from streamergraph.collecting.clock import Clock
from streamergraph.collecting.collector import Sink
from streamergraph.collecting.heartbeat import HEARTBEAT_NAME
from streamergraph.collecting.json_files import PREFIX, RUNS_NAME, JsonSink
from streamergraph.collecting.mongodb import MongoSink
from streamergraph.collecting.parquet import ParquetSink
from streamergraph.observations.store import DESCRIPTION_NAME, Store
from streamergraph.privacy import Pseudonyms, load_pseudonyms


@dataclass(frozen=True, kw_only=True)
class OpenSink:
    """A sink, the key that it is under, its name as it may be shown, and where its heartbeat lies."""

    sink: Sink
    pseudonyms: Pseudonyms
    shown: str
    heartbeat: Path


@contextmanager
def open_sink(store: str, *, key: Path | None, clock: Clock) -> Iterator[OpenSink]:
    """The sink for the body. A key is made only where nothing was stored yet.

    Raises StreamergraphError for what cannot be written to, and for another key than before.
    """
    if store.startswith(("mongodb://", "mongodb+srv://")):
        mongo = MongoSink(store)
        try:
            pseudonyms = load_pseudonyms(key, create=mongo.connect() is None)
            mongo.use_key(pseudonyms.fingerprint)
            name = mongo.shown.rpartition("/")[2]
            yield OpenSink(
                sink=mongo,
                pseudonyms=pseudonyms,
                shown=mongo.shown,
                heartbeat=_state_folder() / f"{name}-{HEARTBEAT_NAME}",
            )
        finally:
            mongo.close()
        return
    sink: Sink
    if store.startswith(PREFIX):
        folder = Path(store.removeprefix(PREFIX))
        pseudonyms = load_pseudonyms(key, create=not (folder / RUNS_NAME).is_file())
        sink = JsonSink.open(folder, pseudonyms.fingerprint)
        # Beside the snapshots, whose folder `import` reads.
        heartbeat = folder / f".{HEARTBEAT_NAME}"
    else:
        folder = Path(store)
        pseudonyms = load_pseudonyms(key, create=not (folder / DESCRIPTION_NAME).is_file())
        sink = ParquetSink(Store.create(folder, pseudonyms), clock)
        heartbeat = folder / HEARTBEAT_NAME
    yield OpenSink(sink=sink, pseudonyms=pseudonyms, shown=str(folder), heartbeat=heartbeat)


def _state_folder() -> Path:
    home = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(home) / "streamergraph"
