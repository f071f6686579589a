"""ForceAtlas2's parameters."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class LayoutSettings:
    """ForceAtlas2's parameters, with Gephi's names where it has them."""

    iterations: int = 300
    scaling: float = 2.0
    gravity: float = 1.0
    strong_gravity: bool = False
    weight_influence: float = 1.0
    linlog: bool = False
    dissuade_hubs: bool = False
    jitter_tolerance: float = 1.0
    seed: int = 1
