"""Places on disk: layout.csv, and layout.json that says what they were made from."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from streamergraph.atomic import write_csv, write_json
from streamergraph.audience_graph.graph import AudienceGraph
from streamergraph.audience_graph.stamps import stamp
from streamergraph.errors import StreamergraphError
from streamergraph.layout.settings import LayoutSettings

STEM = "layout"
LAYOUT_FILE = f"{STEM}.csv"
SCHEMA = {
    "streamer_id": pl.Int64,
    "x": pl.Float64,
    "y": pl.Float64,
    "radius": pl.Float64,
    "name": pl.String,
}


def write_layout(
    folder: Path,
    layout: pl.DataFrame,
    graph: AudienceGraph,
    *,
    settings: LayoutSettings,
    made_by: str = "layout",
    stem: str = STEM,
) -> None:
    """Write layout.csv, and layout.json: of which graph, by which verb and with which settings."""
    path = folder / f"{stem}.csv"
    write_csv(path, layout.columns, layout.iter_rows())
    facts = stamp(graph, made_by=made_by, file=path)
    write_json(folder / f"{stem}.json", {"algorithm": "ForceAtlas2", **facts, **asdict(settings)})


def read_layout(folder: Path, *, stem: str = STEM) -> pl.DataFrame:
    """Read layout.csv; raises StreamergraphError where it is not there.

    Layouts of earlier versions have no column `name`: nobody's name is known there.
    """
    try:
        found = pl.read_csv(folder / f"{stem}.csv", infer_schema=False)
        if "name" not in found.columns:
            found = found.with_columns(name=pl.lit(None, pl.String))
        return found.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())
    except (OSError, pl.exceptions.PolarsError):
        raise StreamergraphError(
            folder, expected=f"{stem}.csv", found="none", remedy="make it with `layout`"
        ) from None


def read_layout_facts(folder: Path, *, stem: str = STEM) -> dict[str, Any]:
    """Read layout.json; empty where it is not there, as with layouts of earlier versions."""
    try:
        facts = json.loads((folder / f"{stem}.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def settings_of(facts: dict[str, Any]) -> LayoutSettings:
    """The settings by which a layout with these facts was made; defaults for what is not said."""
    defaults = asdict(LayoutSettings())
    return LayoutSettings(**{name: facts.get(name, value) for name, value in defaults.items()})
