"""The verb `communities`: who shares an audience with whom, as groups."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamergraph.paths import path_or_none
from streamergraph.verbs.paths import InputPath, OutputFolder, checks_paths
from streamergraph.verbs.shared_options import GRAPH, helped_by

if TYPE_CHECKING:
    from streamergraph.audience_graph.graph import AudienceGraph
    from streamergraph.communities.result import Communities


@helped_by(GRAPH)
@checks_paths
def communities(
    tables: InputPath,
    *,
    out: OutputFolder,
    top: int | None = None,
    resolution: float | None = None,
    gephi_resolution: float | None = None,
    weight: str | None = None,
    min_size: int = 5,
    seed: int = 1,
    trials: int | None = None,
    seeds: int | None = None,
    compare: InputPath | None = None,
) -> dict[str, Any]:
    """Find communities (Leiden), name them, and say how stable they are.

    Parameters
    ----------
    out
        Folder for communities.csv and communities.json (and comparison.csv).
    resolution
        γ: larger, more communities. Default 1.
    gephi_resolution
        The same in Gephi's convention, 1/γ: smaller, more communities.
    min_size
        Smaller communities get no number.
    seed
        The same seed gives the same communities.
    trials
        How often to look for them; the best result is kept. Default: 10, of more than two million
        relations 1.
    seeds
        With how many other seeds to check stability. Default: 10, of more than two million relations 0.
    compare
        A folder with communities of another date, found before: which became which.
    """
    from dataclasses import replace

    from streamergraph.audience_graph.files import read_graph
    from streamergraph.audience_graph.stamps import set_aside_edited
    from streamergraph.communities.dates import compare_dates, write_comparison
    from streamergraph.communities.result import (
        LABELS_FILE,
        find_communities,
        read_communities,
        usual_settings,
        write_communities,
    )
    from streamergraph.errors import StreamergraphError
    from streamergraph.events import say

    tables, out, compare = Path(tables), Path(out), path_or_none(compare)
    if resolution is not None and gephi_resolution is not None:
        raise StreamergraphError(
            "--resolution",
            expected="one of --resolution and --gephi-resolution",
            found="both",
            remedy="leave one out",
        )
    if gephi_resolution is not None and gephi_resolution <= 0:
        raise StreamergraphError(
            "--gephi-resolution", expected="above 0", found=str(gephi_resolution), remedy="try 1"
        )
    for flag, value, least in (
        ("--trials", trials, 1),
        ("--seeds", seeds, 0),
        ("--min-size", min_size, 1),
    ):
        if value is not None and value < least:
            raise StreamergraphError(
                flag, expected=f"at least {least}", found=str(value), remedy="raise it"
            )
    before = read_communities(compare) if compare is not None else None
    graph = read_graph(tables, top=top, weight=weight, short=True)
    gamma = 1.0 if gephi_resolution is None else 1 / gephi_resolution
    usual = usual_settings(graph, seed=seed)
    settings = replace(
        usual,
        resolution=gamma if resolution is None else resolution,
        min_size=min_size,
        trials=usual.trials if trials is None else trials,
        seeds=usual.seeds if seeds is None else seeds,
    )
    if trials is None and settings.trials == 1:
        say("note: a graph of this size gets one trial; --trials 10 may find a little better ones")
    found = find_communities(graph, settings)
    if (out / LABELS_FILE).is_file():
        aside = set_aside_edited(out / LABELS_FILE, read_communities(out).facts)
        if aside is not None:
            say(f"note: {LABELS_FILE} had been changed; it is kept as {aside.name}")
    found = write_communities(out, found, graph)
    facts = found.facts
    say(graph.made)
    tell_communities(found, graph)
    if before is not None:
        comparison = compare_dates(before, found)
        write_comparison(out, comparison)
        facts["compared"] = comparison.facts
        say(
            f"{comparison.facts['streamers_in_both']} streamers in both; normalised mutual information "
            f"{comparison.facts['normalized_mutual_information']}; see {out / 'comparison.csv'}"
        )
        weights = comparison.facts["weight_before"], comparison.facts["weight_after"]
        if weights[0] != weights[1]:
            say(f"note: relations weighed by {weights[0]} before and by {weights[1]} now")
    return facts


def tell_communities(found: Communities, graph: AudienceGraph) -> None:
    """Print the communities that have a number, with what is known of each, or why none has."""
    from streamergraph.communities.result import why_no_communities
    from streamergraph.events import say, say_table

    if why := why_no_communities(graph, found):
        say(why)
        return
    facts = found.facts
    stable = facts["stability_adjusted_rand"]
    seeds = facts["stability_seeds"]
    said = f"stability over {seeds} other seeds {stable:.2f}" if seeds else "stability not checked"
    say_table(
        f"{facts['numbered']} communities of {facts['min_size']} or more; modularity "
        f"{facts['modularity']:.3f}, resolution {facts['resolution']:g}; {said}",
        ["", "streamers", "name", "stability"],
        [
            [c.community, c.size, c.name, facts["stability_of"].get(str(c.community), "")]
            for c in found.described
            if c.community >= 0
        ],
        numbers=(0, 1, 3),
    )
