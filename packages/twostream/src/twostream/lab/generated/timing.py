"""How a clip runs through the phases of its action: tempo, holds, hesitation, direction of time."""

from __future__ import annotations

import numpy as np

from twostream.lab.generated.actions import FRAMES_PER_SECOND, Action
from twostream.lab.generated.keyframes import FloatArray

SHORTEST_CLIP_FRAMES = 26
LONGEST_CLIP_FRAMES = 34


def draw_phases(action: Action, rng: np.random.Generator) -> FloatArray:
    """Draw the phase of every frame of one clip of `action`, shape (26 to 34,).

    A pair of classes which differ in the direction of time draws from the same tracks, and one of
    them plays its track backwards: as sets of phases the two cannot be told apart. Cyclic tracks
    start anywhere, so that their phases are spread evenly at every speed.

    >>> from twostream.lab.generated.actions import ACTIONS
    >>> down, up = (draw_phases(ACTIONS[name], np.random.default_rng(3))
    ...             for name in ("sit_down", "stand_up"))
    >>> bool(np.all(down == up[::-1])), bool(down[-1] > down[0])
    (True, True)
    """
    frames = int(rng.integers(SHORTEST_CLIP_FRAMES, LONGEST_CLIP_FRAMES + 1))
    if action.cycles_per_second is None:
        track = _once(frames, rng)
    else:
        track = _cycles(frames, action.cycles_per_second, rng)
    return track[::-1].copy() if action.reversed_in_time else track


def _once(frames: int, rng: np.random.Generator) -> FloatArray:
    first, last = rng.uniform(-0.05, 0.22), rng.uniform(0.78, 1.05)
    begin, end = rng.uniform(0.0, 0.28), rng.uniform(0.72, 1.0)
    time = np.linspace(0.0, 1.0, frames)
    u = np.clip((time - begin) / (end - begin), 0.0, 1.0)
    eased = (1 - 0.7) * u + 0.7 * u * u * (3 - 2 * u)
    track = first + (last - first) * eased
    # A moment of hesitation: people rock back before they go on.
    rock = rng.uniform(0.0, 0.075) * np.sin(2 * np.pi * (rng.uniform(1, 3) * time + rng.random()))
    result: FloatArray = np.clip(track + rock, 0.0, 1.0)
    return result


def _cycles(frames: int, speeds: tuple[float, float], rng: np.random.Generator) -> FloatArray:
    cycles_per_second = rng.uniform(*speeds)
    time = np.arange(frames) / FRAMES_PER_SECOND
    wobble = rng.uniform(0.0, 0.03) * np.sin(2 * np.pi * (rng.uniform(0.4, 1.2) * time))
    result: FloatArray = rng.random() + cycles_per_second * time + wobble
    return result
