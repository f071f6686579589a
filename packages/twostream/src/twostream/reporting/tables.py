"""The tables of the report as plain rows, and their CSV files."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from twostream.atomic import write_text
from twostream.evaluation.metrics import confusion_matrix, truth_ranks
from twostream.reporting.facts import RunFacts
from twostream.reporting.measures import (
    class_accuracies,
    class_sizes,
    confused_pairs,
    wilson_interval,
)

MEASURES = ("top1", "top5", "mean_class")


@dataclass(frozen=True, kw_only=True)
class ResultRow:
    """Accuracies of one stream in one protocol; `best` names the measures in which it is highest."""

    protocol: str
    stream: str
    values: dict[str, float]
    best: frozenset[str]
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class ClassRow:
    """Top-1 of one class by stream (None where it has no test clips), and temporal - spatial."""

    name: str
    clips: int
    accuracies: dict[str, float | None]
    gain: float | None


def result_rows(facts: RunFacts) -> list[ResultRow]:
    """The numbers of ``results.json``, with the 95 % interval of top-1."""
    rows = []
    for protocol, streams in facts.results["protocols"].items():
        highest = {m: max(float(values[m]) for values in streams.values()) for m in MEASURES}
        for stream, values in streams.items():
            low, high = wilson_interval(float(values["top1"]), facts.n_test)
            equal = (m for m in MEASURES if float(values[m]) == highest[m] and len(streams) > 1)
            rows.append(
                ResultRow(
                    protocol=protocol,
                    stream=stream,
                    values={m: float(values[m]) for m in MEASURES},
                    best=frozenset(equal),
                    low=low,
                    high=high,
                )
            )
    return rows


def class_rows(facts: RunFacts) -> list[ClassRow]:
    """Every class with test clips, the largest gain of temporal over spatial first.

    With one stream the most accurate class comes first.
    """
    by_stream = {name: class_accuracies(scores) for name, scores in facts.shown.items()}
    sizes = class_sizes(facts.shown[facts.lead])
    rows = []
    for index, name in enumerate(facts.classes):
        if not sizes[index]:
            continue
        found = {stream: float(values[index]) for stream, values in by_stream.items()}
        both = "spatial" in found and "temporal" in found
        rows.append(
            ClassRow(
                name=name,
                clips=int(sizes[index]),
                accuracies={s: None if math.isnan(v) else v for s, v in found.items()},
                gain=found["temporal"] - found["spatial"] if both else None,
            )
        )
    return sorted(rows, key=lambda row: (-(row.gain or 0.0), -(row.accuracies[facts.lead] or 0.0)))


def write_tables(folder: Path, facts: RunFacts) -> None:
    """Write every table of the report below `folder` as CSV; accuracies are fractions of 1."""
    results = (
        [r.protocol, r.stream, facts.n_test, *r.values.values(), r.low, r.high]
        for r in result_rows(facts)
    )
    bounds = ["top1_low_95", "top1_high_95"]
    write_csv(folder / "results.csv", ["protocol", "stream", "clips", *MEASURES, *bounds], results)
    write_csv(
        folder / "per_class.csv",
        ["class", "clips", *facts.streams, "temporal_minus_spatial"],
        ([r.name, r.clips, *r.accuracies.values(), r.gain] for r in class_rows(facts)),
    )
    lead = facts.shown[facts.lead]
    counts = confusion_matrix(lead.values, lead.labels)
    write_csv(
        folder / "confusion.csv",
        ["true class", *facts.classes],
        ([name, *row.tolist()] for name, row in zip(facts.classes, counts, strict=True)),
    )
    write_csv(
        folder / "confused_pairs.csv",
        ["true_class", "recognised_as", "clips", "clips_of_true_class"],
        (
            [facts.classes[p.truth], facts.classes[p.predicted], p.count, p.total]
            for p in confused_pairs(lead)
        ),
    )
    write_csv(
        folder / "clips.csv",
        [
            *("clip_id", "protocol", "stream", "truth", "prediction", "right"),
            *("probability", "probability_of_truth", "rank_of_truth"),
        ],
        _clip_rows(facts),
    )


def _clip_rows(facts: RunFacts) -> Iterable[Sequence[Any]]:
    for protocol, streams in facts.scores.items():
        for stream, scores in streams.items():
            ranks = truth_ranks(scores.values, scores.labels)
            predicted = np.argsort(-scores.values, axis=1, kind="stable")[:, 0]
            for i, clip_id in enumerate(scores.ids):
                truth, found = int(scores.labels[i]), int(predicted[i])
                yield [
                    *(clip_id, protocol, stream, scores.classes[truth], scores.classes[found]),
                    "yes" if truth == found else "no",
                    float(scores.values[i, found]),
                    float(scores.values[i, truth]),
                    int(ranks[i]) + 1,
                ]


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write one CSV, atomically; fractions get six decimals, None an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow(f"{cell:.6f}" if isinstance(cell, float) else cell for cell in row)
    write_text(path, text.getvalue())
