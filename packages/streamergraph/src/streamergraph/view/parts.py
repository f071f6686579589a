"""Communities and places for a picture: those in its folder if they fit, else made and kept there."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from streamergraph.communities.result import (
    LABELS_FILE,
    Communities,
    find_communities,
    read_communities,
    write_communities,
)
from streamergraph.layout.forceatlas2 import LayoutSettings
from streamergraph.layout.placing import LAYOUT_FILE, place_streamers, read_layout, write_layout
from streamergraph.progress import step
from streamergraph.tables.tables import Tables


def communities_for(tables: Tables, folder: Path, *, weight: str, seed: int) -> Communities:
    """Communities of exactly these streamers (same ids and names), read or found."""
    if (folder / LABELS_FILE).is_file():
        kept = read_communities(folder)
        ours = tables.streamers.select("streamer_id", "name").sort("streamer_id")
        if kept.labels.select("streamer_id", "name").sort("streamer_id").equals(ours):
            return kept
    with step("communities"):
        found = find_communities(tables, weight=weight, seed=seed)
    write_communities(folder, found)
    return found


def layout_for(tables: Tables, folder: Path, *, weight: str, seed: int) -> pl.DataFrame:
    """Places of exactly these streamers, read or made."""
    if (folder / LAYOUT_FILE).is_file():
        kept = read_layout(folder)
        if kept["streamer_id"].sort().equals(tables.streamers["streamer_id"].sort()):
            return kept
    with step("layout"):
        placed = place_streamers(tables, LayoutSettings(seed=seed), weight=weight)
    write_layout(folder, placed)
    return placed
