"""What a preparation did, for people and programs."""

from __future__ import annotations

from dataclasses import dataclass

from twostream.datasets.clips import Problem
from twostream.datasets.official import OfficialCheck


@dataclass(frozen=True)
class Preparation:
    """What `prepare` did: clips stored (of which `reused` were there), frames, problems, notes.

    `official` compares the whole data set with what is stated of it, where official lists were used.
    """

    dataset: str
    clips: int
    reused: int
    frames: int
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    official: OfficialCheck | None = None
