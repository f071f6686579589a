"""The report of a run of several splits: all clips together or the mean, and every split."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twostream.datasets.names import counted
from twostream.errors import TwostreamError
from twostream.evaluation.analysis import Analysis, analyse
from twostream.evaluation.bootstrap import MEASURES
from twostream.evaluation.clip_facts import facts_of_run
from twostream.evaluation.paired import is_fusion, lead_of, spoken_first
from twostream.evaluation.per_class import ClassResult
from twostream.evaluation.results import RESULTS_NAME
from twostream.evaluation.sample_size import cautions_of
from twostream.evaluation.scores import load_scores
from twostream.evaluation.split_results import overall
from twostream.reporting.tables import ResultRow, result_rows


@dataclass(frozen=True, kw_only=True)
class SplitRow:
    """One stream and protocol: its accuracies over all splits, and top-1 of every split.

    `overall` is of all clips together or, where some are tested in several splits, the means. `mean` is the
    mean top-1 over the splits, `spread` its standard deviation, None where there are too few; `top1`
    holds None for a split that was not evaluated so.
    """

    overall: ResultRow
    mean: float | None
    spread: float | None
    top1: dict[str, float | None]


def read_split_results(run: Path) -> dict[str, Any] | None:
    """``results.json`` of a run of several splits; None where it is absent or of another kind."""
    try:
        results = json.loads((run / RESULTS_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    several = isinstance(results, dict) and {"splits", "mean"} <= results.keys()
    return results if several else None


def split_rows(results: dict[str, Any]) -> list[SplitRow]:
    """The rows of the mean, or of all clips together, in the order of the results."""
    spreads = (results.get("standard_deviation") or {}).get("protocols") or {}
    rows = []
    for row in result_rows(overall(results)["protocols"]):
        found = {
            split: one["protocols"].get(row.protocol, {}).get(row.stream, {}).get("top1")
            for split, one in results["splits"].items()
        }
        spread = spreads.get(row.protocol, {}).get(row.stream, {}).get(MEASURES[0])
        mean = (
            results["mean"]["protocols"].get(row.protocol, {}).get(row.stream, {}).get(MEASURES[0])
        )
        rows.append(SplitRow(overall=row, mean=mean, spread=spread, top1=found))
    return rows


@dataclass(frozen=True, kw_only=True)
class Together:
    """All clips of splits that test each of them once, in one protocol: what the scores of all say."""

    protocol: str
    lead: str
    analysis: Analysis

    @property
    def main(self) -> tuple[str, ...]:
        """The networks and the lead."""
        singles = (stream for stream in self.analysis.scores if not is_fusion(stream))
        return tuple(dict.fromkeys([*singles, self.lead]))

    @property
    def classes(self) -> list[ClassResult]:
        """Every class with test clips, the most accurate first."""
        return sorted(self.analysis.classes, key=lambda row: -row.top1[self.lead])


def together(run: Path, combined: dict[str, Any], *, lead: ResultRow) -> Together | None:
    """What the scores of all clips say; None where some are tested twice, or the scores are gone."""
    try:
        scores = load_scores(run / "scores" / f"{lead.protocol}.npz")
    except TwostreamError:
        return None
    told = combined.get("pooled")
    if told is None or lead.stream not in scores:
        return None
    if len(scores[lead.stream].ids) != told["n_test"]:
        return None
    known = facts_of_run(run, next(iter(combined["splits"].values())))
    return Together(
        protocol=lead.protocol,
        lead=lead.stream,
        analysis=analyse(scores, known),
    )


def lead_row(rows: list[SplitRow]) -> SplitRow:
    """The row that speaks for all: of the fusion, of whole videos."""
    chosen = next((r for r in rows if r.overall.protocol == "whole-video"), rows[0])
    of_protocol = [row for row in rows if row.overall.protocol == chosen.overall.protocol]
    name = lead_of([row.overall.stream for row in of_protocol])
    return next(row for row in of_protocol if row.overall.stream == name)


def headline(results: dict[str, Any], rows: list[SplitRow]) -> str:
    """What the lead stream comes to, and what so many test clips cannot tell."""
    lead = lead_row(rows)
    row = lead.overall
    who = spoken_first(row.stream)
    count = len(results["splits"])
    share = row.values["top1"]
    if "pooled" in results:
        pooled = results["pooled"]
        told = [_of_all_clips(who, row, pooled, count)]
    else:
        each = ", ".join(f"{100 * one:.1f}" for one in lead.top1.values() if one is not None)
        told = [
            f"{who} recognises {100 * share:.1f} % of the test clips ({row.protocol}), the mean of {count} "
            f"split{'' if count == 1 else 's'} ({each})."
        ]
    told += [f"{text[0].upper()}{text[1:]}." for text in cautions_of(overall(results))]
    return " ".join(told)


def _of_all_clips(who: str, row: ResultRow, pooled: dict[str, Any], count: int) -> str:
    share, n_test = row.values["top1"], pooled["n_test"]
    text = (
        f"{who} recognises {round(share * n_test)} of {n_test} clips, {100 * share:.1f} % "
        f"({row.protocol}): each is tested once, in the one of {count} splits that does not train on it"
    )
    if "top1" in row.intervals:
        low, high = (f"{100 * end:.0f}" for end in row.intervals["top1"])
        sources = counted(pooled["source_videos"], "source video")
        text += f". The 95 % interval over {sources} is {low} to {high} %"
    return f"{text}."
