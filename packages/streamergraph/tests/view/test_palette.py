from __future__ import annotations

from streamergraph.view.palette import COMMUNITY_COLORS, OTHER, rgb


def test_three_dozen_communities_have_colours_of_their_own():
    colors = [*COMMUNITY_COLORS, OTHER]
    assert len(COMMUNITY_COLORS) == 36
    apart = [
        sum((a - b) ** 2 for a, b in zip(rgb(one), rgb(other), strict=True)) ** 0.5
        for k, one in enumerate(colors)
        for other in colors[:k]
    ]
    assert min(apart) > 24
