"""A world to observe: streamers in communities, their habits, viewers and what they follow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

THEMES = (
    ("Just Chatting", "Music", "Talk Shows & Podcasts"),
    ("FIFA 22", "Sports", "Rocket League"),
    ("Fortnite", "VALORANT", "Apex Legends"),
    ("Minecraft", "Stardew Valley", "Terraria"),
    ("League of Legends", "Teamfight Tactics", "Dota 2"),
    ("Grand Theft Auto V", "Red Dead Redemption 2", "Cyberpunk 2077"),
    ("Dungeons & Dragons", "Chess", "Baldur's Gate 3"),
    ("Elden Ring", "Dark Souls III", "Hollow Knight"),
)
SYLLABLES = ("ba", "co", "di", "fe", "gu", "la", "mi", "no", "pa", "ri", "so", "tu", "ve", "zo")
ODD_NAMES = ('Quote"And,Comma', "Ünïcödé😀", "line\nbreak")


@dataclass(frozen=True, kw_only=True)
class World:
    """What is true behind the observations.

    Per streamer: `names`, `community` (int), `popularity` (mean audience, persons), `start_hour`
    and `duration_hours` of a day's stream. Per viewer: `logins`, `home` community. `follows[s]`:
    sorted viewer indices that may watch streamer `s`.
    """

    names: list[str]
    community: NDArray[np.int64]
    popularity: NDArray[np.float64]
    start_hour: NDArray[np.float64]
    duration_hours: NDArray[np.float64]
    logins: list[str]
    home: NDArray[np.int64]
    follows: list[NDArray[np.int64]]

    def theme(self, streamer: int) -> tuple[str, ...]:
        """The categories of a streamer's community."""
        return THEMES[int(self.community[streamer]) % len(THEMES)]


def make_world(
    *,
    streamers: int,
    viewers: int,
    communities: int,
    loyalty: float,
    rng: np.random.Generator,
) -> World:
    """Draw a world; `loyalty` is the share of a viewer's interest that stays at home (0 to 1).

    Audiences follow a Zipf-like law; each streamer's followers are drawn without replacement, from
    the home community with weight `loyalty` and from everywhere with the rest.
    """
    community = np.arange(streamers) % communities
    home = rng.integers(communities, size=viewers)
    rank = np.empty(streamers)
    rank[rng.permutation(streamers)] = np.arange(1, streamers + 1)
    largest = viewers / communities * 0.6
    popularity = np.maximum(largest / rank**0.5, min(60.0, largest))
    follows = []
    everywhere = (1 - loyalty) / viewers
    members = np.bincount(home, minlength=communities)
    for s in range(streamers):
        weight = np.full(viewers, everywhere)
        weight[home == community[s]] += loyalty / max(1, members[community[s]])
        count = min(viewers, max(5, round(float(popularity[s]))))
        chosen = rng.choice(viewers, size=count, replace=False, p=weight / weight.sum())
        follows.append(np.sort(chosen))
    names = [f"{_word(rng)}{s}" for s in range(streamers)]
    for s, name in zip(range(1, streamers, max(1, streamers // 4)), ODD_NAMES, strict=False):
        names[s] = name
    return World(
        names=names,
        community=community,
        popularity=popularity,
        start_hour=rng.normal(20, 4, size=streamers) % 24,
        duration_hours=rng.uniform(1.5, 6, size=streamers),
        logins=[f"viewer_{_word(rng)}_{v:07d}" for v in range(viewers)],
        home=home,
        follows=follows,
    )


def _word(rng: np.random.Generator) -> str:
    return "".join(SYLLABLES[k] for k in rng.integers(len(SYLLABLES), size=3))
