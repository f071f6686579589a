"""What a server asks of its worker, and what comes back; nothing here loads what computes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from twostream.choices import LabelFormat

What = Literal["predict", "flow", "explain", "overlay", "labels"]


@dataclass(frozen=True, kw_only=True)
class Task:
    """Something to be done with one upload: the file `video`, told as `name`.

    `keep` is the folder for what is made of it; a prediction that is kept there can be asked for more.
    `timeline` and `top` are as in `predict`, None as the server was told; `to` is the format of labels.
    """

    what: What
    video: Path
    name: str
    keep: Path | None = None
    timeline: bool | None = None
    top: int | None = None
    to: LabelFormat | None = None


@dataclass(frozen=True, kw_only=True)
class Done:
    """What came of a task: its result, plain values; and what is to be told of it."""

    result: Any
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A task that cannot be done, for the reason that is told, and the HTTP status that says so."""

    status: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What a worker tells of the run when it is ready."""

    classes: tuple[str, ...]
    streams: tuple[str, ...]
    side_by_side: int
    description: str
