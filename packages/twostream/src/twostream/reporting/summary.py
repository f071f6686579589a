"""The result in plain words, computed from the numbers and claiming no more than they do."""

from __future__ import annotations

import numpy as np

from twostream.reporting.facts import FUSION, RunFacts
from twostream.reporting.measures import right, sign_test

CERTAIN = 0.05
PROTOCOL_MEANINGS = {
    "one-frame": "the centre frame or flow stack of a clip alone",
    "whole-video": "the mean over every frame or flow stack of a clip",
}


def headline(facts: RunFacts) -> str:
    """One sentence: how many clips the lead stream recognises, and how that compares."""
    accuracies = facts.results["protocols"][facts.primary]
    share = float(accuracies[facts.lead]["top1"])
    hits, n = round(share * facts.n_test), facts.n_test
    who = "Fusion" if facts.lead == FUSION else f"The {facts.lead} stream"
    if n == 1:
        return f"{who} {'recognises' if hits else 'does not recognise'} the only test clip."
    sentence = f"{who} recognises {hits} of {n} test clips ({facts.primary})"
    if facts.lead != FUSION or not facts.trained:
        return sentence + "."
    best = better_stream(facts)
    points = 100 * (share - float(accuracies[best]["top1"]))
    name = "either single stream" if _tied(facts) else f"the better single stream ({best})"
    if abs(points) < 0.05:
        return f"{sentence}, as many as {name}."
    way = "more" if points > 0 else "fewer"
    return f"{sentence}, {_points(abs(points))} {way} than {name}."


def comparison(facts: RunFacts) -> str:
    """The same clips, pair by pair: what fusion mends and breaks, and whether chance explains it."""
    if facts.lead != FUSION or not facts.trained:
        return ""
    best = better_stream(facts)
    fused, single = right(facts.shown[FUSION]), right(facts.shown[best])
    mended, broken = int(np.sum(fused & ~single)), int(np.sum(single & ~fused))
    if mended == broken == 0:
        return f"On every clip fusion is right exactly where the {best} stream is."
    counts = (
        f"Clip by clip, fusion mends {_errors(mended)} of the {best} stream and makes "
        f"{broken or 'no'} new {'one' if broken == 1 else 'ones'}"
    )
    if mended == broken:
        return f"{counts}."
    p = sign_test(mended, broken)
    test = f"two-sided sign test, p {'< 0.001' if p < 0.001 else f'= {p:.3f}'}"
    if p < CERTAIN:
        return f"{counts} ({test})."
    return f"{counts}; chance alone could explain that ({test})."


def fusion_rule(facts: RunFacts) -> str:
    """How the streams were fused and why so; empty where there is no fusion."""
    rule = facts.results.get("fusion")
    if FUSION not in facts.streams or not isinstance(rule, dict):
        return ""
    weights = ", ".join(f"{s} {weight:g}" for s, weight in (rule.get("weights") or {}).items())
    text = str(rule.get("method", "")) + (f", weights {weights}" if weights else "")
    return f"{text}: {rule['reason']}" if rule.get("reason") else text


def guessing(facts: RunFacts) -> str:
    """What blind guessing would reach, to compare with."""
    return (
        f"Guessing blindly among {len(facts.classes)} classes would be right for "
        f"{100 / len(facts.classes):.1f} % of the clips."
    )


def better_stream(facts: RunFacts) -> str:
    """The single stream with the highest top-1 in the primary protocol; of equals, the first."""
    accuracies = facts.results["protocols"][facts.primary]
    return max(facts.trained, key=lambda stream: float(accuracies[stream]["top1"]))


def _tied(facts: RunFacts) -> bool:
    accuracies = facts.results["protocols"][facts.primary]
    shares = {float(accuracies[stream]["top1"]) for stream in facts.trained}
    return len(facts.trained) > 1 and len(shares) == 1


def _points(points: float) -> str:
    text = f"{points:.1f}".removesuffix(".0")
    return f"{text} percentage point{'' if text == '1' else 's'}"


def _errors(count: int) -> str:
    return f"{count or 'no'} error{'' if count == 1 else 's'}"
