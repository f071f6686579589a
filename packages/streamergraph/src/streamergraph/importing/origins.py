"""What a source is called in a store: another folder of the same name is another collector's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import count

from streamergraph.importing.documents import DocumentSource
from streamergraph.importing.folder import SnapshotFolder
from streamergraph.importing.times import Clock
from streamergraph.observations.looks import KnownLook
from streamergraph.observations.series import is_another, told
from streamergraph.observations.store import Store


def name_in_store(
    source: SnapshotFolder | DocumentSource,
    store: Store,
    mark: str,
    known: Mapping[str, KnownLook],
) -> str:
    """The name under which the looks of `source` are kept; `mark` tells where it lies.

    It is its own, but where that is the name of another source already, whose looks lie between these or
    say something else of the same moments: then it is ``name (2)``. A source that was moved keeps its name,
    and so does one that goes on where another has ended.
    """
    names = store.description().origins
    if mark in names:
        return names[mark]
    for number in count(1):
        name = source.name if number == 1 else f"{source.name} ({number})"
        if name not in names.values():
            break  # also what an earlier version has stored: nobody knows where that lay
        of_name = {
            run: look for run, look in known.items() if run.startswith((f"{name}/", f"{name}#"))
        }
        aside = replace(source, name=name, clock=Clock(source.clock.zone))
        if isinstance(aside, SnapshotFolder):
            aside.known = {}  # reads those too that have not changed
        if not is_another(map(told, aside.looks()), of_name):
            break
    return name


def keep_name(store: Store, mark: str, name: str) -> None:
    """Note that the looks of the source with `mark` are kept under `name`."""
    description = store.description()
    if description.origins.get(mark) != name:
        store.describe(replace(description, origins={**description.origins, mark: name}))
