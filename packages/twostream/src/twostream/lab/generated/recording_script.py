"""What happens when in a generated recording: actions of 1 to 8 seconds, and as much of nothing known.

Between actions the actor stands, fidgets, or holds a pose of an action still, with empty hands or with one
of the things that actions are done with: neither a pose nor a thing in the hand tells that an action goes
on, and only those that swing tell apart what is swung.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from twostream.lab.generated.actions import ACTIONS, FRAMES_PER_SECOND, Action, Prop
from twostream.lab.generated.keyframes import CHANNELS, FloatArray, KeyPose, pose_vector

SHORTEST_S, LONGEST_S = 1.0, 8.0
# An action often follows upon another one without a pause.
AT_ONCE = 0.2

_RAISED = ACTIONS["raise_arms"].keys
_MADE = (
    replace(ACTIONS["approach"], name="march", travel=0.0, context=None),
    Action(
        "flap_arms",
        tuple(
            KeyPose(phase, key.angles)
            for phase, key in zip((0.0, 0.25, 0.5, 0.75), (*_RAISED, _RAISED[1]), strict=True)
        ),
        cycles_per_second=(0.5, 0.9),
        context="pompoms",
    ),
    Action(
        "bow",
        (
            KeyPose(0.0, {}),
            KeyPose(
                0.5, {"lean": 62.0, "nod": 20.0, "left_arm_flex": 35.0, "right_arm_flex": 35.0}
            ),
        ),
        cycles_per_second=(0.4, 0.75),
    ),
)
LASTING: dict[str, Action] = {
    action.name: action
    for action in (
        *_MADE,
        *(one for one in ACTIONS.values() if one.cycles_per_second and not one.travel),
    )
}
"""The actions by name that can go on for seconds in one place."""

RECORDED = ("march", "flap_arms", "bow", "wave_fast", "swing_basketball", "swing_parcel")
"""Those that recordings are made of, two of which differ by the thing in the hand alone."""

_OF_CONTEXT: dict[str | None, Prop] = {"mitten": "mitten", "pompoms": "pompom"}
_HELD: dict[str, Prop | None] = {
    name: action.prop or _OF_CONTEXT.get(action.context) for name, action in LASTING.items()
}


@dataclass(frozen=True, kw_only=True)
class Activity:
    """Frames `first` to `end` (excluded) of a recording; `label` None for what is no action.

    `prop` is held in the right hand; `poses` (end - first, channels) are in degrees.
    """

    first: int
    end: int
    label: str | None
    prop: Prop | None
    poses: FloatArray

    @property
    def start_s(self) -> float:
        """When it begins, in seconds."""
        return self.first / FRAMES_PER_SECOND

    @property
    def end_s(self) -> float:
        """When it ends, in seconds."""
        return self.end / FRAMES_PER_SECOND


def draw_script(
    rng: np.random.Generator, *, seconds: float, classes: Sequence[str] = RECORDED
) -> tuple[Activity, ...]:
    """What happens in a recording, half of it actions, without a gap.

    No action follows upon itself.

    >>> script = draw_script(np.random.default_rng(0), seconds=60)
    >>> sum(one.end - one.first for one in script if one.label), script[-1].end
    (750, 1500)
    """
    total = round(seconds * FRAMES_PER_SECOND)
    lengths = _lengths(rng, total // 2)
    pauses = rng.uniform(SHORTEST_S, LONGEST_S, len(lengths) + 1)
    inner = pauses[1:-1]
    inner[rng.random(len(inner)) < AT_ONCE] = 0.0
    ends = np.rint(np.cumsum(pauses) / pauses.sum() * (total - sum(lengths))).astype(int)
    spans = np.diff(ends, prepend=0).tolist()
    script: list[Activity] = []
    previous, at = "", 0
    for index, span in enumerate(spans):
        label = str(rng.choice([name for name in classes if name != previous]))
        if span:
            script.append(_pause(rng, at, at + span, classes))
            at += span
        if index < len(lengths):
            script.append(_action(rng, at, at + lengths[index], label))
            at += lengths[index]
            previous = label
    return tuple(script)


def _lengths(rng: np.random.Generator, frames: int) -> list[int]:
    """Frames of each action, which are so many together."""
    shortest, longest = round(SHORTEST_S * FRAMES_PER_SECOND), round(LONGEST_S * FRAMES_PER_SECOND)
    lengths: list[int] = []
    while (left := frames - sum(lengths)) > longest:
        lengths.append(int(rng.integers(shortest, min(longest, left - shortest) + 1)))
    return [*lengths, left]


def _action(rng: np.random.Generator, first: int, end: int, label: str) -> Activity:
    action = LASTING[label]
    assert action.cycles_per_second is not None
    time = np.arange(end - first) / FRAMES_PER_SECOND
    speed = rng.uniform(*action.cycles_per_second)
    wobble = rng.uniform(0.0, 0.03) * np.sin(2 * np.pi * rng.uniform(0.4, 1.2) * time)
    poses = action.poses(rng.random() + speed * time + wobble)
    reach = rng.uniform(0.85, 1.12)
    middle = poses.mean(axis=0)
    return Activity(
        first=first,
        end=end,
        label=label,
        prop=_HELD[label],
        poses=middle + reach * (poses - middle) + _sway(rng, end - first),
    )


def _pause(rng: np.random.Generator, first: int, end: int, classes: Sequence[str]) -> Activity:
    """Standing, fidgeting, or a pose of an action that is held still."""
    frames = end - first
    like = str(rng.choice(list(classes)))
    still = pose_vector({})
    if rng.random() < 0.3:
        still = LASTING[like].poses(rng.random(1))[0]
    poses = still + _sway(rng, frames)
    if rng.random() < 0.4:
        poses = poses + _fidgeting(rng, frames)
    prop = _HELD[like] if rng.random() < 0.5 else None
    return Activity(first=first, end=end, label=None, prop=prop, poses=poses)


def _sway(rng: np.random.Generator, frames: int) -> FloatArray:
    """Nobody stands quite still, (frames, channels) in degrees."""
    time = np.arange(frames)[:, None]
    waves: FloatArray = rng.uniform(0.0, 2.0, len(CHANNELS)) * np.sin(
        rng.uniform(0.05, 0.2, len(CHANNELS)) * time + rng.uniform(0, 6.3, len(CHANNELS))
    )
    return rng.normal(0.0, 3.0, len(CHANNELS)) + waves


def _fidgeting(rng: np.random.Generator, frames: int) -> FloatArray:
    """Slow movements of all limbs that lead nowhere, (frames, channels) in degrees."""
    knots = max(2, frames // 20 + 2)
    targets = rng.normal(0.0, 9.0, (knots, len(CHANNELS)))
    at = np.linspace(0, knots - 1, frames)
    below = np.minimum(at.astype(int), knots - 2)
    share = at - below
    eased = (share * share * (3 - 2 * share))[:, None]
    moved: FloatArray = (1 - eased) * targets[below] + eased * targets[below + 1]
    return moved
