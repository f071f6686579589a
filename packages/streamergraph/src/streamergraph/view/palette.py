"""Colours on dark ground: twelve communities that keep apart for common kinds of colour vision."""

from __future__ import annotations

# The hues of Okabe and Ito (Color Universal Design, 2008) lightened for a dark ground, then hues
# between them in other lightness. Names and the legend say the same in words.
COMMUNITY_COLORS = (
    "#56b4e9",
    "#f0a030",
    "#2fc494",
    "#f3e55a",
    "#ff7043",
    "#e59ac9",
    "#8f97ff",
    "#b9e66f",
    "#c28bf0",
    "#8fe0e0",
    "#d9b48f",
    "#ff9da4",
)
OTHER = "#848c99"
GROUND = "#0e1014"
INK = "#eceae6"
MUTED = "#a3a9b4"
EDGE_BETWEEN = "#5a6270"


def community_color(community: int) -> str:
    """The colour of a community; grey beyond the twelfth and for those without a number.

    >>> community_color(0), community_color(-1), community_color(12)
    ('#56b4e9', '#848c99', '#848c99')
    """
    inside = 0 <= community < len(COMMUNITY_COLORS)
    return COMMUNITY_COLORS[community] if inside else OTHER


def rgb(color: str) -> tuple[int, int, int]:
    """Red, green, blue, 0 to 255.

    >>> rgb("#ff8000")
    (255, 128, 0)
    """
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def mixed(color: str, ground: str, share: float) -> str:
    """`share` of `color` on `ground`.

    >>> mixed("#ffffff", "#000000", 0.5)
    '#808080'
    """
    parts = [
        round(share * a + (1 - share) * b) for a, b in zip(rgb(color), rgb(ground), strict=True)
    ]
    return "#" + "".join(f"{part:02x}" for part in parts)
