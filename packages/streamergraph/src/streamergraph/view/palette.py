"""Colours on dark and on light ground: communities that keep apart for common kinds of colour vision."""

from __future__ import annotations

from dataclasses import dataclass

# The hues of Okabe and Ito (Color Universal Design, 2008) lightened for a dark ground, then hues
# between them in other lightness. Names and the legend say the same in words.
BASE_COLORS = (
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


@dataclass(frozen=True, kw_only=True)
class Theme:
    """Ground, letters and quiet letters of a picture; `shade` is how much of a colour is left on it."""

    name: str
    ground: str
    ink: str
    muted: str
    shade: float

    def on_ground(self, color: str) -> str:
        """A colour of this module as it is drawn on this ground.

        >>> DARK.on_ground("#808080"), LIGHT.on_ground("#808080")
        ('#808080', '#5f5f5f')
        """
        return mixed(color, "#000000", self.shade)


DARK = Theme(name="dark", ground="#0e1014", ink="#eceae6", muted="#a3a9b4", shade=1.0)
LIGHT = Theme(name="light", ground="#fbfaf7", ink="#1b1d22", muted="#5b616c", shade=0.74)
THEMES = {theme.name: theme for theme in (DARK, LIGHT)}


def mixed(color: str, ground: str, share: float) -> str:
    """`share` of `color` on `ground`.

    >>> mixed("#ffffff", "#000000", 0.5)
    '#808080'
    """
    parts = [
        round(share * a + (1 - share) * b) for a, b in zip(rgb(color), rgb(ground), strict=True)
    ]
    return "#" + "".join(f"{part:02x}" for part in parts)


def rgb(color: str) -> tuple[int, int, int]:
    """Red, green, blue, 0 to 255.

    >>> rgb("#ff8000")
    (255, 128, 0)
    """
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


# The twelve, then darker, then paler ones of the same hues.
COMMUNITY_COLORS = (
    *BASE_COLORS,
    *(mixed(color, "#101010", 0.6) for color in BASE_COLORS),
    *(mixed(color, "#ffffff", 0.6) for color in BASE_COLORS),
)


def community_color(community: int) -> str:
    """The colour of a community; grey beyond the last of them and for those without a number.

    >>> community_color(0), community_color(-1), community_color(99)
    ('#56b4e9', '#848c99', '#848c99')
    """
    inside = 0 <= community < len(COMMUNITY_COLORS)
    return COMMUNITY_COLORS[community] if inside else OTHER
