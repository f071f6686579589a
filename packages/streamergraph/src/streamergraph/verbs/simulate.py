"""The verb `simulate`: snapshot files of a world whose communities are known."""

from __future__ import annotations

from pathlib import Path

from streamergraph.verbs.paths import OutputFolder, checks_paths


@checks_paths
def simulate(
    *,
    out: OutputFolder,
    streamers: int = 60,
    viewers: int = 4000,
    communities: int = 4,
    days: int = 2,
    interval_minutes: int = 5,
    bots: int = 12,
    raids: int = 6,
    renames: int = 2,
    loyalty: float = 0.8,
    seed: int = 0,
) -> dict[str, int]:
    """Write the snapshot files of a simulated collector, with its mishaps, and the truth beside them.

    Parameters
    ----------
    out
        Folder: OUT/snapshots and OUT/truth. All logins in it are invented.
    streamers
        How many streamers there are.
    viewers
        How many people watch.
    communities
        Groups of streamers who share viewers, of equal size.
    days
        Length of the window in days.
    interval_minutes
        Time between two snapshots in minutes.
    bots
        Accounts that sit in nearly every chat. Few streamers have fewer chats at one moment than the verb
        `bots` looks for by itself: give it --bot-channels 15.
    raids
        Times at which a streamer sends all viewers to another one.
    renames
        Streamers who change their login.
    loyalty
        Share of a viewer's interest that stays in the home community, 0 to 1.
    seed
        The same seed gives the same files.
    """
    from streamergraph.events import say
    from streamergraph.simulation.files import SimulationSettings, simulate_files

    out = Path(out)
    counts = simulate_files(
        out,
        SimulationSettings(
            streamers=streamers,
            viewers=viewers,
            communities=communities,
            days=days,
            interval_minutes=interval_minutes,
            bots=bots,
            raids=raids,
            renames=renames,
            loyalty=loyalty,
            seed=seed,
        ),
    )
    say(f"{out}: " + ", ".join(f"{count} {kind}" for kind, count in counts.items()))
    return counts
