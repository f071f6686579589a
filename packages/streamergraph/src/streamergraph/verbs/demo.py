"""The verb `demo`: everything on simulated data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streamergraph.verbs.paths import OutputFolder, checks_paths


@checks_paths
def demo(*, out: OutputFolder = Path("demo-graph"), seed: int = 0) -> dict[str, Any]:
    """Simulate a collector, then `run` on what it wrote; says how well communities were recovered.

    Parameters
    ----------
    out
        Folder of everything, the key of the demo included.
    seed
        Seed of the world.
    """
    import polars as pl

    from streamergraph.communities.comparison import normalized_mutual_information
    from streamergraph.communities.result import read_communities
    from streamergraph.events import say
    from streamergraph.verbs.run import run
    from streamergraph.verbs.simulate import simulate

    out = Path(out)
    simulate(
        out=out / "simulation",
        streamers=100,
        viewers=8000,
        communities=5,
        days=2,
        interval_minutes=5,
        seed=seed,
    )
    truth = out / "simulation" / "truth"
    facts = run(
        out / "simulation" / "snapshots",
        out=out,
        key=out / "key",
        timezone="UTC",
        bots=truth / "bots.csv",
        renames=truth / "renames.csv",
        bot_channels=20,
        raid_minutes=15,
        title="Simulated streamers by shared audience",
        # Two per cent hold the communities together, as the real graph is held.
        steps={"process": {"threshold": 2.0}},
    )
    planted = pl.read_csv(truth / "communities.csv").rename({"community": "planted"})
    old_names = pl.read_csv(truth / "renames.csv").rename({"old": "name", "new": "now"})
    planted = planted.join(old_names, on="name", how="left").with_columns(
        pl.coalesce("now", "name").alias("name")
    )
    found = read_communities(out / "view").labels.filter(pl.col("community") >= 0)
    both = found.join(planted, on="name")
    facts["normalized_mutual_information_with_planted"] = round(
        normalized_mutual_information(both["community"].to_numpy(), both["planted"].to_numpy()), 3
    )
    say(
        f"planted communities recovered: normalised mutual information "
        f"{facts['normalized_mutual_information_with_planted']} over {both.height} streamers"
    )
    say(f"open {out / 'view' / 'graph.html'}")
    return facts
