"""A store to read, whatever its format."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from streamergraph.errors import StreamergraphError
from streamergraph.events import note
from streamergraph.observations.days import make_private_folder
from streamergraph.observations.format1 import days_of
from streamergraph.observations.store import FORMAT_VERSION, Store
from streamergraph.temporary import temporary_folder


@contextmanager
def readable(store: Store, *, spill: Path | None = None) -> Iterator[Store]:
    """The store itself; for one of an older format, a copy in a temporary folder (below `spill`).

    Raises StreamergraphError where people are just being deleted from it, or that was interrupted.
    """
    if store.opt_out().unfinished:
        raise StreamergraphError(
            store.folder,
            expected="a store from which nobody is being deleted",
            found="`store forget` at work, or one that was interrupted",
            remedy="wait until it is done, or call it again",
        )
    if store.description().format == FORMAT_VERSION:
        yield store
        return
    note(
        f"{store.folder} is of an older format and is converted each time that it is read; once and "
        f"for all: streamergraph store convert {store.folder}"
    )
    with temporary_folder(spill) as folder:
        copy = Store(folder / "store")
        make_private_folder(copy.folder)
        copy.describe(replace(store.description(), format=FORMAT_VERSION))
        for name, frames in days_of(store.folder):
            copy.day(name).commit(frames)
        yield copy
