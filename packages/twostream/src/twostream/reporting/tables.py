"""The tables of the report as plain rows."""

from __future__ import annotations

import math
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

    Equal ones are all named, but for measures in which all streams are equal: there none is the best.
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
        columns = {m: [float(values[m]) for values in streams.values()] for m in measures}
        told_apart = [m for m in measures if not _equal(min(columns[m]), max(columns[m]))]
        for stream, values in streams.items():
            told = values.get("intervals") or {}
            equal = (m for m in told_apart if _equal(float(values[m]), max(columns[m])))
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


def _equal(one: float, other: float) -> bool:
    return math.isclose(one, other, abs_tol=1e-9)  # means of splits are rounded on their way


def marks_sentence(rows: Sequence[ResultRow]) -> str:
    """What the mark of the highest means in these rows, and how much of it chance may be.

    Empty where nothing is marked.
    """
    columns = [
        ([r for r in of_protocol if m in r.best], [r for r in of_protocol if m not in r.best], m)
        for protocol in dict.fromkeys(row.protocol for row in rows)
        for of_protocol in ([row for row in rows if row.protocol == protocol],)
        if len(of_protocol) > 1
        for m in of_protocol[0].values
    ]
    marked = [(first, others, m) for first, others, m in columns if first]
    if not marked:
        return ""
    text = "▸ marks the highest of a protocol"
    if any(len(first) > 1 for first, _, _ in marked):
        text += ", all of them where several are equal"
    if len(marked) < len(columns):
        text += ", and nothing where all are equal"
    doubtful = sum(
        any(_overlap(one, other, m) for one in first for other in others)
        for first, others, m in marked
    )
    if doubtful:
        text += (
            f"; in {doubtful} of {len(marked)} such columns its interval overlaps with that of a "
            "lower one, so that other videos may put that one first"
        )
    return f"{text}."


def _overlap(one: ResultRow, other: ResultRow, measure: str) -> bool:
    if measure not in one.intervals or measure not in other.intervals:
        return False
    (low, high), (from_, to) = one.intervals[measure], other.intervals[measure]
    return low <= to and from_ <= high


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
