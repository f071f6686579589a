"""Snapshot files to import, and the rows of a store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
from streamergraph.observations.schema import SCHEMAS
from streamergraph.observations.store import Store
from streamergraph.processing.process import Processed, process_store
from streamergraph.processing.settings import ProcessSettings
from streamergraph.verbs.import_observations import import_observations

FEW_THRESHOLDS = ProcessSettings(
    min_mean_viewers=0,
    min_mean_chatters=0,
    threshold=1.0,
    least_common_viewers=1,
    bot_channels=None,
)


def table(store: Store, name: str) -> pl.DataFrame:
    """All rows of one table of a store, sorted."""
    frames = [day.read(name, SCHEMAS[name]) for day in store.days()]
    return pl.concat(frames).sort(pl.all()) if frames else pl.DataFrame(schema=SCHEMAS[name])


def write(folder: Path, name: str, content: Any) -> Path:
    """Write one snapshot file."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def store_of(source: Path | str, folder: Path, **options: Any) -> Store:
    """Import a source into the store of a folder, under the key of that folder."""
    import_observations(source, out=folder / "store", key=folder / "key", **options)
    return Store.open(folder / "store")


def tables_of(source: Path | str, *, folder: Path | None = None, **options: Any) -> Processed:
    """What `process` makes of a source, with few thresholds; store and key are in `folder`.

    Default: beside the source.
    """
    folder = Path(source).parent if folder is None else folder
    return process_store(store_of(source, folder, **options), FEW_THRESHOLDS)
