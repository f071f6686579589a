"""The report of a run of several splits: their mean, and every split."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twostream.evaluation.bootstrap import MEASURES
from twostream.evaluation.results import RESULTS_NAME
from twostream.evaluation.sample_size import cautions_of
from twostream.reporting.tables import ResultRow, result_rows


@dataclass(frozen=True, kw_only=True)
class SplitRow:
    """One stream and protocol: the mean over the splits, its spread, and top-1 of every split.

    `spread` is the standard deviation over the splits, None where there are too few; `top1` holds None
    for a split that was not evaluated so.
    """

    mean: ResultRow
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
    """The rows of the mean, in the order of the results."""
    spreads = (results.get("standard_deviation") or {}).get("protocols") or {}
    rows = []
    for row in result_rows(results["mean"]["protocols"]):
        found = {
            split: one["protocols"].get(row.protocol, {}).get(row.stream, {}).get("top1")
            for split, one in results["splits"].items()
        }
        spread = spreads.get(row.protocol, {}).get(row.stream, {}).get(MEASURES[0])
        rows.append(SplitRow(mean=row, spread=spread, top1=found))
    return rows


def headline(results: dict[str, Any], rows: list[SplitRow]) -> str:
    """What the mean of the lead stream is, and what so many test clips cannot tell."""
    chosen = next((r for r in rows if r.mean.protocol == "whole-video"), rows[0]).mean.protocol
    of_protocol = [row for row in rows if row.mean.protocol == chosen]
    lead = next((r for r in of_protocol if r.mean.stream == "fusion"), of_protocol[-1])
    who = "Fusion" if lead.mean.stream == "fusion" else f"The {lead.mean.stream} stream"
    count = len(results["splits"])
    each = ", ".join(f"{100 * share:.1f}" for share in lead.top1.values() if share is not None)
    told = [
        f"{who} recognises {100 * lead.mean.values['top1']:.1f} % of the test clips ({chosen}), the mean "
        f"of {count} split{'' if count == 1 else 's'} ({each}).",
        *(f"{text[0].upper()}{text[1:]}." for text in cautions_of(results["mean"])),
    ]
    return " ".join(told)
