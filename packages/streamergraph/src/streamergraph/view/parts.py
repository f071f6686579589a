"""Communities and places for a picture: those in its folder if they fit, else made and kept there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from streamergraph.communities.result import (
    LABELS_FILE,
    Communities,
    find_communities,
    read_communities,
    write_communities,
)
from streamergraph.layout.forceatlas2 import LayoutSettings
from streamergraph.layout.placing import (
    LAYOUT_FILE,
    place_streamers,
    read_layout,
    read_layout_facts,
    write_layout,
)
from streamergraph.progress import step
from streamergraph.tables.tables import Tables


def communities_for(tables: Tables, folder: Path, *, weight: str | None, seed: int) -> Communities:
    """Communities of exactly these streamers (same ids and names), read or found.

    Those in the folder do not fit if they were found for tables of another measure, or with
    another weight than the one asked for (None: none is).
    """
    if (folder / LABELS_FILE).is_file():
        kept = read_communities(folder)
        ours = tables.streamers.select("streamer_id", "name").sort("streamer_id")
        same = kept.labels.select("streamer_id", "name").sort("streamer_id").equals(ours)
        if same and _fits(kept.facts, tables, weight):
            return kept
    with step("communities"):
        found = find_communities(tables, weight=weight, seed=seed)
    write_communities(folder, found)
    return found


def layout_for(tables: Tables, folder: Path, *, weight: str | None, seed: int) -> pl.DataFrame:
    """Places of exactly these streamers, read or made; they fit as `communities_for` says."""
    if (folder / LAYOUT_FILE).is_file():
        kept = read_layout(folder)
        same = kept["streamer_id"].sort().equals(tables.streamers["streamer_id"].sort())
        if same and _fits(read_layout_facts(folder), tables, weight):
            return kept
    settings = LayoutSettings(seed=seed)
    with step("layout"):
        placed = place_streamers(tables, settings, weight=weight)
    write_layout(folder, placed, tables=tables, settings=settings, weight=weight)
    return placed


def _fits(kept: Mapping[str, Any], tables: Tables, weight: str | None) -> bool:
    # Earlier versions noted no measure: the overlap weighed unless another weight was asked for.
    if kept.get("measure", "overlap") != tables.facts.measure:
        return False
    return weight is None or kept.get("weight", "overlap_percent") == weight
