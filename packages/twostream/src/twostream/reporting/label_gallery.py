"""Which clips the report of several labels shows: the surest that are all right, and the worst."""

from __future__ import annotations

import numpy as np

from twostream.evaluation.label_measures import Thresholds, decisions, truth_of
from twostream.evaluation.scores import ClipScores
from twostream.reporting.facts import RunFacts
from twostream.reporting.gallery import PER_GROUP, ClipGroup, Guess, ShownClip, Verdict
from twostream.training.label_sets import losses_of_sets

GUESSES = 5
NOTHING = "(no label)"


def choose_label_clips(facts: RunFacts, thresholds: dict[str, Thresholds]) -> list[ClipGroup]:
    """Up to three clips whose labels are all right, and three that are not; other sets of labels first."""
    lead = facts.shown[facts.lead]
    truth = truth_of(lead)
    whole = (decisions(lead.values, thresholds[facts.lead]) == truth).all(axis=1)
    losses = losses_of_sets(lead.values, truth)
    groups = []
    for title, rule, mask, order in (
        (
            "Best: every label right, and most surely",
            f"by {facts.lead} every label is right; least loss",
            whole,
            losses,
        ),
        (
            "Worst: a label missed or said wrongly",
            f"by {facts.lead} some label is wrong; largest loss",
            ~whole,
            -losses,
        ),
    ):
        ranked = [int(k) for k in np.argsort(order, kind="stable") if mask[k]]
        firsts = list({int(lead.labels[k]): k for k in reversed(ranked)}.values())[::-1]
        picked = [*firsts, *(k for k in ranked if k not in firsts)][:PER_GROUP]
        if picked:
            clips = tuple(_shown(facts, k, thresholds) for k in picked)
            groups.append(ClipGroup(title, rule, int(mask.sum()), clips))
    return groups


def _shown(facts: RunFacts, k: int, thresholds: dict[str, Thresholds]) -> ShownClip:
    lead = facts.shown[facts.lead]
    held = [name for name, holds in zip(lead.classes, truth_of(lead)[k], strict=True) if holds]
    verdicts = tuple(
        _verdict(stream, facts.shown[stream], k, thresholds[stream]) for stream in facts.main
    )
    return ShownClip(lead.ids[k], " + ".join(held) or NOTHING, verdicts)


def _verdict(stream: str, scores: ClipScores, k: int, thresholds: Thresholds) -> Verdict:
    truth = truth_of(scores)[k]
    said = decisions(scores.values[k : k + 1], thresholds)[0]
    ranked = np.argsort(-scores.values[k], kind="stable")[:GUESSES]
    guesses = tuple(
        Guess(scores.classes[c], float(scores.values[k, c]), bool(truth[c]))
        for c in ranked.tolist()
    )
    return Verdict(stream, bool((said == truth).all()), guesses)
