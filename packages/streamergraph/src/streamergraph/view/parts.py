"""Communities and places for a picture: those in its folder where they fit, else made and kept there.

What a person asked for by `communities` or `layout`, or changed in its file, is used where it fits
and never written over: what the picture lacks then stands beside it, in ``communities.view.csv`` and
``layout.view.csv``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

import polars as pl

from streamergraph.audience_graph.graph import AudienceGraph, graph_of
from streamergraph.audience_graph.stamps import VIEW, set_aside_edited, was_edited
from streamergraph.communities import result
from streamergraph.communities.naming import describe_communities
from streamergraph.communities.result import Communities
from streamergraph.layout import files as layout_files
from streamergraph.layout.placing import place_streamers
from streamergraph.layout.settings import LayoutSettings
from streamergraph.progress import step
from streamergraph.tables.weights import WEIGHTS, is_strength

COMMUNITIES = result.STEM, f"{result.STEM}.view"
LAYOUT = layout_files.STEM, f"{layout_files.STEM}.view"


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a picture needs beside its graph, and what is worth saying of how it came about."""

    communities: Communities
    layout: pl.DataFrame
    notes: tuple[str, ...]


class Standing(Enum):
    """What becomes of a file of an earlier call."""

    ABSENT = "there is none"
    FITS = "it is used"
    STALE = "it is written anew"
    ASKED_FOR = "it does not fit and is left alone, for somebody asked for it"


def parts_for(graph: AudienceGraph, folder: Path, *, weight: str | None, seed: int) -> Parts:
    """Communities and places of `graph` for the pictures in `folder`.

    A result fits if it was made from the graph with the same hash (and, where pictures made it, with
    the same settings). Where no `weight` was asked for, what a person made with another weight
    from the same tables fits too. Places made anew begin at those of the same streamers before.
    """
    communities, said = _communities(graph, folder, weight=weight, seed=seed)
    layout, also = _layout(graph, folder, weight=weight, seed=seed)
    return Parts(communities=communities, layout=layout, notes=(*said, *also))


def _communities(
    graph: AudienceGraph, folder: Path, *, weight: str | None, seed: int
) -> tuple[Communities, list[str]]:
    settings, stem = result.usual_settings(graph, seed=seed), COMMUNITIES[0]
    notes: list[str] = []
    for name in COMMUNITIES:
        stem, file = name, folder / f"{name}.csv"
        if not file.is_file():
            break
        kept = result.read_communities(folder, stem=name)
        same = result.settings_of(kept.facts) == settings
        standing = _standing(file, kept.facts, graph, weight=weight, same_settings=same)
        if standing is Standing.FITS:
            if was_edited(file, kept.facts):
                labels = kept.labels.select("streamer_id", "community")
                kept = replace(kept, described=describe_communities(graph.tables, labels))
            return kept, notes
        notes.append(_told(standing, file, folder / f"{COMMUNITIES[1]}.csv"))
        if standing is Standing.STALE:
            break
        if name == COMMUNITIES[0]:
            settings = result.settings_of(kept.facts)
    with step("communities"):
        found = result.find_communities(graph, settings)
    if stem == COMMUNITIES[1]:
        _make_way(folder, stem, notes)
    return result.write_communities(folder, found, graph, made_by=VIEW, stem=stem), notes


def _layout(
    graph: AudienceGraph, folder: Path, *, weight: str | None, seed: int
) -> tuple[pl.DataFrame, list[str]]:
    settings, stem = LayoutSettings(seed=seed), LAYOUT[0]
    notes: list[str] = []
    start = None
    for name in LAYOUT:
        stem, file = name, folder / f"{name}.csv"
        if not file.is_file():
            break
        kept = layout_files.read_layout(folder, stem=name)
        facts = layout_files.read_layout_facts(folder, stem=name)
        if not kept["streamer_id"].sort().equals(graph.tables.streamers["streamer_id"]):
            facts = {**facts, "graph": None}
        same = layout_files.settings_of(facts) == settings
        standing = _standing(file, facts, graph, weight=weight, same_settings=same)
        if standing is Standing.FITS:
            return kept, notes
        notes.append(_told(standing, file, folder / f"{LAYOUT[1]}.csv"))
        # Other settings for the same graph are to give another picture.
        start = kept if facts.get("graph") != graph.hash else None
        if standing is Standing.STALE:
            break
        if name == LAYOUT[0]:
            settings = layout_files.settings_of(facts)
    with step("layout"):
        placed = place_streamers(graph, settings, start=start)
    if stem == LAYOUT[1]:
        _make_way(folder, stem, notes)
    layout_files.write_layout(folder, placed, graph, settings=settings, made_by=VIEW, stem=stem)
    return placed, notes


def _standing(
    file: Path,
    facts: Mapping[str, Any],
    graph: AudienceGraph,
    *,
    weight: str | None,
    same_settings: bool,
) -> Standing:
    # Earlier versions did not say who made a file; with usual settings it is had again by the same call.
    asked_for = facts.get("made_by", VIEW if same_settings else "") != VIEW
    asked_for = asked_for or was_edited(file, facts)
    if facts.get("graph") == graph.hash and (asked_for or same_settings):
        return Standing.FITS
    if asked_for and weight is None and _fits_other_weight(facts, graph):
        return Standing.FITS
    return Standing.ASKED_FOR if asked_for else Standing.STALE


def _fits_other_weight(facts: Mapping[str, Any], graph: AudienceGraph) -> bool:
    column, overlaps = facts.get("weight"), graph.tables.overlaps
    if column not in WEIGHTS or column not in overlaps.columns:
        return False
    if overlaps.filter(~is_strength(column)).height:
        return False
    return graph_of(graph.tables, weight=column).hash == facts.get("graph")


def _told(standing: Standing, file: Path, beside: Path) -> str:
    if standing is Standing.STALE:
        return f"{file.name} was made from another graph or with other settings: made anew"
    return (
        f"{file.name} is of another graph; somebody asked for it, so it stays as it is, and those of "
        f"this picture are in {beside.name}, made with the same settings"
    )


def _make_way(folder: Path, stem: str, notes: list[str]) -> None:
    facts = layout_files.read_layout_facts(folder, stem=stem)
    aside = set_aside_edited(folder / f"{stem}.csv", facts)
    if aside is not None:
        notes.append(f"{stem}.csv had been changed; it is kept as {aside.name}")
