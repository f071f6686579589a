"""What all clips of one group share: the actor's body and clothes and the variants of props."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from twostream.lab.generated.painting import Picture
from twostream.lab.generated.skeleton import Proportions, draw_proportions
from twostream.lab.generated.textures import (
    CLOTH_PATTERNS,
    Colour,
    cloth,
    colour_of,
    draw_colour,
    draw_skin,
)


@dataclass(frozen=True)
class Look:
    """One actor: proportions, a piece of cloth or skin for every part of the body, hair.

    >>> draw_look(np.random.default_rng(0)).materials["shirt"].dtype
    dtype('uint8')
    """

    proportions: Proportions
    materials: Mapping[str, Picture]
    hair_length: float
    stool_colour: Colour
    carpet_colour: Colour


def draw_look(rng: np.random.Generator) -> Look:
    """Draw an actor: skin, hair, shirt with long or short sleeves, trousers or shorts, shoes.

    >>> sorted(draw_look(np.random.default_rng(1)).materials)[:3]
    ['forearm', 'hair', 'shin']
    """
    skin_colour, hair_colour = draw_skin(rng), draw_colour(rng, saturation=(0.1, 0.6)) * 0.42
    skin = cloth(rng, "plain", (skin_colour, skin_colour))
    shirt_colours = (draw_colour(rng), draw_colour(rng))
    pattern = str(rng.choice(CLOTH_PATTERNS))
    period = int(rng.integers(7, 14))
    sleeve_pattern = pattern if pattern in ("plain", "hoops", "checks") else "plain"
    sleeve = cloth(rng, sleeve_pattern, shirt_colours, columns=12, period_px=period)
    legs = (draw_colour(rng, saturation=(0.05, 0.6)) * 0.85, draw_colour(rng))
    trousers = cloth(rng, str(rng.choice(("plain", "plain", "stripes"))), legs, columns=12)
    shoe = draw_colour(rng) * 0.7
    materials = {
        "skin": skin,
        "hair": cloth(rng, "plain", (hair_colour, hair_colour)),
        "shirt": cloth(rng, pattern, shirt_colours, rows=44, columns=36, period_px=period),
        "sleeve": sleeve,
        "forearm": sleeve if rng.random() < 0.5 else skin,
        "thigh": trousers,
        "shin": trousers if rng.random() < 0.7 else skin,
        "shoe": cloth(rng, "plain", (shoe, shoe)),
    }
    return Look(
        proportions=draw_proportions(rng),
        materials=materials,
        hair_length=rng.uniform(0.0, 1.0),
        # Furniture has its colours, as trees are green: what goes with an action may be recognised.
        stool_colour=colour_of(rng.uniform(-10, 6), rng.uniform(0.75, 0.95), rng.uniform(0.6, 0.9)),
        carpet_colour=colour_of(rng.uniform(48, 60), rng.uniform(0.6, 0.9), rng.uniform(0.7, 0.95)),
    )
