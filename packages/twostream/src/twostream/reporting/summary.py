"""The result in plain words, computed from the numbers and claiming no more than they do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twostream.evaluation.chosen import CHOSEN
from twostream.evaluation.paired import FUSION, is_fusion, spoken, spoken_first
from twostream.evaluation.sample_size import cautions, untested_classes
from twostream.reporting.facts import RunFacts
from twostream.reporting.svg import signed

PROTOCOL_MEANINGS = {
    "one-frame": "the centre frame or flow stack of a clip alone",
    "whole-video": "the mean over every frame or flow stack of a clip",
    "25": "the mean over 25 evenly spaced frames or flow stacks",
    "25x10": "the mean over 25 evenly spaced frames or flow stacks, each in ten views (four corners "
    "and centre, mirrored too)",
}


def headline(facts: RunFacts) -> str:
    """How many clips the lead stream recognises, how that compares, and what it cannot tell."""
    return " ".join(
        [_found(facts), *(f"{text[0].upper()}{text[1:]}." for text in _cautions(facts))]
    )


def _cautions(facts: RunFacts) -> tuple[str, ...]:
    labels = facts.shown[facts.lead].labels
    return cautions(
        facts.n_test, untested_classes(facts.classes, labels), facts.analysis.resamples.groups
    )


def _found(facts: RunFacts) -> str:
    found = facts.analysis.resamples.found
    share = found[facts.lead].top1
    hits, n = round(share * facts.n_test), facts.n_test
    who = spoken_first(facts.lead)
    if n == 1:
        return f"{who} {'recognises' if hits else 'does not recognise'} the only test clip."
    sentence = f"{who} recognises {hits} of {n} test clips ({facts.primary})"
    if not is_fusion(facts.lead) or not facts.trained:
        return sentence + "."
    best = better_stream(facts)
    points = 100 * (share - found[best].top1)
    name = "either single stream" if _tied(facts) else f"the better single stream ({best})"
    if abs(points) < 0.05:
        return f"{sentence}, as many as {name}."
    way = "more" if points > 0 else "fewer"
    return f"{sentence}, {_points(abs(points))} {way} than {name}."


def comparison(facts: RunFacts) -> str:
    """The same clips, pair by pair: what fusion mends and breaks, and whether chance explains it."""
    pairings = [p for p in facts.analysis.fusion_gains if p.first == facts.lead]
    if not pairings or facts.n_test == 1:
        return ""
    told = pairings[0]
    mended, broken = told.only_first_right, told.only_second_right
    if mended == broken == 0:
        return f"On every clip {spoken(told.first)} is right exactly where the {told.second} stream is."
    top1 = told.differences["top1"]
    text = (
        f"Clip by clip, {spoken(told.first)} mends {_errors(mended)} of the {told.second} stream and makes "
        f"{broken or 'no'} new {'one' if broken == 1 else 'ones'}: {signed(top1.difference)} points, "
        f"95 % interval {signed(top1.low)} to {signed(top1.high)}"
    )
    if top1.low <= 0 <= top1.high:
        return f"{text}. The interval holds 0: chance alone could explain the difference."
    return f"{text}."


def fusion_rules(results: Mapping[str, Any]) -> dict[str, str]:
    """How each fusion was made and on what anything was chosen, by its name; empty where none is.

    >>> fusion_rules({"fusion": {"method": "average", "variants": {"fusion-svm": {"absent": "why"}}}})
    {'fusion': 'average', 'fusion-svm': 'not made: why'}
    """
    rule = results.get("fusion")
    if not isinstance(rule, dict):
        return {}
    variants = rule.get("variants")
    chosen = {CHOSEN: rule[CHOSEN]} if CHOSEN in rule else {}
    held = {FUSION: rule, **chosen, **(variants if isinstance(variants, dict) else {})}
    told = {name: _rule(one) for name, one in held.items() if isinstance(one, dict)}
    return {name: text for name, text in told.items() if text}


def _rule(rule: Mapping[str, Any]) -> str:
    if rule.get("absent"):
        return f"not made: {rule['absent']}"
    weights = rule.get("weights")
    text = str(rule.get("method", ""))
    if isinstance(weights, dict) and weights:
        text += ", weights " + ", ".join(f"{s} {weight:g}" for s, weight in weights.items())
    return f"{text}: {rule['reason']}" if rule.get("reason") else text


def guessing(n_classes: int) -> str:
    """What blind guessing would reach, to compare with."""
    return (
        f"Guessing blindly among {n_classes} classes would be right for "
        f"{100 / n_classes:.1f} % of the clips."
    )


def better_stream(facts: RunFacts) -> str:
    """The single stream with the highest top-1 in the primary protocol; of equals, the first."""
    found = facts.analysis.resamples.found
    return max(facts.trained, key=lambda stream: found[stream].top1)


def _tied(facts: RunFacts) -> bool:
    shares = {facts.analysis.resamples.found[stream].top1 for stream in facts.trained}
    return len(facts.trained) > 1 and len(shares) == 1


def _points(points: float) -> str:
    text = f"{points:.1f}".removesuffix(".0")
    return f"{text} percentage point{'' if text == '1' else 's'}"


def _errors(count: int) -> str:
    return f"{count or 'no'} error{'' if count == 1 else 's'}"
