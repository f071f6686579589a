"""Accuracy class by class and tag by tag, and what motion adds to appearance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twostream.evaluation.bootstrap import Interval, Part, resample
from twostream.evaluation.clip_facts import ACTIONS, TAGS, ClipFacts
from twostream.evaluation.metrics import right
from twostream.evaluation.scores import ClipScores

APPEARANCE = "spatial"


@dataclass(frozen=True, kw_only=True)
class ClassResult:
    """Top-1 of one class by stream, and by how much each other stream is above the spatial one."""

    name: str
    clips: int
    source_videos: int
    top1: dict[str, float]
    gain: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class TagResult:
    """Top-1 by stream on the clips whose `tag` is `value`, with 95 % intervals over source videos."""

    tag: str
    value: str
    clips: int
    source_videos: int
    top1: dict[str, float]
    intervals: dict[str, Interval]


def class_results(
    scores: Mapping[str, ClipScores], facts: Sequence[ClipFacts]
) -> list[ClassResult]:
    """Every class with test clips, in the order of the labels."""
    first = next(iter(scores.values()))
    hits = {stream: right(found.values, found.labels) for stream, found in scores.items()}
    results = []
    for label, name in enumerate(first.classes):
        chosen = np.flatnonzero(first.labels == label).tolist()
        if not len(chosen):
            continue
        top1 = {stream: float(hit[chosen].mean()) for stream, hit in hits.items()}
        others = [s for s in top1 if s != APPEARANCE] if APPEARANCE in top1 else []
        results.append(
            ClassResult(
                name=name,
                clips=len(chosen),
                source_videos=len({facts[i].group for i in chosen}),
                top1=top1,
                gain={stream: top1[stream] - top1[APPEARANCE] for stream in others},
            )
        )
    return results


def tag_results(scores: Mapping[str, ClipScores], facts: Sequence[ClipFacts]) -> list[TagResult]:
    """Every value of every meta tag, by tag and then the most frequent first; empty without tags.

    The first tag is the kind of action.
    """
    results = []
    for tag in (ACTIONS, *TAGS.values()):
        values = [fact.tags.get(tag) for fact in facts]
        counts = {value: values.count(value) for value in set(values) if value is not None}
        for value in sorted(counts, key=lambda v: (-counts[v], v)):
            chosen = [i for i, found in enumerate(values) if found == value]
            results.append(_tag_result(tag, value, chosen, scores, facts))
    return results


def _tag_result(
    tag: str,
    value: str,
    chosen: list[int],
    scores: Mapping[str, ClipScores],
    facts: Sequence[ClipFacts],
) -> TagResult:
    resamples = resample(
        [
            Part(
                scores={stream: found.values[chosen] for stream, found in scores.items()},
                labels=next(iter(scores.values())).labels[chosen],
                groups=[facts[i].group for i in chosen],
            )
        ]
    )
    return TagResult(
        tag=tag,
        value=value,
        clips=len(chosen),
        source_videos=resamples.groups,
        top1={stream: found.top1 for stream, found in resamples.found.items()},
        intervals={stream: resamples.interval(stream, "top1") for stream in scores},
    )
