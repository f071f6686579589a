"""``RUN/analysis.json`` and the tables in ``RUN/analysis/<protocol>/``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from twostream.atomic import write_csv, write_json
from twostream.evaluation.analysis import Analysis
from twostream.evaluation.bootstrap import MEASURES, RESAMPLES
from twostream.evaluation.metrics import confusion_matrix, truth_ranks
from twostream.evaluation.paired import Pairing, difference_content

ANALYSIS_NAME = "analysis.json"
FOLDER_NAME = "analysis"
PAIRS_KEPT = 20
NOT_CALIBRATED = "not_calibrated"


def write_analyses(run: Path, analyses: Mapping[str, Analysis]) -> None:
    """Write the analyses of all protocols; tables of protocols that are not among them are removed."""
    folder = run / FOLDER_NAME
    for left in folder.iterdir() if folder.is_dir() else ():
        if left.is_dir() and left.name not in analyses:
            shutil.rmtree(left)
    for protocol, analysis in analyses.items():
        _write_tables(folder / protocol, analysis)
    content = {
        "intervals": f"95 %, {RESAMPLES} bootstrap resamples of source videos",
        "protocols": {name: _content(analysis) for name, analysis in analyses.items()},
    }
    write_json(run / ANALYSIS_NAME, content)


def are_analyses_current(run: Path) -> bool:
    """Whether ``analysis.json`` is there and of a version that calibrates chances only."""
    try:
        told = json.loads((run / ANALYSIS_NAME).read_text(encoding="utf-8"))
        return all(NOT_CALIBRATED in one for one in told["protocols"].values())
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return False


def _content(analysis: Analysis) -> dict[str, Any]:
    return {
        "clips": len(analysis.facts),
        "source_videos": analysis.resamples.groups,
        "fusion_minus_best_stream": [pairing_content(p) for p in analysis.fusion_gains],
        "per_class": [asdict(row) for row in analysis.classes],
        "per_tag": [asdict(row) for row in analysis.tags],
        "confused_pairs": {
            stream: [asdict(pair) for pair in pairs[:PAIRS_KEPT]]
            for stream, pairs in analysis.confusions.items()
        },
        "calibration": {s: asdict(found) for s, found in analysis.calibrations.items()},
        NOT_CALIBRATED: dict(analysis.no_chances),
    }


def pairing_content(pairing: Pairing) -> dict[str, Any]:
    """A pairing as JSON: the differences of all measures with their intervals, and clips won and lost."""
    return {
        "first": pairing.first,
        "second": pairing.second,
        "only_first_right": pairing.only_first_right,
        "only_second_right": pairing.only_second_right,
        **{measure: difference_content(found) for measure, found in pairing.differences.items()},
    }


def _write_tables(folder: Path, analysis: Analysis) -> None:
    streams = list(analysis.scores)
    gains = [s for s in streams if analysis.classes[0].gain.get(s) is not None]
    write_csv(
        folder / "per_class.csv",
        ["class", "clips", "source_videos", *streams, *(f"{s}_minus_spatial" for s in gains)],
        (
            [r.name, r.clips, r.source_videos, *r.top1.values(), *r.gain.values()]
            for r in analysis.classes
        ),
    )
    if analysis.tags:
        bounds = [f"{s}_{end}_95" for s in streams for end in ("low", "high")]
        write_csv(
            folder / "per_tag.csv",
            ["tag", "value", "clips", "source_videos", *streams, *bounds],
            (
                [r.tag, r.value, r.clips, r.source_videos, *r.top1.values()]
                + [end for interval in r.intervals.values() for end in interval]
                for r in analysis.tags
            ),
        )
    else:
        (folder / "per_tag.csv").unlink(missing_ok=True)
    write_pairings(folder / "fusion_minus_best_stream.csv", analysis.fusion_gains)
    for old in folder.glob("confusion_*.csv"):
        old.unlink()
    for stream, found in analysis.scores.items():
        counts = confusion_matrix(found.values, found.labels)
        write_csv(
            folder / f"confusion_{stream}.csv",
            ["true class", *found.classes],
            ([name, *row.tolist()] for name, row in zip(found.classes, counts, strict=True)),
        )
    write_csv(
        folder / "confused_pairs.csv",
        ["stream", "true_class", "recognised_as", "clips", "clips_of_true_class"],
        (
            [stream, pair.truth, pair.recognised_as, pair.clips, pair.clips_of_class]
            for stream, pairs in analysis.confusions.items()
            for pair in pairs
        ),
    )
    write_csv(
        folder / "calibration.csv",
        ["stream", "low", "high", "clips", "mean_confidence", "accuracy"],
        (
            [stream, b.low, b.high, b.clips, b.confidence, b.accuracy]
            for stream, found in analysis.calibrations.items()
            for b in found.bins
        ),
    )
    write_csv(
        folder / "clips.csv",
        [
            "clip_id",
            "label",
            "source_video",
            *(f"{s}_{column}" for s in streams for column in _told(s, analysis)),
        ],
        _clip_rows(analysis),
    )


def _told(stream: str, analysis: Analysis) -> Sequence[str]:
    """Columns of a stream in the table of clips; a score is called a probability only where it is one."""
    score = "score" if stream in analysis.no_chances else "probability"
    return ("prediction", score, f"{score}_of_truth", "rank_of_truth")


def write_pairings(path: Path, pairings: Iterable[Pairing]) -> None:
    """One row a pair of streams and measure."""
    write_csv(
        path,
        ["first", "second", "measure", "difference", "low_95", "high_95", "share_not_above"],
        (
            [p.first, p.second, m, d.difference, d.low, d.high, d.share_not_above]
            for p in pairings
            for m, d in ((measure, p.differences[measure]) for measure in MEASURES)
        ),
    )


def _clip_rows(analysis: Analysis) -> Iterable[Sequence[Any]]:
    first = next(iter(analysis.scores.values()))
    rows = np.arange(len(first.ids))
    columns: list[list[Any]] = []
    for found in analysis.scores.values():
        predicted = np.argsort(-found.values, axis=1, kind="stable")[:, 0]
        columns += [
            [found.classes[k] for k in predicted.tolist()],
            found.values[rows, predicted].tolist(),
            found.values[rows, found.labels].tolist(),
            (truth_ranks(found.values, found.labels) + 1).tolist(),
        ]
    for i, clip_id in enumerate(first.ids):
        truth = first.classes[int(first.labels[i])]
        yield [clip_id, truth, analysis.facts[i].group, *(column[i] for column in columns)]
