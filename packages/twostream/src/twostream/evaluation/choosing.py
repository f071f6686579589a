"""Choosing the rule of `chosen`: flow gets weight where held-out training clips show a gain, else none.

The evidence is both streams' probabilities of clips that neither was trained on, none of them a test clip,
with their source videos. Three ways were considered: the weight with the best top-1 (`fusion-weighted`:
with a few dozen clips it follows single clips), stacking by a regression on both streams' scores (Ting and
Witten, 1999: more numbers than there are source videos), and this one, two numbers and a test:

- The product of both streams has two numbers: the weight of flow, and a temperature of the whole (Guo et
  al. 2017), drawn towards 1 where clips are few. Together they are a temperature for each stream. For every
  weight the temperature is the best one, so that no weight is taken because it makes humble streams surer.
- The weight is the one with the least loss on source videos other than the one that it is tried on; so
  every source video tells what flow would have done for one not seen.
- Flow has that weight if the mean gain in log-probability over source videos is above its standard error
  times Student's t for one side and 95 % (a paired test), and no fewer clips are right. Else none: then the
  classes are in the order in which frames alone have them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.evaluation.bootstrap import student_t_95
from twostream.evaluation.chosen import chosen_scores
from twostream.training.fusion_rule import FusionSpecification
from twostream.training.label_sets import losses_of_sets

Scores = npt.NDArray[np.float32]
Values = npt.NDArray[np.float64]
TEMPERATURES = tuple(float(2.0 ** (k / 4)) for k in range(-10, 9))
WEIGHTS = tuple(k / 20 for k in range(21))
# So many clips' worth of belief that a stream means what it says: its temperature is 1 without clips.
PRIOR_CLIPS = 4.0
LEAST_SOURCES = 4
SMALLEST = 1e-12


@dataclass(frozen=True)
class HeldOut:
    """Probabilities (n, C) of clips that neither stream learnt from, their labels and sources (n,).

    Where clips have several labels at once, `truth` (n, C) says which.
    """

    @property
    def multi_label(self) -> bool:
        """Whether each class is a label by itself."""
        return self.truth is not None

    def losses(self, scores: Scores) -> Values:
        """The loss (n,) in nats of probabilities (n, C) of the clips."""
        return losses_of(scores, self.labels, self.truth)

    def hits(self, scores: Scores) -> npt.NDArray[np.int64]:
        """Whether each clip (n,) is right; of several labels, how many of them are, by one half."""
        if self.truth is not None:
            right: npt.NDArray[np.bool_] = np.equal(np.greater_equal(scores, 0.5), self.truth)
            counts: npt.NDArray[np.int64] = right.sum(axis=1).astype(np.int64)
            return counts
        first: npt.NDArray[np.int64] = np.equal(scores.argmax(axis=1), self.labels).astype(np.int64)
        return first

    spatial: Scores
    temporal: Scores
    labels: npt.NDArray[np.int64]
    sources: tuple[str, ...]
    truth: npt.NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Choice:
    """A rule and what it was chosen on, as ``chosen.json`` keeps it."""

    rule: FusionSpecification
    evidence: dict[str, Any]


def choose_rule(held: HeldOut, *, told: str) -> Choice:
    """The rule that held-out clips speak for; `told` says in a phrase which clips they are.

    With fewer than four source videos nothing is shown, and flow has no weight.
    """
    rules = [_weighing(held, weight) for weight in WEIGHTS]
    losses = np.stack([_losses(held, rule) for rule in rules])
    by_source, sources = _means_by_source(losses, held.sources)
    weights = _weights_tried_on_others(by_source)
    gains = by_source[0] - by_source[weights, np.arange(len(sources))]
    hits = _net_hits(held, rules, dict(zip(sources, weights, strict=True)))
    mean, error = float(gains.mean()), _standard_error(gains)
    bound = student_t_95(len(sources) - 1) * error if len(sources) >= LEAST_SOURCES else np.inf
    best = int(by_source.mean(axis=1).argmin())
    gains_enough = mean > bound and hits >= 0 and best > 0
    evidence = {
        "clips": len(held.labels),
        "sources": len(sources),
        "gain": round(mean, 6),
        "standard_error": round(error, 6) if np.isfinite(error) else None,
        "clips_won": hits,
    }
    what = "labels of clips" if held.multi_label else "clips"
    numbers = (
        f"{mean:+.3f} nats a source video, standard error {error:.3f}, {hits:+d} {what}, on {told}"
        if np.isfinite(error)
        else f"{len(sources)} source videos: {told}"
    )
    if not gains_enough:
        reason = f"flow has no weight, because it shows no gain beyond chance ({numbers})"
        return Choice(replace(rules[0], reason=reason), evidence)
    reason = f"flow's weight has the least loss, a gain of {numbers}"
    return Choice(replace(rules[best], reason=reason), evidence)


def losses_of(
    scores: Scores, labels: npt.NDArray[np.int64], truth: npt.NDArray[np.bool_] | None
) -> Values:
    """The loss (n,) in nats of probabilities (n, C), by the labels (n,) or the sets of them (n, C)."""
    if truth is not None:
        return losses_of_sets(scores, truth, smallest=SMALLEST)
    of_truth = scores[np.arange(len(labels)), labels].astype(np.float64)
    losses: Values = -np.log(np.maximum(of_truth, SMALLEST))
    return losses


def best_temperature(
    scores: Scores,
    labels: npt.NDArray[np.int64],
    truth: npt.NDArray[np.bool_] | None = None,
) -> float:
    """The temperature by which probabilities (n, C) are the most honest, of those between 0.18 and 4.

    Minimises the mean loss of the clips and of PRIOR_CLIPS imagined ones that speak for 1.

    >>> best_temperature(np.float32([[1.0, 0.0], [0.5, 0.5]])[:0], np.array([], np.int64))
    1.0
    """

    def merit(temperature: float) -> float:
        rule = FusionSpecification(
            spatial_weight=1.0, spatial_temperature=temperature, multi_label=truth is not None
        )
        found = chosen_scores(scores, scores, rule)
        loss = float(losses_of(found, labels, truth).sum())
        return loss + PRIOR_CLIPS * float(np.log(temperature)) ** 2

    return min(TEMPERATURES, key=merit)


def _weighing(held: HeldOut, temporal_weight: float) -> FusionSpecification:
    """The product with this weight of flow, at the temperature that is best with it."""
    rule = FusionSpecification(
        spatial_weight=round(1.0 - temporal_weight, 10),
        pool="product",
        multi_label=held.multi_label,
    )
    fused = chosen_scores(held.spatial, held.temporal, rule)
    return replace(rule, temperature=best_temperature(fused, held.labels, held.truth))


def _losses(held: HeldOut, rule: FusionSpecification) -> Values:
    return held.losses(chosen_scores(held.spatial, held.temporal, rule))


def _means_by_source(losses: Values, sources: tuple[str, ...]) -> tuple[Values, list[str]]:
    """Mean losses (weights, sources) of the clips of each source video, and the names of these."""
    names, place = np.unique(np.asarray(sources, np.str_), return_inverse=True)
    counts = np.bincount(place)
    sums = np.stack([np.bincount(place, weights=row, minlength=len(names)) for row in losses])
    return sums / counts, [str(name) for name in names]


def _weights_tried_on_others(by_source: Values) -> npt.NDArray[np.intp]:
    """For each source video, the index of the weight with the least loss on all the others."""
    others = by_source.sum(axis=1, keepdims=True) - by_source
    best: npt.NDArray[np.intp] = others.argmin(axis=0)
    return best


def _net_hits(held: HeldOut, rules: list[FusionSpecification], weights: dict[str, Any]) -> int:
    """Clips that are right with the weight chosen on other source videos, less those right with none."""
    before = held.hits(held.spatial)
    total = 0
    of_clip = np.asarray([weights[source] for source in held.sources])
    for index in np.unique(of_clip):
        found = chosen_scores(held.spatial, held.temporal, rules[index])
        chosen = of_clip == index
        right = held.hits(found)
        total += int(right[chosen].sum()) - int(before[chosen].sum())
    return total


def _standard_error(gains: Values) -> float:
    if len(gains) < 2:
        return float("inf")
    return float(gains.std(ddof=1) / np.sqrt(len(gains)))
