"""The files of a comparison: one JSON, tables of measures, classes and clips."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from twostream.atomic import write_csv, write_json
from twostream.evaluation.analysis_files import pairing_content
from twostream.evaluation.bootstrap import MEASURES
from twostream.evaluation.comparison import A, B, Comparison
from twostream.evaluation.engines import differing_arithmetic, engines_text, recorded_engines
from twostream.evaluation.split_results import measured_results


def comparison_content(run_a: Path, run_b: Path, comparison: Comparison) -> dict[str, Any]:
    """The comparison as JSON; accuracies are fractions of 1, differences B minus A."""
    runs = {A: run_a, B: run_b}
    engines = {name: recorded_engines(measured_results(run)) for name, run in runs.items()}
    found = comparison.resamples
    return {
        "protocol": comparison.protocol,
        "stream": comparison.stream,
        "clips": len(comparison.scores[A].ids),
        "source_videos": found.groups,
        **{
            name: {
                "run": str(run),
                **found.found[name].to_dict(),
                "intervals": found.intervals(name),
                "computed_by": engines_text(engines[name]),
            }
            for name, run in runs.items()
        },
        "B_minus_A": pairing_content(comparison.difference),
        "per_class": [asdict(row) for row in comparison.classes],
        "scored_alike": not differing_arithmetic(engines[A], engines[B]),
        "only_in_A": list(comparison.only_in_a),
        "only_in_B": list(comparison.only_in_b),
    }


def write_comparison(folder: Path, content: dict[str, Any], comparison: Comparison) -> None:
    """Write ``comparison.json``, ``measures.csv``, ``per_class.csv`` and ``clips.csv`` into `folder`."""
    write_json(folder / "comparison.json", content)
    found = comparison.resamples.found
    write_csv(
        folder / "measures.csv",
        ["measure", "A", "B", "difference", "low_95", "high_95", "share_not_above"],
        (
            [
                *(measure, float(getattr(found[A], measure)), float(getattr(found[B], measure))),
                *(told.difference, told.low, told.high, told.share_not_above),
            ]
            for measure in MEASURES
            for told in (comparison.difference.differences[measure],)
        ),
    )
    write_csv(
        folder / "per_class.csv",
        ["class", "clips", "A", "B", "difference", "only_A_right", "only_B_right"],
        (
            [r.name, r.clips, r.top1_a, r.top1_b, r.top1_b - r.top1_a, r.only_a, r.only_b]
            for r in comparison.classes
        ),
    )
    first = comparison.scores[A]
    predicted = {
        name: np.argsort(-scores.values, axis=1, kind="stable")[:, 0].tolist()
        for name, scores in comparison.scores.items()
    }
    write_csv(
        folder / "clips.csv",
        ["clip_id", "label", "A", "B"],
        (
            [
                *(clip_id, first.classes[int(first.labels[i])]),
                *(first.classes[predicted[name][i]] for name in (A, B)),
            ]
            for i, clip_id in enumerate(first.ids)
        ),
    )
