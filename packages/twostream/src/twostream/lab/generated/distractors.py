"""Things which move in the background and have nothing to do with the action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twostream.lab.generated.actions import ACTIONS, APPEARANCE_CLASSES, Prop
from twostream.lab.generated.keyframes import FloatArray
from twostream.lab.generated.painting import Picture
from twostream.lab.generated.props import paint_prop

_PROBABILITY = 0.12
_PROPS = [prop for name in APPEARANCE_CLASSES if (prop := ACTIONS[name].prop) is not None]


@dataclass(frozen=True)
class Distractor:
    """A prop that rolls, flies or slides through the background.

    `centres` is its path in pixels before the camera moves, shape (frames, 2), `turns` its turn in
    radians in every frame.

    >>> Distractor("parcel", np.zeros((3, 2)), np.zeros(3), 5.0).radius_px
    5.0
    """

    prop: Prop
    centres: FloatArray
    turns: FloatArray
    radius_px: float


def draw_distractors(
    rng: np.random.Generator, *, frames: int, width_px: int, height_px: int
) -> tuple[Distractor, ...]:
    """Draw none, one or two distractors, independently of the class.

    >>> len(draw_distractors(np.random.default_rng(0), frames=4, width_px=128, height_px=96)) <= 2
    True
    """
    drawn: list[Distractor] = []
    time = np.arange(frames) - frames / 2
    for _ in range(int(rng.binomial(2, _PROBABILITY))):
        radius = rng.uniform(0.025, 0.045) * width_px
        start = rng.uniform((0.0, 0.2), (1.0, 0.85)) * (width_px, height_px)
        speed = rng.normal(0.0, 0.008, 2) * (width_px, 0.5 * width_px)
        centres = start + speed * time[:, None]
        turns = rng.uniform(0, 6.3) + speed[0] / radius * time
        drawn.append(Distractor(_PROPS[rng.integers(len(_PROPS))], centres, turns, radius))
    return tuple(drawn)


def paint_distractors(
    canvas: Picture,
    distractors: Sequence[Distractor],
    textures: Mapping[Prop, Picture],
    index: int,
    *,
    offset: FloatArray,
) -> None:
    """Paint the distractors of frame `index` in place, for a camera moved by `offset` pixels.

    >>> canvas = np.zeros((20, 20, 3), np.uint8)
    >>> ball = Distractor("melon", np.full((1, 2), 10.0), np.zeros(1), 5.0)
    >>> white = {"melon": np.full((48, 48, 3), 255, np.uint8)}
    >>> paint_distractors(canvas, [ball], white, 0, offset=np.zeros(2))
    >>> canvas[10, 10].tolist()
    [255, 255, 255]
    """
    for thing in distractors:
        x, y = thing.centres[index] - 0.9 * offset
        paint_prop(
            canvas,
            thing.prop,
            textures[thing.prop],
            centre=(float(x), float(y)),
            radius_px=thing.radius_px,
            turn_radians=float(thing.turns[index]),
        )
