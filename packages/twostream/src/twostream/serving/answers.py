"""The shapes of what is answered, for the description of the interface (OpenAPI)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass
class LabelScoreAnswer:
    """A class and its probability."""

    label: str
    score: float


@dataclass
class IntervalAnswer:
    """Where a class was seen, in seconds from the first frame."""

    label: str
    start_s: float
    end_s: float
    score: float


@dataclass
class PredictionAnswer:
    """What `predict --json` prints of a source: the best classes of each stream, and the intervals."""

    source: str
    spatial: list[LabelScoreAnswer]
    temporal: list[LabelScoreAnswer]
    fused: list[LabelScoreAnswer]
    intervals: list[IntervalAnswer]


@dataclass
class JobAnswer:
    """Where a job stands: `waiting`, `working`, `done` or `failed`, for the reason that is told."""

    id: str
    name: str
    state: str
    done_s: float
    """Seconds of the video that are looked at."""
    of_s: float
    """Seconds of the video; 0 where that is not known yet."""
    reason: str
    """Why it failed; empty where it did not."""
    status: int
    """The status that `/predict` would have answered."""
    notes: list[str]
    """What is to be known of the video and the result."""


@dataclass
class StreamExplanation:
    """Pictures of what a stream saw, and of where it looked, below `/jobs/{number}/explanations/`."""

    score: float
    layer: str
    picture: str
    map: str


@dataclass
class ExplanationAnswer:
    """A moment that is explained, by stream."""

    label: str
    start_s: float
    end_s: float
    streams: dict[str, StreamExplanation]


@dataclass
class HealthAnswer:
    """Whether requests are answered: `ok`, or `loading`."""

    status: str


@dataclass
class AboutAnswer:
    """What is served, and its limits."""

    run: str
    classes: list[str]
    streams: list[str]
    limits: dict[str, float]
    examples: list[str]
    needs_token: bool


@dataclass
class Problem:
    """Why a request was refused."""

    detail: str | list[Any]
