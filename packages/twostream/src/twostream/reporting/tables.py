"""The tables of the report as plain rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twostream.evaluation.bootstrap import MEASURES, Interval
from twostream.evaluation.paired import Pairing
from twostream.evaluation.per_class import APPEARANCE, ClassResult
from twostream.reporting.facts import RunFacts

MOTION = "temporal"
MEASURE_NAMES = {"top1": "Top-1", "top5": "Top-5", "mean_class": "Mean class"}


@dataclass(frozen=True, kw_only=True)
class ResultRow:
    """Accuracies of one stream in one protocol; `best` names the measures in which it is highest.

    `intervals` lack measures for which the results tell none.
    """

    protocol: str
    stream: str
    values: dict[str, float]
    intervals: dict[str, Interval]
    best: frozenset[str]


def result_rows(
    protocols: Mapping[str, Mapping[str, Mapping[str, Any]]], *, measures: Sequence[str] = MEASURES
) -> list[ResultRow]:
    """The numbers of the ``protocols`` of ``results.json``, in its order."""
    rows = []
    for protocol, streams in protocols.items():
        highest = {m: max(float(values[m]) for values in streams.values()) for m in measures}
        for stream, values in streams.items():
            told = values.get("intervals") or {}
            equal = (m for m in measures if float(values[m]) == highest[m] and len(streams) > 1)
            rows.append(
                ResultRow(
                    protocol=protocol,
                    stream=stream,
                    values={m: float(values[m]) for m in measures},
                    intervals={m: (float(told[m][0]), float(told[m][1])) for m in told},
                    best=frozenset(equal),
                )
            )
    return rows


def told_protocols(facts: RunFacts) -> dict[str, dict[str, dict[str, Any]]]:
    """The protocols of the results; intervals that an older evaluation did not write are added."""
    told: dict[str, dict[str, dict[str, Any]]] = {}
    for protocol, streams in facts.results["protocols"].items():
        resamples = facts.analyses[protocol].resamples
        told[protocol] = {
            stream: {"intervals": resamples.intervals(stream), **values}
            for stream, values in streams.items()
        }
    return told


def pairings(facts: RunFacts) -> dict[str, list[Pairing]]:
    """Every fusion against the best single stream, by protocol; protocols without a fusion are absent."""
    found = {protocol: analysis.fusion_gains for protocol, analysis in facts.analyses.items()}
    return {protocol: rows for protocol, rows in found.items() if rows}


def class_rows(facts: RunFacts) -> list[ClassResult]:
    """Every class with test clips, the largest gain of temporal over spatial first.

    With one stream the most accurate class comes first.
    """
    lead = facts.lead
    return sorted(facts.analysis.classes, key=lambda r: (-r.gain.get(MOTION, 0.0), -r.top1[lead]))


def motion_series(streams: Sequence[str], lead: str) -> list[str]:
    """Whose gain over appearance is drawn: the temporal stream and the lead, where both streams are."""
    if APPEARANCE not in streams or MOTION not in streams:
        return []
    return list(dict.fromkeys([MOTION, lead]))
