"""Which clips the report shows: chosen by rule, so that nobody chose them by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twostream.evaluation.metrics import right
from twostream.evaluation.paired import is_fusion, spoken
from twostream.evaluation.scores import ClipScores
from twostream.reporting.facts import RunFacts

PER_GROUP = 3
GUESSES = 3


@dataclass(frozen=True)
class Guess:
    """A class that a stream considers, with its probability."""

    name: str
    probability: float
    is_truth: bool


@dataclass(frozen=True)
class Verdict:
    """What one stream says of a clip: the likeliest classes, and the truth where it is not first."""

    stream: str
    right: bool
    guesses: tuple[Guess, ...]


@dataclass(frozen=True)
class ShownClip:
    """A clip of the gallery."""

    clip_id: str
    truth: str
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True)
class ClipGroup:
    """Clips shown for one reason; `rule` says how they were chosen, `candidates` out of how many."""

    title: str
    rule: str
    candidates: int
    clips: tuple[ShownClip, ...]


def choose_clips(facts: RunFacts) -> list[ClipGroup]:
    """Groups of up to `PER_GROUP` clips of the primary protocol, no clip twice.

    Within a group clips of different classes come first; groups without clips are left out.
    """
    shown = {stream: facts.shown[stream] for stream in facts.main}
    lead = shown[facts.lead]
    hits = {stream: right(scores.values, scores.labels) for stream, scores in shown.items()}
    hit = hits[facts.lead]
    truth = {name: _of_truth(scores) for name, scores in shown.items()}
    sure = lead.values.max(axis=1)
    fused = is_fusion(facts.lead)
    who = spoken(facts.lead)
    wanted: list[tuple[str, str, npt.NDArray[np.bool_], npt.NDArray[np.float32]]] = []
    if fused and {"spatial", "temporal"} <= set(shown):
        for mended, by, title in (
            ("spatial", "temporal", "Motion corrected appearance"),
            ("temporal", "spatial", "Appearance corrected motion"),
        ):
            rule = f"{mended} wrong, {by} and {who} right; largest gain in the true class's probability"
            wanted.append(
                (
                    title,
                    rule,
                    ~hits[mended] & hits[by] & hit,
                    truth[facts.lead] - truth[mended],
                )
            )
    best, worst = "Best: most sure and right", "Worst: most sure and wrong"
    wanted.append((best, f"{who} right; highest probability", hit, sure))
    wanted.append((worst, f"{who} wrong; highest probability", ~hit, sure))
    groups: list[ClipGroup] = []
    taken: set[int] = set()
    for title, rule, mask, order in wanted:
        picked = _pick(mask, order, lead.labels, taken)
        taken.update(picked)
        if picked:
            clips = tuple(_shown(facts, index) for index in picked)
            groups.append(ClipGroup(title, rule, int(mask.sum()), clips))
    return groups


def _pick(
    mask: npt.NDArray[np.bool_],
    order: npt.NDArray[np.float32],
    labels: npt.NDArray[np.int64],
    taken: set[int],
) -> list[int]:
    ranked = [int(i) for i in np.argsort(-order, kind="stable") if mask[i] and int(i) not in taken]
    seen: set[int] = set()
    first: list[int] = []
    others: list[int] = []
    for index in ranked:
        label = int(labels[index])
        (others if label in seen else first).append(index)
        seen.add(label)
    return (first + others)[:PER_GROUP]


def _shown(facts: RunFacts, index: int) -> ShownClip:
    lead = facts.shown[facts.lead]
    truth = int(lead.labels[index])
    verdicts = tuple(
        _verdict(stream, scores.classes, scores.values[index], truth)
        for stream, scores in facts.shown.items()
        if stream in facts.main
    )
    return ShownClip(lead.ids[index], lead.classes[truth], verdicts)


def _verdict(
    stream: str, classes: Sequence[str], scores: npt.NDArray[np.float32], truth: int
) -> Verdict:
    ranked = [int(i) for i in np.argsort(-scores, kind="stable")]
    named = ranked[: min(GUESSES, len(classes))]
    if truth not in named:
        named[-1] = truth
    guesses = tuple(Guess(classes[i], float(scores[i]), i == truth) for i in named)
    return Verdict(stream, ranked[0] == truth, guesses)


def _of_truth(scores: ClipScores) -> npt.NDArray[np.float32]:
    values: npt.NDArray[np.float32] = scores.values[np.arange(len(scores.ids)), scores.labels]
    return values
