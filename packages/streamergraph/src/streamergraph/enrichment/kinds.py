"""Categories that are no games."""

from __future__ import annotations

from streamergraph.enrichment.normalizing import normalized

# Twitch's own categories without a game behind them, as of 2022; by normalised name.
NON_GAMES = frozenset(
    normalized(name)
    for name in (
        "Just Chatting", "Music", "Sports", "Art", "ASMR", "Talk Shows & Podcasts", "Special Events",
        "Virtual Casino", "Slots", "Poker", "Watch Parties", "Pools, Hot Tubs, and Beaches",
        "Food & Drink", "Fitness & Health", "Travel & Outdoors", "Science & Technology",
        "Software and Game Development", "Makers & Crafting", "Makers and Crafting", "Politics",
        "Beauty & Body Art", "Animals, Aquariums, and Zoos", "Crypto", "Retro", "I'm Only Sleeping",
        "Tabletop RPGs", "Co-working & Studying", "Miniatures", "LEGO & Brickbuilding",
        "Games + Demos", "Twitch Plays", "Stocks And Bonds", "IRL", "Bingo", "Chess",
        "Dungeons & Dragons", "Meet the Streamer", "Prime Gaming", "DJs",
    )
)  # fmt: skip


def kind_of(category: str, *, has_match: bool) -> str:
    """``game`` or ``non-game``; whatever was matched with a Steam title is a game.

    >>> kind_of("Just Chatting", has_match=False), kind_of("Elden Ring", has_match=False)
    ('non-game', 'game')
    """
    return "non-game" if normalized(category) in NON_GAMES and not has_match else "game"
