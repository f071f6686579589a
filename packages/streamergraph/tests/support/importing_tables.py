"""Snapshot files to import, and the rows of a store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
from streamergraph.observations.schema import SCHEMAS
from streamergraph.observations.store import Store


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
