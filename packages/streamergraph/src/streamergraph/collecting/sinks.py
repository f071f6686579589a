"""Which store `--store` means: a folder of Parquet parts, of JSON, or a collection of MongoDB."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from streamergraph.collecting.clock import Clock
from streamergraph.collecting.collector import Sink
from streamergraph.collecting.heartbeat import HEARTBEAT_NAME, LOCK_SUFFIX
from streamergraph.collecting.json_files import JsonSink
from streamergraph.collecting.mongodb import MongoSink
from streamergraph.collecting.parquet import ParquetSink
from streamergraph.collecting.window_journal import WindowJournal
from streamergraph.errors import StreamergraphError
from streamergraph.events import note
from streamergraph.importing.folder import RUNS_NAME
from streamergraph.locks import alone
from streamergraph.observations.days import make_private_folder
from streamergraph.observations.opt_out import OptOut
from streamergraph.observations.store import DESCRIPTION_NAME, Store
from streamergraph.paths import JSON_PREFIX, MONGODB_SCHEMES
from streamergraph.privacy import Pseudonyms, load_pseudonyms

WINDOW_SUFFIX = ".window"


@dataclass(frozen=True, kw_only=True)
class OpenSink:
    """A sink, the key that it is under, its name as it may be shown, and where its heartbeat lies."""

    sink: Sink
    pseudonyms: Pseudonyms
    shown: str
    heartbeat: Path

    @property
    def lock(self) -> Path:
        """Who collects into this store has it."""
        return self.heartbeat.with_name(f".{self.heartbeat.name.lstrip('.')}{LOCK_SUFFIX}")

    @property
    def journal(self) -> WindowJournal:
        """What was heard since the last tick."""
        return WindowJournal(
            self.heartbeat.with_name(f".{self.heartbeat.name.lstrip('.')}{WINDOW_SUFFIX}")
        )

    def forget(self, people: OptOut) -> dict[str, int]:
        """Delete people, also from what a killed collector has left; see `Sink.forget`."""
        counts = self.sink.forget(people)
        try:
            with alone(self.lock, doing="collecting"):
                self.journal.forget(people, self.pseudonyms)
        except StreamergraphError:
            note(
                f"a collector is running; what it heard of them since the last tick stands in "
                f"{self.journal.path} until the next one, and is not stored"
            )
        return counts


@contextmanager
def open_sink(store: str, *, key: Path | None, clock: Clock) -> Iterator[OpenSink]:
    """The sink for the body. A key is made only where nothing was stored yet.

    Raises StreamergraphError for what cannot be written to, and for another key than before.
    """
    if is_address(store):
        mongo = MongoSink(store)
        try:
            pseudonyms = load_pseudonyms(key, create=mongo.connect() is None)
            mongo.use_key(pseudonyms)
            name = mongo.shown.rpartition("/")[2]
            make_private_folder(_state_folder())
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
    if is_json(store):
        folder = Path(store.removeprefix(JSON_PREFIX))
        pseudonyms = load_pseudonyms(key, create=not (folder / RUNS_NAME).is_file())
        sink = JsonSink.open(folder, pseudonyms, clock)
        # Beside the snapshots, whose folder `import` reads.
        heartbeat = folder / f".{HEARTBEAT_NAME}"
    else:
        folder = Path(store)
        pseudonyms = load_pseudonyms(key, create=not (folder / DESCRIPTION_NAME).is_file())
        sink = ParquetSink(Store.create(folder, pseudonyms), clock)
        heartbeat = folder / HEARTBEAT_NAME
    yield OpenSink(sink=sink, pseudonyms=pseudonyms, shown=str(folder), heartbeat=heartbeat)


def require_store(store: str) -> None:
    """Raise StreamergraphError unless something was collected there already."""
    folder = Path(store.removeprefix(JSON_PREFIX))
    if is_address(store):
        there = MongoSink(store).exists()
    else:
        there = (folder / (RUNS_NAME if is_json(store) else DESCRIPTION_NAME)).is_file()
    if not there:
        raise StreamergraphError(
            shown(store),
            expected="a store that `collect` or `import` has filled",
            found="none",
            remedy="check its name",
        )


def is_json(store: str) -> bool:
    """Whether a store is a folder of snapshots: it is called so, or `collect` has filled it."""
    return store.startswith(JSON_PREFIX) or (Path(store) / RUNS_NAME).is_file()


def is_address(store: str) -> bool:
    """Whether a store is MongoDB's."""
    return store.startswith(MONGODB_SCHEMES)


def shown(store: str) -> str:
    """How a store is named to people: without a password."""
    return MongoSink(store).shown if is_address(store) else store.removeprefix(JSON_PREFIX)


def _state_folder() -> Path:
    home = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(home) / "streamergraph"
